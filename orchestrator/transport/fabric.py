"""The hands-on front: Fabric over Paramiko, in threads. It gets along with servers that asyncssh does not.

Each blocking call runs in a thread of this front's own and comes back within half a second to see whether the channel
was closed meanwhile. Fabric trusts every host key by default; here it asks our trust store.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import fabric
import paramiko
from paramiko.ssh_exception import NoValidConnectionsError

from orchestrator.model.errors import ConnectionDropped, HostError, NodeFault, Unreachable
from orchestrator.model.secrets import plain
from orchestrator.transport.base import Address, Limits
from orchestrator.transport.hops import Hop, hops_of
from orchestrator.transport.limit import within
from orchestrator.transport.pulse import Pulse
from orchestrator.transport.ramp import Ramp
from orchestrator.transport.refusals import denied, unreachable
from orchestrator.transport.trust import HostKey, Policy, algorithms_for, policy_of

logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # its threads log tracebacks of what they raise as well

_TAIL_BYTES = 4096
_CHUNK = 256 * 1024
_TURN_S = 0.5
_END_S = 5.0
_THREADS = 24  # two for each of sshd's ten channels, and some for dialling and closing
_ERRORS = (OSError, EOFError, paramiko.SSHException)
T = TypeVar("T")
Warn = Callable[[str], None]


class Threads:
    """The threads of one front."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="fabric")

    async def do(self, work: Callable[[], T]) -> T:
        """``work`` in a thread; the library's errors come out as ConnectionDropped."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except _ERRORS as error:
            raise ConnectionDropped("the SSH connection broke", evidence=str(error) or type(error).__name__) from error

    async def call(self, work: Callable[[], T]) -> T:
        """``work`` in a thread, with the library's own errors."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def end(self) -> None:
        self._pool.shutdown(wait=False)


class FabricChannel:
    """A command on the node."""

    def __init__(self, channel: paramiko.Channel, threads: Threads) -> None:
        self._channel = channel
        self._threads = threads
        self._tail = b""
        channel.settimeout(_TURN_S)

    async def write(self, data: bytes) -> None:
        await self._threads.do(lambda: self._send(data))

    async def write_eof(self) -> None:
        await self._threads.do(self._channel.shutdown_write)

    async def read(self, size: int) -> bytes:
        return await self._threads.do(lambda: self._receive(size))

    def stderr_tail(self) -> bytes:
        self._keep_tail()
        return self._tail

    async def wait(self) -> int | None:
        await self._threads.call(lambda: self._channel.status_event.wait(_END_S))
        return (
            self._channel.exit_status if self._channel.exit_status_ready() and self._channel.exit_status >= 0 else None
        )

    def close(self) -> None:
        self._channel.close()

    def _send(self, data: bytes) -> None:
        sent = 0
        while sent < len(data):
            try:
                sent += self._channel.send(data[sent : sent + _CHUNK])
            except TimeoutError:
                self._check_line()
            except OSError:
                self._check_line()
                return  # the command has ended by itself: reading tells how

    def _receive(self, size: int) -> bytes:
        while True:
            self._keep_tail()  # stderr shares the channel's window: unread, it would stop stdout
            try:
                data = self._channel.recv(size)
            except TimeoutError:
                self._check_line()
                continue
            if not data:
                self._look_why()
            self._keep_tail()
            return data

    def _look_why(self) -> None:
        """An end without an exit status is a killed command or a broken line, which Paramiko notices a little later."""
        self._channel.status_event.wait(_END_S)
        deadline = time.monotonic() + _TURN_S
        while self._channel.exit_status < 0 and time.monotonic() < deadline:
            self._check_line()
            time.sleep(0.02)

    def _keep_tail(self) -> None:
        while self._channel.recv_stderr_ready():
            data = self._channel.recv_stderr(_TAIL_BYTES)
            if not data:
                return
            self._tail = (self._tail + data)[-_TAIL_BYTES:]

    def _check_line(self) -> None:
        transport = self._channel.get_transport()
        if not self._is_line_up():
            raise (transport and transport.get_exception()) or EOFError("no connection")

    def _is_line_up(self) -> bool:
        transport = self._channel.get_transport()
        return transport is not None and transport.is_active()


