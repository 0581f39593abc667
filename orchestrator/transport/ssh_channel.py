"""A command on a node, over asyncssh.

It takes a session's events itself: asyncssh's own streams keep readers, writers, locks and tasks for each, which is a
tenth of what a host costs.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import asyncssh

from orchestrator.model.errors import ConnectionDropped

ERRORS = (OSError, asyncssh.Error)
_TAIL_BYTES = 4096
_KEPT_BYTES = 256 * 1024
"""So much output waits here to be read; asyncssh then holds what the server's window lets through, 2 MB."""
_END_S = 5.0


class SshChannel(asyncssh.SSHClientSession[bytes]):
    """base.Channel on ``connection``, which makes it by ``create_session``."""

    def __init__(self, connection: asyncssh.SSHClientConnection) -> None:
        self._connection = connection
        self._channel: asyncssh.SSHClientChannel[bytes]
        self._kept = bytearray()
        self._tail = b""
        self._has_ended = False
        self._is_held = False
        self._error: Exception | None = None
        self._news: asyncio.Future[None] | None = None
        """Somebody waits for output, or for its end."""
        self._room: asyncio.Future[None] | None = None
        """The node takes no more for now."""

    async def write(self, data: bytes) -> None:
        try:
            self._channel.write(data)
        except ERRORS as error:
            self._broken(error)  # or the command has ended by itself: reading tells how
        if self._room is not None:
            await asyncio.wait({self._room})
            if self._has_ended:
                self._broken(self._error)

    async def write_eof(self) -> None:
        try:
            self._channel.write_eof()
        except ERRORS as error:
            raise dropped(error) from error

    async def read(self, size: int) -> bytes:
        while not self._kept and not self._has_ended:
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        data = bytes(self._kept[:size])
        del self._kept[:size]
        if self._is_held and not self._kept:
            self._is_held = False
            self._channel.resume_reading()
        if not data and self._error is not None:
            raise dropped(self._error) from self._error
        if not data and await self.wait() is None:
            self._broken(None)  # a line may end without an error, too
        return data

    def stderr_tail(self) -> bytes:
        return self._tail

    async def wait(self) -> int | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await self._channel.wait_closed()
        return self._channel.get_returncode()

    def close(self) -> None:
        self._channel.close()

    def _broken(self, error: Exception | None) -> None:
        """Raises ConnectionDropped where it is the line that has ended, and not just the command."""
        if self._connection.is_closed():
            raise dropped(error) from error

    # ---- what asyncssh tells ---------------------------------------------------------------------------------

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if datatype is not None:
            self._tail = (self._tail + data)[-_TAIL_BYTES:]
            return
        self._kept += data
        if len(self._kept) > _KEPT_BYTES and not self._is_held:
            self._is_held = True
            self._channel.pause_reading()
        _settle(self._news)

    def eof_received(self) -> bool:
        self._has_ended = True
        _settle(self._news)
        return True  # what is to be written may still be

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._has_ended:
            self._error = exc
        self.eof_received()
        self.resume_writing()

    def pause_writing(self) -> None:
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        room, self._room = self._room, None
        _settle(room)


def _settle(waiter: asyncio.Future[Any] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


def dropped(error: Exception | None) -> ConnectionDropped:
    return ConnectionDropped("the SSH connection broke", evidence=str(error) if error else None)
