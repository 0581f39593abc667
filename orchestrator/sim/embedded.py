"""
The embedded SSH front of a simulated Mac: an asyncssh server on the loopback.

A command runs through `sh -c` in a session of its own, with the Mac's environment, and outlives a dropped connection, as
with OpenSSH: only its pipes close. Keys are those of the Mac's ~/.ssh/authorized_keys at that moment.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from pathlib import Path

import asyncssh

from orchestrator.sim.keys import authorized_blobs
from orchestrator.sim.mac import MacDir, SimMac, session_environment

_DRAIN_LIMIT_S = 5.0
_END_LIMIT_S = 5.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _Login(asyncssh.SSHServer):
    """Who may come in, and what they may forward."""

    def __init__(self, mac: SimMac, where: MacDir, allow_password: bool) -> None:
        self._mac = mac
        self._where = where
        self._allow_password = allow_password

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        blob = key.export_public_key().decode().split()[1]
        allowed = authorized_blobs(self._where.home / ".ssh" / "authorized_keys")
        return username == self._mac.user and blob in allowed

    def password_auth_supported(self) -> bool:
        return self._allow_password

    def validate_password(self, username: str, password: str) -> bool:
        return username == self._mac.user and password == self._mac.password

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return dest_host in _LOOPBACK


class EmbeddedFront:
    """One Mac's server. `port` is known once it is started."""

    def __init__(self, mac: SimMac, where: MacDir, host_key: Path, allow_password: bool = True) -> None:
        self.port = 0
        self._mac = mac
        self._where = where
        self._host_key = host_key
        self._allow_password = allow_password
        self._server: asyncssh.SSHAcceptor | None = None
        self._sessions = itertools.count(1)
        self._session_of: dict[int, str] = {}
        self._running: set[asyncio.Task[int]] = set()

    async def start(self, host: str, port: int = 0) -> None:
        """Listen."""
        self._server = await asyncssh.create_server(
            lambda: _Login(self._mac, self._where, self._allow_password),
            host,
            port,
            server_host_keys=[str(self._host_key)],
            process_factory=self._handle,
            sftp_factory=self._sftp,
            allow_scp=True,
            encoding=None,
            line_editor=False,
            server_version="OpenSSH_10.0",
        )
        self.port = self._server.get_port()

    async def stop(self) -> None:
        """Stop listening and close every connection; commands that still run are launchd's to end."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def finished(self) -> None:
        """Wait, within a limit, for the ends of commands that launchd has been told to end."""
        if self._running:
            await asyncio.wait(self._running, timeout=_END_LIMIT_S)

    def _sftp(self, channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return _HomeSFTP(channel, self._where.home)

    async def _handle(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """One session: start the command, join its pipes to the channel, and report its end."""
        # Our own pipes, so that nothing here ends the process when the connection is dropped.
        (stdin, feed), (drain_out, stdout), (drain_err, stderr) = os.pipe(), os.pipe(), os.pipe()
        try:
            child = await asyncio.create_subprocess_exec(
                "/bin/sh", *(["-c", process.command] if process.command else []),
                stdin=stdin, stdout=stdout, stderr=stderr, cwd=self._where.home,
                env=self._environment(process), start_new_session=True,
            )  # fmt: skip
        finally:
            for descriptor in (stdin, stdout, stderr):
                os.close(descriptor)
        ending = asyncio.create_task(child.wait())
        self._running.add(ending)
        ending.add_done_callback(self._running.discard)
        await process.redirect(
            os.fdopen(feed, "wb", 0), os.fdopen(drain_out, "rb", 0), os.fdopen(drain_err, "rb", 0), recv_eof=True
        )
        status = await asyncio.shield(ending)
        try:
            async with asyncio.timeout(_DRAIN_LIMIT_S):
                await process.wait_closed_output() if False else await _drained(process)
        except TimeoutError:
            pass
        if status < 0:
            process.exit_with_signal(_signal_name(-status))
        else:
            process.exit(status)

    def _environment(self, process: asyncssh.SSHServerProcess[bytes]) -> dict[str, str]:
        peer = process.get_extra_info("peername")
        own = process.get_extra_info("sockname")
        connection = id(process.channel.get_connection())
        session = self._session_of.setdefault(connection, f"ssh {next(self._sessions)}")
        accepted = {name: value for name, value in process.env.items() if name == "LANG" or name.startswith("LC_")}
        return {
            **session_environment(self._mac, self._where),
            **accepted,
            "SIM_SESSION": session,
            "SSH_CONNECTION": f"{peer[0]} {peer[1]} {own[0]} {own[1]}",
            "SSH_CLIENT": f"{peer[0]} {peer[1]} {own[1]}",
        }
