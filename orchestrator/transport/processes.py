"""Workers that are child processes of this one: more cores for a large fleet.

A worker has nothing but a socket to us; when that ends, so does it. It is in a session of its own, so that Ctrl-C at
the terminal is for the engine alone to understand.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
import sys
from contextlib import suppress

from orchestrator.transport.base import Address, Limits
from orchestrator.transport.calls import Call, Packer, Start, packed, unpacked
from orchestrator.transport.crew import Lines, chosen
from orchestrator.transport.link import Link, Lost

SPARE = 2
"""How many workers may be started in place of lost ones."""
END_S = 10.0
_SIZE = struct.Struct("!I")


class Processes(Lines):
    """crew.Crew of ``size`` processes, each started when the first line needs it."""

    def __init__(self, size: int, run_id: str, limits: Limits) -> None:
        super().__init__()
        self._size = size
        self._start = Start(run_id, limits, size)
        self._workers: list[Worker] = []
        self._starting = asyncio.Lock()

    @property
    def links(self) -> list[Link]:
        """The workers so far, in the order they were started."""
        return [worker.link for worker in self._workers]

    async def begin(self) -> None:
        """Nothing can be wrong yet."""

    async def worker(self, address: Address) -> Link:
        async with self._starting:
            alive = sum(not link.is_lost for link in self.links)
            if alive < self._size and len(self._workers) < self._size + SPARE:
                self._workers.append(await Worker.begin(self._start))
        return chosen(self.links, address.region)

    async def close(self) -> None:
        await asyncio.gather(*(worker.end() for worker in self._workers))


class Worker:
    """One process and the socket to it."""

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._out: list[bytes] = []
        self._packer = Packer()
        self.link = Link(f"process {process.pid}", self._post, shares_clock=True)
        self._listening = asyncio.ensure_future(self._listen())

    @classmethod
    async def begin(cls, start: Start) -> Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "orchestrator.transport.worker", str(theirs.fileno())]
            process = subprocess.Popen(  # noqa: ASYNC220 - a few milliseconds, once for each worker
                command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True
            )
        worker = cls(process, *await asyncio.open_connection(sock=ours))
        worker._writer.write(framed(packed(start)))
        return worker

    def _post(self, call: Call) -> None:
        """What is said in one turn of the loop travels together."""
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out.append(framed(self._packer.packed(call)))

    def _flush(self) -> None:
        said, self._out = self._out, []
        self._writer.writelines(said)

    async def _listen(self) -> None:
        try:
            while (data := await frame(self._reader)) is not None:
                self.link.take(unpacked(data))
        finally:
            self.link.lose(Lost(f"{self.link.name} ended"))

    async def end(self) -> None:
        """Hang up; a worker that does not end by itself is ended."""
        self._listening.cancel()
        self._writer.close()
        try:
            await asyncio.wait_for(asyncio.to_thread(self._process.wait, END_S), END_S + 1)
        except (subprocess.TimeoutExpired, TimeoutError):
            self._process.kill()
            self._process.wait()


def framed(data: bytes) -> bytes:
    return _SIZE.pack(len(data)) + data


async def frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next frame, None when the other side has hung up."""
    with suppress(asyncio.IncompleteReadError, OSError):
        (size,) = _SIZE.unpack(await reader.readexactly(_SIZE.size))
        return await reader.readexactly(size)
    return None
