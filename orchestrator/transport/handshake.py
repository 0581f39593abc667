"""An SSH handshake that does not wait where it need not: four round trips to a running command instead of nine.

asyncssh, like ssh, waits for an answer before each further step. RFC 4253 and 4252 demand that of few of them, and a
server reads what follows from its buffer. So here

- KEXINIT goes out with the version line (RFC 4253, 4.2 and 7.1: neither waits for the other),
- the login request goes out behind the request for the login service, without asking for the methods first,
- a key that is the only one is used to sign at once, without asking whether it would do,
- the first channel and its command go out behind the login, to a server known to take that (OpenSSH reads packets one
  by one and numbers its channels from 0; an unsuccessful login answers them with UNIMPLEMENTED).

Of the ciphers, AES-GCM is preferred: a packet under ChaCha20 takes asyncssh four calls of the crypto library, and most
processors have instructions for AES.

Everything after KEXINIT leaves only once the key exchange has proved the host's key and it was found to be trusted:
``send_newkeys`` is called behind that check. What comes back is checked as ever.

This reaches into asyncssh, so it is tied to the versions it was tried with, and steps aside for others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncssh
from asyncssh.auth import _ClientPublicKeyAuth
from asyncssh.channel import SSHClientChannel
from asyncssh.constants import (
    MSG_IGNORE,
    MSG_USERAUTH_FAILURE,
    MSG_USERAUTH_LAST,
    MSG_USERAUTH_SUCCESS,
    OPEN_CONNECT_FAILED,
    OPEN_REQUEST_SESSION_FAILED,
)
from asyncssh.encryption import get_default_encryption_algs
from asyncssh.packet import String

TRIED = ("2.24.",)
"""Versions of asyncssh whose inner workings are known to fit."""

_SIGNS_SHA2 = "rsa-sha2-512"


def hasten(connection: asyncssh.SSHClientConnection, on_ahead: Callable[[], None]) -> bool:
    """Make a connection that has just been made, and has sent nothing yet, hurry. False where it stays as it is.

    ``on_ahead`` is called when the login is on its way and a channel may be opened behind it.
    """
    if not asyncssh.__version__.startswith(TRIED) or type(connection) is not asyncssh.SSHClientConnection:
        return False
    connection.__class__ = HastyConnection
    assert isinstance(connection, HastyConnection)
    connection.prepare(on_ahead)
    return True


class HastyConnection(asyncssh.SSHClientConnection):
    """A client's connection that writes ahead."""

    def prepare(self, on_ahead: Callable[[], None]) -> None:
        """Stands for ``__init__``: an object is taken over, not made."""
        self._on_ahead = on_ahead
        self._kexinit_is_out = False
        self._login_is_out = False
        self.is_ahead = False
        self.offered = ""
        if self._enc_algs == get_default_encryption_algs():  # nobody chose (`Ciphers` in ssh_config)
            self._enc_algs = sorted(self._enc_algs, key=lambda name: b"-gcm@" not in name)
        if self._client_keys and (self._preferred_auth or [b"publickey"])[0] != b"password":
            self._auth_methods = [b"publickey"]

    # ---- key exchange ----------------------------------------------------------------------------------------

    def _send_version(self) -> None:
        super()._send_version()
        self._send_kexinit()
        self._kexinit_is_out = True

    def _send_kexinit(self) -> None:
        if self._kexinit_is_out:  # the server's version has come, and asyncssh would begin now
            self._kexinit_is_out = False
            return
        super()._send_kexinit()

    # ---- login -----------------------------------------------------------------------------------------------

    def send_service_request(self, service: bytes) -> None:
        super().send_service_request(service)
        if not self._is_openssh():  # asyncssh's own server takes a login before its word as an attack, now and then
            return
        self._auth_in_progress = True
        self.try_next_auth()
        self._login_is_out = True

    def try_next_auth(self, *, next_method: bool = False) -> None:
        if self._login_is_out and not next_method:  # the service was accepted, which is no news
            self._login_is_out = False
            return
        if self._auth is None and not next_method and self._auth_methods == [b"publickey"] and self._is_sole_key():
            self._auth = _Signed(self, b"publickey")
            return
        super().try_next_auth(next_method=next_method)

    def _is_sole_key(self) -> bool:
        """Whether one key is all there is, and it is known how the server wants it to sign."""
        if len(self._client_keys) != 1 or not self._public_key_auth or self._auth_complete or not self._is_openssh():
            return False
        key = self._client_keys[0]
        if getattr(key, "has_cert", False) or key.use_executor:
            return False
        if key.sig_algorithms[-1] != b"ssh-rsa":
            return True
        if self._is_openssh() and _SIGNS_SHA2.encode() in self._sig_algs:
            key.set_sig_algorithm(_SIGNS_SHA2.encode())
            return True
        return False

    def signed(self) -> None:
        """The signature has left: whatever follows it is read once it has been judged."""
        if self._is_openssh() and self._compressor is None:
            self.is_ahead = True
            self._on_ahead()

    def _refused(self, pkttype: int, pktid: int, packet: Any) -> None:
        self.is_ahead = False
        self.offered = _first_text(packet.get_remaining_payload())
        for channel in list(self._channels.values()):
            channel.process_open_failure(OPEN_CONNECT_FAILED, "the login was refused", "")
        self._process_userauth_failure(pkttype, pktid, packet)

    def _granted(self, pkttype: int, pktid: int, packet: Any) -> None:
        self.is_ahead = False
        self._process_userauth_success(pkttype, pktid, packet)
        if self._kex is None:  # what only the handshake needed, 4 KB of it: another key exchange brings its own
            self._client_kexinit = self._server_kexinit = b""
        self._server_sig_algs = set()

    _packet_handlers = {  # noqa: RUF012 - as the class above has it
        **asyncssh.SSHClientConnection._packet_handlers,
        MSG_USERAUTH_FAILURE: _refused,
        MSG_USERAUTH_SUCCESS: _granted,
    }

    def _is_openssh(self) -> bool:
        return self._server_version.startswith(b"SSH-2.0-OpenSSH_")

    # ---- packets ---------------------------------------------------------------------------------------------

    def add_channel(self, chan: Any) -> int:
        number = super().add_channel(chan)
        if self.is_ahead and number == 0 and type(chan) is SSHClientChannel:
            chan.__class__ = _HastyChannel
        return number

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:
        if pkttype == MSG_IGNORE and self._mac_alg_cs == self._enc_alg_cs:
            return  # it hides the chained IV of CBC ciphers (RFC 4251, 9.3.1); an authenticated cipher has none
        if not (self.is_ahead and pkttype > MSG_USERAUTH_LAST):
            super().send_packet(pkttype, *args, handler=handler)
            return
        self._auth_complete = True  # for the one look that decides between sending and keeping
        try:
            super().send_packet(pkttype, *args, handler=handler)
        finally:
            self._auth_complete = False


