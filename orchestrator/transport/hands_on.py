"""One host, hands on, over Fabric: a shell on a terminal, and ports of the node brought to this machine's loopback."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import fabric
import paramiko
from invoke.exceptions import ThreadException, UnexpectedExit

from orchestrator.model.errors import ConnectionDropped, UserError
from orchestrator.model.frozen import frozen
from orchestrator.transport import fabric as front
from orchestrator.transport.base import Address, Limits
from orchestrator.transport.ramp import Ramp

_LOOPBACK = "127.0.0.1"
_LISTENS_S = 2.0
_END_S = 5.0
_CHUNK = 32 * 1024

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
    """An interactive shell on this terminal; its exit status. As with ssh, it has no terminal where stdin is none, and
    ends where stdin does: a terminal on the node would never hear of that end. Raises ConnectionDropped."""
    with connected(address, limits) as connection:
        if sys.stdin is None or not sys.stdin.isatty():
            return _piped(connection.create_session(), address.name)
        connection.config.run.hide = None  # what it prints is for the terminal
        try:
            return int(connection.shell().exited)
        except UnexpectedExit as ended:  # a shell that was left with another status than 0
            return int(ended.result.exited)


def _piped(channel: paramiko.Channel, host: str) -> int:
    """A login shell whose three streams are this process's own; its exit status."""
    channel.invoke_shell()
    errors = threading.Thread(target=_copy, args=(channel.recv_stderr, 2), daemon=True)
    errors.start()
    threading.Thread(target=_feed, args=(channel,), daemon=True).start()  # it may wait for stdin for ever
    _copy(channel.recv, 1)
    errors.join(_END_S)
    if not channel.status_event.wait(_END_S) or channel.exit_status < 0:
        raise ConnectionDropped(f"the shell on {host} left no exit status", hint="the line broke, or it was killed")
    return int(channel.exit_status)


def _feed(channel: paramiko.Channel) -> None:
    """stdin to the channel, its end with it; a shell that has left first needs no more of it."""
    with suppress(OSError):
        while data := os.read(0, _CHUNK):
            channel.sendall(data)
    with suppress(OSError):
        channel.shutdown_write()


def _copy(read: Callable[[int], bytes], file: int) -> None:
    """What ``read`` gives, to an open file of this process, until it gives no more."""
    while data := read(_CHUNK):
        while data:
            data = data[os.write(file, data) :]


@contextmanager
def tunnelled(address: Address, limits: Limits, forward: Forward) -> Iterator[None]:
    """While it is entered, ``forward`` stands; it listens on the loopback only. Raises UserError: its port is taken."""
    if not _is_free(forward.local):
        raise UserError(f"port {forward.local} of this machine is taken", hint="write another one: PORT:REMOTE_PORT")
    standing = ExitStack()
    try:
        connection = standing.enter_context(connected(address, limits))
        standing.enter_context(connection.forward_local(forward.local, forward.remote, forward.remote_host, _LOOPBACK))
        until = time.monotonic() + _LISTENS_S
        while _is_free(forward.local) and time.monotonic() < until:  # Fabric listens in a thread, a moment later
            time.sleep(0.01)
        yield
    finally:
        _in_time(standing.close)


def _in_time(close: Callable[[], None]) -> None:
    """Calls ``close`` and waits for it, but not for ever: Fabric waits for its threads without a limit, and they end
    with the process. That a connection through the tunnel broke is for those to see who had it."""

    def closed() -> None:
        with suppress(ThreadException):
            close()

    closing = threading.Thread(target=closed, daemon=True)
    closing.start()
    closing.join(_END_S)


def _is_free(port: int) -> bool:
    """Whether nobody listens on that port of the loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            return False
        return True
