"""
The embedded SSH front of a simulated Mac: an asyncssh server on the loopback.

A command runs through `sh -c` in a session of its own, with the Mac's environment, and outlives a dropped
connection, as with OpenSSH: only its pipes close. Keys are those of the Mac's ~/.ssh/authorized_keys at that moment.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from pathlib import Path

import asyncssh

from orchestrator.sim.keys import authorized_blobs
from orchestrator.sim.mac import MacDir, SimMac, session_environment
from orchestrator.sim.pipes import carry, feed

_DRAIN_LIMIT_S = 5.0
_END_LIMIT_S = 5.0
_CLOSE_LIMIT_S = 5.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _Login(asyncssh.SSHServer):
    """Who may come in, and what they may forward."""

    def __init__(self, front: EmbeddedFront) -> None:
        self._front = front
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._front.connected(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection:
            self._front.disconnected(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        blob = key.export_public_key().decode().split()[1]
        allowed = authorized_blobs(self._front.where.home / ".ssh" / "authorized_keys")
        return username == self._front.mac.user and blob in allowed

    def password_auth_supported(self) -> bool:
        return self._front.allow_password

    def validate_password(self, username: str, password: str) -> bool:
        return username == self._front.mac.user and password == self._front.mac.password

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return dest_host in _LOOPBACK


class EmbeddedFront:
    """One Mac's server. `port` is known once it is started."""

    def __init__(self, mac: SimMac, where: MacDir, host_key: Path, allow_password: bool = True) -> None:
        self.port = 0
        self.mac = mac
        self.where = where
        self.allow_password = allow_password
        self._host_key = host_key
        self._server: asyncssh.SSHAcceptor | None = None
        self._sessions = itertools.count(1)
        self._running: set[asyncio.Task[int]] = set()
        self._connections: set[asyncssh.SSHServerConnection] = set()

    async def start(self, host: str, port: int = 0) -> None:
        """Listen."""
        self._server = await asyncssh.create_server(
            lambda: _Login(self),
            host,
            port,
            server_host_keys=[str(self._host_key)],
            process_factory=self._handle,
            sftp_factory=self._sftp,
            allow_scp=True,
            encoding=None,
            line_editor=False,
        )
        self.port = self._server.get_port()

    async def stop(self) -> None:
        """Stop listening and close every connection; commands that still run are launchd's to end."""
        if self._server:
            self._server.close()
            self.drop_connections()
            try:
                async with asyncio.timeout(_CLOSE_LIMIT_S):
                    await self._server.wait_closed()
            except TimeoutError:
                pass
            self._server = None

    async def finished(self) -> None:
        """Wait, within a limit, for the ends of commands that launchd has been told to end."""
        if self._running:
            await asyncio.wait(self._running, timeout=_END_LIMIT_S)

    def connected(self, connection: asyncssh.SSHServerConnection) -> None:
        """Remember a connection and give it a security session of its own."""
        connection.set_extra_info(sim_session=f"ssh {next(self._sessions)}")
        self._connections.add(connection)

    def disconnected(self, connection: asyncssh.SSHServerConnection) -> None:
        self._connections.discard(connection)

    def drop_connections(self) -> None:
        """Cut every connection without a farewell, as a network failure does."""
        for connection in list(self._connections):
            connection.abort()

    def _sftp(self, channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return _HomeSFTP(channel, self.where.home)

    async def _handle(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """One session: start the command, join its pipes to the channel, and report its end."""
        (stdin, to_stdin), (from_stdout, stdout), (from_stderr, stderr) = os.pipe(), os.pipe(), os.pipe()
        try:
            child = await self._spawn(process, stdin, stdout, stderr)
        finally:
            for descriptor in (stdin, stdout, stderr):
                os.close(descriptor)
        ending = asyncio.create_task(child.wait())
        self._running.add(ending)
        ending.add_done_callback(self._running.discard)
        incoming = asyncio.create_task(feed(process.stdin, to_stdin, child.pid))
        outgoing = [
            asyncio.create_task(carry(from_stdout, process.stdout)),
            asyncio.create_task(carry(from_stderr, process.stderr)),
        ]
        closed = asyncio.create_task(process.wait_closed())
        try:
            await asyncio.wait([ending, closed], return_when=asyncio.FIRST_COMPLETED)
            if not closed.done():
                await asyncio.wait(outgoing, timeout=_DRAIN_LIMIT_S)
                _report(process, ending.result())
        finally:
            # Whatever still runs meets closed pipes, as under sshd; nothing here ends it.
            for task in (incoming, *outgoing, closed):
                task.cancel()
            await asyncio.wait([incoming, *outgoing, closed])

    async def _spawn(
        self, process: asyncssh.SSHServerProcess[bytes], stdin: int, stdout: int, stderr: int
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "/bin/sh", *(["-c", process.command] if process.command else []),
            stdin=stdin, stdout=stdout, stderr=stderr, cwd=self.where.home,
            env=self._environment(process), start_new_session=True,
        )  # fmt: skip

    def _environment(self, process: asyncssh.SSHServerProcess[bytes]) -> dict[str, str]:
        peer = process.get_extra_info("peername")
        own = process.get_extra_info("sockname")
        connection = process.channel.get_connection()
        session = connection.get_extra_info("sim_session")
        accepted = {name: value for name, value in process.env.items() if name == "LANG" or name.startswith("LC_")}
        return {
            **session_environment(self.mac, self.where),
            **accepted,
            "SIM_SESSION": session,
            "SSH_CONNECTION": f"{peer[0]} {peer[1]} {own[0]} {own[1]}",
            "SSH_CLIENT": f"{peer[0]} {peer[1]} {own[1]}",
        }


def _report(process: asyncssh.SSHServerProcess[bytes], status: int) -> None:
    """Tell the client how the command ended; `status` is negative for a signal."""
    if process.is_closing():
        return
    if status < 0:
        process.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
    else:
        process.exit(status)


class _HomeSFTP(asyncssh.SFTPServer):
    """Files of the host as the user who runs the simulation; relative paths start at the Mac's home."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], home: Path) -> None:
        super().__init__(channel)
        self._home = os.fsencode(home)

    def map_path(self, path: bytes) -> bytes:
        return os.path.join(self._home, path)
