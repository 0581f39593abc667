"""The controller itself as a machine: each command is a process of its own session, over three pipes.

A process is never killed when its channel closes. As over SSH, it sees the end of its stdin and finishes what it is at,
so that a task outlives the connection that started it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from contextlib import suppress
from typing import IO

from orchestrator.model.errors import NodeFault

_TAIL_BYTES = 4096
_WAIT_S = 10.0


class LocalChannel:
    """A process at work."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._exit: asyncio.Future[int] = self._loop.create_future()
        self._tail = b""
        threading.Thread(target=self._reap, daemon=True, name=f"reap-{process.pid}").start()

    async def connect(self) -> LocalChannel:
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._stdin, self._writing = await self._writer(self._process.stdin)
        self._stdout, self._reading = await self._reader(self._process.stdout)
        stderr, self._talking = await self._reader(self._process.stderr)
        self._drain = asyncio.ensure_future(self._keep_tail(stderr))
        return self

    async def write(self, data: bytes) -> None:
        self._stdin.write(data)
        with suppress(OSError):  # the command has ended by itself: reading tells how
            await self._stdin.drain()

    async def write_eof(self) -> None:
        self._writing.close()

    async def read(self, size: int) -> bytes:
        data = await self._stdout.read(size)
        if not data:  # what it said last must be there to be shown
            await asyncio.wait({self._drain}, timeout=1.0)
        return data

    def stderr_tail(self) -> bytes:
        return self._tail

    async def wait(self) -> int | None:
        await asyncio.wait({self._exit}, timeout=_WAIT_S)
        return self._exit.result() if self._exit.done() else None

    def close(self) -> None:
        self._drain.cancel()
        for transport in (self._writing, self._reading, self._talking):
            transport.close()

    async def _keep_tail(self, stderr: asyncio.StreamReader) -> None:
        while data := await stderr.read(_TAIL_BYTES):
            self._tail = (self._tail + data)[-_TAIL_BYTES:]

    async def _reader(self, pipe: IO[bytes]) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
        reader = asyncio.StreamReader()
        transport, _ = await self._loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        return reader, transport

    async def _writer(self, pipe: IO[bytes]) -> tuple[asyncio.StreamWriter, asyncio.WriteTransport]:
        protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
        transport, _ = await self._loop.connect_write_pipe(lambda: protocol, pipe)
        return asyncio.StreamWriter(transport, protocol, None, self._loop), transport

    def _reap(self) -> None:
        status = self._process.wait()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended, status)

    def _ended(self, status: int) -> None:
        if not self._exit.done():
            self._exit.set_result(status)


class LocalFront:
    """base.Front on this machine; commands begin in ``directory``, or where we are."""

    def __init__(self, directory: str = "") -> None:
        self._directory = directory or None
        self._channels: list[LocalChannel] = []

    async def open(self, command: str) -> LocalChannel:
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(  # noqa: ASYNC220 - returns at once; asyncio's own kills on close
                ["/bin/sh", "-c", command],
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                cwd=self._directory,
                start_new_session=True,
            )
        except OSError as error:
            raise NodeFault("no local shell could be started", evidence=str(error)) from error
        channel = await LocalChannel(process).connect()
        self._channels.append(channel)
        return channel

    def key(self) -> None:
        return None

    async def reach(self, host: str, port: int, timeout_s: float) -> str | None:
        try:
            async with asyncio.timeout(timeout_s):
                _, writer = await asyncio.open_connection(host, port)
        except TimeoutError:
            return f"no answer within {timeout_s:g} s"
        except OSError as error:
            return os.strerror(error.errno) if error.errno else str(error)
        writer.close()
        return None

    async def close(self) -> None:
        for channel in self._channels:
            channel.close()
        self._channels.clear()
