"""One host, hands on, over Fabric: a shell on a terminal, and ports of the node brought to this machine's loopback."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import fabric
from invoke.exceptions import UnexpectedExit

from orchestrator.model.errors import UserError
from orchestrator.model.frozen import frozen
from orchestrator.transport import fabric as front
from orchestrator.transport.base import Address, Limits
from orchestrator.transport.ramp import Ramp

_LOOPBACK = "127.0.0.1"
_LISTENS_S = 2.0

_FORWARD = re.compile(
    r"(?P<local>\d{1,5})(:((?P<host>[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:]+\]):)?(?P<remote>\d{1,5}))?"
)


@frozen
class Forward:
    """A port here, and the address that the node sees behind it."""

    local: int
    remote_host: str
    remote: int

    def __str__(self) -> str:
        return f"127.0.0.1:{self.local} → {self.remote_host}:{self.remote}"


def forward_of(text: str) -> Forward:
    """What ``PORT``, ``PORT:REMOTE`` or ``PORT:HOST:REMOTE`` means. Raises UserError."""
    found = _FORWARD.fullmatch(text)
    ports = [int(found[name] or found["local"]) for name in ("local", "remote")] if found else []
    if found is None or not all(0 < port < 65536 for port in ports):
        raise UserError(f"{text!r} names no tunnel", hint="write PORT, PORT:REMOTE_PORT or PORT:HOST:REMOTE_PORT")
    return Forward(ports[0], (found["host"] or "127.0.0.1").strip("[]"), ports[1])


@contextmanager
def connected(address: Address, limits: Limits) -> Iterator[fabric.Connection]:
    """A connection in the calling thread's hands; host keys are judged as for any run. Raises HostErrors."""
    made = asyncio.run(front.dial(address, limits, Ramp()))
    try:
        yield made.connection
    finally:
        asyncio.run(made.close())


def shell(address: Address, limits: Limits) -> int:
    """An interactive shell on this terminal; its exit status."""
    with connected(address, limits) as connection:
        connection.config.run.hide = None  # what it prints is for the terminal
        try:
            return int(connection.shell().exited)
        except UnexpectedExit as ended:  # a shell that was left with another status than 0
            return int(ended.result.exited)


@contextmanager
def tunnelled(address: Address, limits: Limits, forward: Forward) -> Iterator[None]:
    """While it is entered, ``forward`` stands; it listens on the loopback only. Raises UserError: its port is taken."""
    if not _is_free(forward.local):
        raise UserError(f"port {forward.local} of this machine is taken", hint="write another one: PORT:REMOTE_PORT")
    with (
        connected(address, limits) as connection,
        connection.forward_local(forward.local, forward.remote, forward.remote_host, _LOOPBACK),
    ):
        until = time.monotonic() + _LISTENS_S
        while _is_free(forward.local) and time.monotonic() < until:  # Fabric listens in a thread, a moment later
            time.sleep(0.01)
        yield


def _is_free(port: int) -> bool:
    """Whether nobody listens on that port of the loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            return False
        return True