class FabricFront:
    """base.Front over one Fabric connection, and those to the bastions on the way."""

    def __init__(self, connections: list[fabric.Connection], limits: Limits, threads: Threads) -> None:
        self._connections = connections
        self._limits = limits
        self._threads = threads
        self._pulses: list[Pulse] = []
        self._key: str | None = None

    @property
    def connection(self) -> fabric.Connection:
        """The connection to the host itself."""
        return self._connections[-1]

    async def open(self, command: str) -> FabricChannel:
        async with within(self._limits.open_s, "the node opened no channel"):
            return FabricChannel(await self._threads.do(lambda: self._start(command)), self._threads)

    def stands(self) -> None:
        """A further connection, the last one, was made: from now on its peer is watched."""
        transport = self._transport()
        shown = transport.get_remote_server_key()
        self._key = HostKey(shown.get_name(), shown.asbytes()).fingerprint
        self._pulses.append(Pulse(transport, self._limits))

    def key(self) -> str | None:
        return self._key

    async def reach(self, host: str, port: int, timeout_s: float) -> str | None:
        def tunnel() -> None:
            kind, target, source = "direct-tcpip", (host, port), ("127.0.0.1", 0)
            self._transport().open_channel(kind, target, source, timeout=timeout_s).close()

        try:
            await self._threads.call(tunnel)
        except paramiko.ChannelException as error:
            return error.text
        except _ERRORS as error:
            if self._transport().is_active():
                return str(error) or f"no answer within {timeout_s:g} s"
            raise ConnectionDropped("the SSH connection broke", evidence=str(error)) from error
        return None

    async def close(self) -> None:
        def hang_up() -> None:
            for pulse in self._pulses:
                pulse.end()
            for connection in reversed(self._connections):
                connection.close()

        try:
            async with asyncio.timeout(_END_S):
                await self._threads.do(hang_up)
        except (TimeoutError, ConnectionDropped):
            return  # the line was gone already
        finally:
            self._threads.end()

    def _start(self, command: str) -> paramiko.Channel:
        try:
            channel = self._transport().open_session(timeout=self._limits.open_s)
            channel.exec_command(command)
        except paramiko.ChannelException as error:
            hint = "sshd allows MaxSessions channels at once (10 by default)"
            raise NodeFault("the node opens no further channel", evidence=error.text, hint=hint) from error
        return channel

    def _transport(self) -> paramiko.Transport:
        transport: paramiko.Transport | None = self._connections[-1].transport
        if transport is None:
            raise EOFError("no connection")
        return transport


class Guard(paramiko.MissingHostKeyPolicy):
    """Asked by Paramiko about every host key, as it is given none to compare with."""

    def __init__(self, hop: Hop, policy: Policy, warn: Warn) -> None:
        self._hop = hop
        self._policy = policy
        self._warn = warn

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        shown = HostKey(key.get_name(), key.asbytes())
        if warning := self._policy.judge(self._hop.host, self._hop.port or 22, shown):
            self._warn(warning)


async def dial(address: Address, limits: Limits, ramp: Ramp, warn: Warn = lambda text: None) -> FabricFront:
    """A front to ``address``. Raises Unreachable, AccessDenied and IdentityError, each with what to do."""
    hops, threads = hops_of(address), Threads()
    connections: list[fabric.Connection] = []
    front = FabricFront(connections, limits, threads)
    try:
        async with ramp.turn(hops[0].host, hops[0].port or 22, is_bastion=len(hops) > 1):
            for hop in hops:
                connections.append(_made(hop, address, limits, connections, warn))
                await _opened(connections[-1], hop, limits, front, threads)
    except BaseException:
        await front.close()
        raise
    return front


async def _opened(
    connection: fabric.Connection, hop: Hop, limits: Limits, front: FabricFront, threads: Threads
) -> None:
    slow = f"{hop} did not finish the handshake"
    try:
        async with within(limits.connect_s + limits.auth_s, slow, Unreachable, "is it awake, and its network up?"):
            await threads.call(connection.open)
        front.stands()
    except HostError:
        raise
    except (paramiko.AuthenticationException, paramiko.PasswordRequiredException) as error:
        raise denied(hop, str(error)) from error
    except NoValidConnectionsError as error:  # one error for each address of the name
        raise unreachable(next(iter(error.errors.values()), error), hop) from error
    except (ValueError, *_ERRORS) as error:
        raise unreachable(TimeoutError(str(error)) if _was_silent(error) else error, hop) from error


def _was_silent(error: Exception) -> bool:
    """Whether the server did not greet in time: Paramiko tells that like one that hung up, or goes on to the login."""
    return isinstance(error.__context__, TimeoutError) or str(error) == "No existing session"


def _made(hop: Hop, address: Address, limits: Limits, before: list[fabric.Connection], warn: Warn) -> fabric.Connection:
    """Not connected yet."""
    policy = policy_of(address)
    config = fabric.Config(overrides={"run": {"hide": True}}, lazy=True)
    connection = fabric.Connection(
        hop.host,
        user=hop.user,
        port=hop.port,
        config=config,
        gateway=before[-1] if before else None,
        connect_timeout=max(1, round(limits.connect_s)),
        connect_kwargs=_options(hop, address, limits, policy),
    )
    connection.client.set_missing_host_key_policy(Guard(hop, policy, warn))
    return connection


def _options(hop: Hop, address: Address, limits: Limits, policy: Policy) -> dict[str, Any]:
    """Paramiko's connect arguments."""
    options: dict[str, Any] = {
        "banner_timeout": limits.connect_s,
        "auth_timeout": limits.auth_s,
        "channel_timeout": limits.open_s,
    }
    if address.key_files:
        names = [str(Path(name).expanduser()) for name in address.key_files]
        options |= {"key_filename": names, "look_for_keys": False, "allow_agent": False}
    if address.key_passphrase is not None:
        options["passphrase"] = plain(address.key_passphrase)
    if hop.password is not None:
        options["password"] = plain(hop.password)
        options |= {} if address.key_files else {"look_for_keys": False, "allow_agent": False}
    algorithms = algorithms_for(policy.store.known(hop.host, hop.port or 22))

    def transport(*args: Any, **kwargs: Any) -> paramiko.Transport:
        made = paramiko.Transport(*args, **kwargs)
        made.get_security_options().key_types = algorithms
        return made

    options["transport_factory"] = transport
    return options
