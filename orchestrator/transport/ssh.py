"""The fleet's front: asyncssh, one connection per host, many channels on it.

asyncssh reads ~/.ssh/config by itself (HostName, User, Port, IdentityFile, ProxyJump, ProxyCommand …). This file
is imported when the first host is dialled, not before: importing asyncssh takes a tenth of a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh

from orchestrator.model.errors import HostError, NodeFault, Unreachable
from orchestrator.model.secrets import plain
from orchestrator.transport.base import Address, Limits
from orchestrator.transport.handshake import hasten
from orchestrator.transport.hops import Hop
from orchestrator.transport.knock import Knock
from orchestrator.transport.limit import within
from orchestrator.transport.ramp import Ramp
from orchestrator.transport.ssh_channel import ERRORS, SshChannel, dropped
from orchestrator.transport.ssh_errors import translated
from orchestrator.transport.trust import HostKey, Policy, algorithms_for, policy_of

_END_S = 5.0
Warn = Callable[[str], None]


class SshFront:
    """base.Front over one SSH connection, and the connections to the bastions on the way.

    ``joining`` ends when the login has been judged. Channels may be opened before that, where the server takes them
    behind the login.
    """

    def __init__(self, limits: Limits) -> None:
        self.connections: list[asyncssh.SSHClientConnection] = []
        self.joining: asyncio.Task[None]
        self._limits = limits

    async def open(self, command: str) -> SshChannel:
        was_joined = self.joining.done()
        limit_s = self._limits.open_s + (0 if was_joined else self._limits.connect_s + self._limits.auth_s)
        try:
            async with within(limit_s, "the node opened no channel"):
                try:
                    return await self._opened(command)
                except ERRORS:
                    if was_joined:
                        raise
                    await self.joining  # says why there is no login; else the server did not like to be hurried
                    return await self._opened(command)
        except asyncssh.ChannelOpenError as error:
            if self.connections[-1].is_closed():
                raise dropped(error) from error
            hint = "sshd allows MaxSessions channels at once (10 by default)"
            raise NodeFault("the node opens no further channel", evidence=error.reason, hint=hint) from error
        except ERRORS as error:
            raise dropped(error) from error

    def key(self) -> str | None:
        shown = self.connections[-1].get_server_host_key() if self.connections else None
        return HostKey(shown.get_algorithm(), shown.public_data).fingerprint if shown else None

    async def _opened(self, command: str) -> SshChannel:
        connection = self.connections[-1]
        channel = SshChannel(connection)
        await connection.create_session(lambda: channel, command, encoding=None)
        return channel

    async def reach(self, host: str, port: int, timeout_s: float) -> str | None:
        try:
            async with asyncio.timeout(timeout_s):
                await self.joining
                _, writer = await self.connections[-1].open_connection(host, port, encoding=None)
        except TimeoutError:
            return f"no answer within {timeout_s:g} s"
        except asyncssh.ChannelOpenError as error:
            return error.reason
        except ERRORS as error:
            raise dropped(error) from error
        writer.close()
        return None

    async def close(self) -> None:
        self.joining.cancel()
        await asyncio.gather(self.joining, return_exceptions=True)
        for connection in reversed(self.connections):
            connection.close()
            try:
                async with asyncio.timeout(_END_S):
                    await connection.wait_closed()
            except (TimeoutError, *ERRORS):
                connection.abort()


async def dial(
    address: Address, limits: Limits, ramp: Ramp, warn: Warn = lambda text: None, begun: Knock | None = None
) -> SshFront:
    """A front to ``address``, its login done or on its way. Raises Unreachable, AccessDenied and IdentityError, each
    with what to do; where the login is still on its way, ``open`` does. ``begun``: its first connection, if any is."""
    knock = begun or Knock(address, limits, ramp)
    hops = knock.hops
    front, is_ahead = SshFront(limits), asyncio.get_running_loop().create_future()

    async def join() -> None:
        try:
            if begun is None:
                await knock.begin()
            for hop in hops:
                guard = Guard(policy_of(address), warn)
                if hop is hops[-1]:
                    guard.on_ahead = partial(_ahead, front, guard, is_ahead)
                before = [*front.connections]
                try:
                    connection = await _connect(hop, address, limits, before, guard, knock)
                except Unreachable as error:
                    if not guard.was_hurried_off() or isinstance(error.__cause__, TimeoutError):
                        raise  # a peer that has fallen silent is as silent to the patient
                    patient = Guard(guard.policy, warn, is_patient=True)
                    connection = await _connect(hop, address, limits, before, patient, knock)
                front.connections[:] = [*before, connection]
        finally:
            await knock.end()

    front.joining = asyncio.ensure_future(join())
    try:
        await asyncio.wait({front.joining, is_ahead}, return_when=asyncio.FIRST_COMPLETED)
        if front.joining.done():
            await front.joining
    except BaseException:
        await front.close()
        raise
    return front


def _ahead(front: SshFront, guard: Guard, is_ahead: asyncio.Future[None]) -> None:
    assert guard.connection is not None
    front.connections.append(guard.connection)
    if not is_ahead.done():
        is_ahead.set_result(None)


async def _connect(
    hop: Hop, address: Address, limits: Limits, before: list[asyncssh.SSHClientConnection], guard: Guard, knock: Knock
) -> asyncssh.SSHClientConnection:
    policy = guard.policy
    options = _options(hop, address, limits)
    entries = policy.store.known(hop.host, hop.port or 22)
    if not any(entry.marker == "@cert-authority" for entry in entries):
        options["server_host_key_algs"] = algorithms_for(entries)
    if before:
        options["tunnel"] = before[-1]
    slow = f"{hop} did not finish the handshake"
    line = None
    try:
        async with within(limits.connect_s + limits.auth_s, slow, Unreachable, "is it awake, and its network up?"):
            line = await knock.line()
            return await asyncssh.connect(
                hop.host,
                known_hosts=lambda host, addr, port: _known(policy, host, addr, port),
                client_factory=lambda: guard,
                sock=line,
                **options,
            )
    except (ValueError, *ERRORS) as error:
        methods = getattr(guard.connection, "offered", "")
        raise guard.refusal or translated(error, hop, was_greeted=guard.was_greeted(), methods=methods) from error
    finally:
        if line is not None and guard.connection is None:
            line.close()  # asyncssh did not come as far as taking it


def _options(hop: Hop, address: Address, limits: Limits) -> dict[str, Any]:
    """asyncssh's connection options; what is left out comes from ~/.ssh/config."""
    options: dict[str, Any] = {
        "connect_timeout": limits.connect_s,
        "login_timeout": limits.auth_s,
        "keepalive_interval": limits.keepalive_s,
        "keepalive_count_max": limits.keepalive_count - 1,  # the first that it waits for is not counted
        "agent_forwarding": False,
        "x11_forwarding": False,
    }
    if hop.port:
        options["port"] = hop.port
    if hop.user:
        options["username"] = hop.user
    if address.ssh_config:
        options["config"] = list(address.ssh_config)
    if address.key_files:
        options |= _keys(address)
    if address.key_passphrase is not None:
        options["passphrase"] = plain(address.key_passphrase)
    if hop.password is not None:
        options["password"] = plain(hop.password)
        if not address.key_files:  # else an agent full of keys uses up sshd's tries before it
            options["preferred_auth"] = ["password", "keyboard-interactive", "publickey"]
    return options