class _Signed(_ClientPublicKeyAuth):
    """Login by public key, signed without asking first."""

    _conn: HastyConnection

    async def _start(self) -> None:
        self._keypair = self._conn._client_keys.pop(0)
        await self._send_signed_request()
        self._conn.signed()


class _HastyChannel(SSHClientChannel[bytes]):
    """The first channel, which sends its command behind its opening. The server will number it 0, as we do."""

    async def create(
        self,
        session_factory: Any,
        command: str | None,
        subsystem: str | None,
        env: dict[bytes, bytes],
        request_pty: bool,
        *more: Any,
    ) -> Any:
        if command is None or env or request_pty:
            return await super().create(session_factory, command, subsystem, env, request_pty, *more)
        self._env, self._command, self._subsystem = env, command, subsystem
        # Before anything is sent: opening, output and end may all come back in one piece.
        self._session = session_factory()
        self._session.connection_made(self)
        opening = asyncio.ensure_future(self._open(b"session"))
        await asyncio.sleep(0)
        self._send_chan = 0
        granted: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        granted.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._request_waiters.append(granted)
        self._send_request(b"exec", String(command), want_reply=True)
        try:
            (await opening).check_end()
            if not await granted:
                raise asyncssh.ChannelOpenError(OPEN_REQUEST_SESSION_FAILED, "Session request failed")
        except BaseException:
            granted.cancel()
            self.close()
            raise
        self._session.session_started()
        self._command = None  # 1.6 KB of text that nobody asks for any more
        assert self._conn is not None
        self._conn.create_task(self._start_reading(), self.logger)
        return self._session


def _first_text(payload: bytes) -> str:
    """The text that ``payload`` begins with; four bytes before it say how long it is (RFC 4251, 5)."""
    return payload[4 : 4 + int.from_bytes(payload[:4])].decode("ascii", "replace")
