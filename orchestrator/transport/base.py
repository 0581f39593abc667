"""The only seam to a machine.

A *front* can do one thing: start a command on the machine with three streams. A *connection* adds to it what every
machine then has: one standing shell per user, claims, large files, limits. The engine sees connections only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Protocol

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run
from orchestrator.model.secrets import Secret


@frozen(kw_only=True)
class Become:
    """Another user on the node: ``method`` sudo or su; the password goes in on stdin."""

    user: str = "root"
    method: str = "sudo"
    password: Secret | None = None
    flags: str = ""
    exe: str | None = None


_LIMITS = {
    "connecttimeout": "connect_s",
    "serveraliveinterval": "keepalive_s",
    "serveralivecountmax": "keepalive_count",
}


@frozen(kw_only=True)
class Limits:
    """How long each wait may take, in seconds (defaults: docs/reference/limits.md)."""

    connect_s: float = 10.0
    auth_s: float = 20.0
    open_s: float = 15.0
    idle_s: float = 120.0
    task_s: float = 600.0
    keepalive_s: float = 9.0
    keepalive_count: int = 3
    """A peer that is silent for their product is dead: within 30 s, with some to spare for a busy machine."""
    reconnect_s: float = 90.0
    """How long a broken line is dialled again while a task is out, before the host is given up."""
    output_bytes: int = 16 * 1024 * 1024

    def told(self, options: Iterable[tuple[str, str]]) -> Limits:
        """With what ssh options say (ssh_config(5)). A 0, which means "wait for ever" there, changes nothing."""
        said = {_LIMITS[name]: value for name, value in options if name in _LIMITS and value.isdigit() and int(value)}
        return replace(self, **{field: type(getattr(self, field))(value) for field, value in said.items()})


@frozen(kw_only=True)
class Address:
    """Where and as whom to connect; made from inventory variables and command-line flags."""

    name: str
    """The inventory's name of the host."""
    host: str = ""
    port: int = 22
    user: str | None = None
    password: Secret | None = None
    key_files: tuple[str, ...] = ()
    key_passphrase: Secret | None = None
    jump: str | None = None
    """``[user@]host[:port]``, several separated by commas."""
    known_hosts: tuple[str, ...] = ()
    host_key_checking: bool = True
    ssh_config: tuple[str, ...] = ()
    shell: str = "/bin/sh"
    tmp: str = "/tmp"  # noqa: S108 - the node's, see docs/design on the spool
    region: str = ""
    """Where the machine is, in the words of whoever runs the workers of a cluster."""
    directory: str = ""
    """Where commands on this very machine begin; empty: where we are. On others it is the user's home."""
    options: tuple[tuple[str, str], ...] = ()
    """Further ssh options by lower-case name, from ``-o`` in the ssh argument variables."""

    def shell_of(self, become: Become | None) -> str:
        """One word for a user's shell on this machine, the same in every process of a run: ``login@name:port/user``."""
        return f"{self.user or ''}@{self.name}:{self.port}/{become.user if become else ''}"


class Channel(Protocol):
    """A command at work on the machine."""

    async def write(self, data: bytes) -> None:
        """Queue ``data`` for the command's stdin; waits where the peer is slow. Raises ConnectionDropped."""
        ...

    async def write_eof(self) -> None: ...

    async def read(self, size: int) -> bytes:
        """At most ``size`` bytes of stdout, b"" at its end. Raises ConnectionDropped when the line broke."""
        ...

    def stderr_tail(self) -> bytes:
        """The last few KB of what the command wrote to stderr: evidence for messages, never parsed for results."""
        ...

    async def wait(self) -> int | None:
        """The command's exit status after its streams ended; None when no status came."""
        ...

    def close(self) -> None: ...


class Front(Protocol):
    """A way to start commands on one machine."""

    async def open(self, command: str) -> Channel:
        """Start ``command`` (a fixed shell line of ours, never holding a user's value)."""
        ...

    def key(self) -> str | None:
        """The fingerprint of the key that the host proved to have; None for this machine itself."""
        ...

    async def reach(self, host: str, port: int, timeout_s: float) -> str | None:
        """Open and close a TCP connection from the machine's side (a tunnel); None, or why not."""
        ...

    async def close(self) -> None: ...


class Connection(Protocol):
    """A machine, ready for programs. All methods may raise HostErrors, nothing else."""

    def approach(self) -> None:
        """Begin to dial: a call is about to come. What goes wrong is told to that call."""
        ...

    async def run(self, key: str, program: Run, become: Become | None = None, *, timeout_s: float) -> Reply:
        """Hand ``program`` over under ``key``: it runs at most once, however often this is called with that key."""
        ...

    def join(self, become: Become | None = None) -> None:
        """An earlier process of this run worked here as this user: ``close`` removes what it left."""
        ...

    def ahead(
        self, key: str, program: Run, become: Become | None = None, *, timeout_s: float, after: tuple[str, ...] = ()
    ) -> None:
        """Write ``program`` behind those at work, before anybody asks for its reply: ``run`` with this key will.
        Unless the programs with the keys ``after`` went well (exit status 0, and no failure told on fd 3), the node
        does not begin it, and ``run`` hands it over again."""
        ...

    async def halt(self) -> None:
        """Programs that were sent ahead and have not begun by now do not begin: ``run`` raises Behind for them."""
        ...

    async def forget(self, key: str, become: Become | None = None) -> None:
        """The result under ``key`` is safe in the journal: its claim may go, with some later program or at the end."""
        ...

    async def upload(self, chunks: AsyncIterator[bytes], path: str, become: Become | None = None) -> None:
        """Write a new file ``path`` (mode 0600) on a channel of its own."""
        ...

    def download(self, path: str, become: Become | None = None) -> AsyncIterator[bytes]:
        """The bytes of the file ``path``."""
        ...

    async def reset(self) -> None:
        """Drop standing shells and the line; the next call connects anew."""
        ...

    async def close(self) -> None:
        """Remove the spool and everything else of ours from the node, then hang up. Never raises."""
        ...