def _keys(address: Address) -> dict[str, Any]:
    """The named key files only, as with ``ssh -i`` and IdentitiesOnly; of the agent's keys just the same ones."""
    files = [Path(name).expanduser() for name in address.key_files]
    public = [str(beside) for file in files if (beside := file.with_name(f"{file.name}.pub")).exists()]
    if not public:
        return {"client_keys": list(map(str, files)), "agent_path": None}
    held = address.key_passphrase is None  # an encrypted key may be in the agent, opened
    return {"client_keys": list(map(str, files)), "agent_identities": public, "ignore_encrypted": held}


def _known(policy: Policy, host: str, addr: str, port: int | None) -> tuple[list[Any], list[Any], list[Any]]:
    """(keys, certificate authorities, revoked keys) for asyncssh."""
    found: dict[str, list[Any]] = {"": [], "@cert-authority": [], "@revoked": []}
    for entry in policy.store.known(host, port or 22, addr or None):
        try:
            key = asyncssh.import_public_key(entry.openssh())
        except asyncssh.KeyImportError:
            continue  # a type this library does not know cannot be what the host shows
        found.setdefault(entry.marker, []).append(key)
    return found[""], found["@cert-authority"], found["@revoked"]


class Guard(asyncssh.SSHClient):
    """Asked by asyncssh about keys that are not known; keeps the refusal, which asyncssh would shorten."""

    def __init__(self, policy: Policy, warn: Warn, *, is_patient: bool = False) -> None:
        self.policy = policy
        self._is_patient = is_patient
        self._warn = warn
        self.refusal: HostError | None = None
        self.connection: asyncssh.SSHClientConnection | None = None
        self.on_ahead: Callable[[], None] = lambda: None
        """Called when the login is on its way and channels may follow it."""

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self.connection = conn
        if not self._is_patient:
            self._is_patient = not hasten(conn, self.on_ahead)

    def was_hurried_off(self) -> bool:
        """Whether the server greeted, and left when it was hurried: it may take to the slow way."""
        return self.was_greeted() and not self._is_patient

    def was_greeted(self) -> bool:
        """Whether the server had shown its version."""
        return self.connection is not None and bool(self.connection.get_extra_info("server_version"))

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        shown = HostKey(key.get_algorithm(), key.public_data)
        try:
            warning = self.policy.judge(host, port, shown, addr or None)
        except HostError as refusal:
            self.refusal = refusal
            return False
        if warning:
            self._warn(warning)
        return True
