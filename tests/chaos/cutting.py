"""A TCP proxy in a thread of its own that harms lines: after so many bytes it cuts one, slows it, or swallows."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OUT, IN = "out", "in"
CHUNK = 16 * 1024


RESET, END, SWALLOW, DELAY, TRICKLE = "reset", "end", "swallow", "delay", "trickle"
DELAY_S = 2.0
TRICKLE_BYTES_S = 2000  # 16 kbit/s


@dataclass(frozen=True)
class Harm:
    """What happens to the line that is the ``line``-th (from 0), after ``after_bytes`` in ``direction``.

    ``kind``: it is reset or ended; or nothing passes any more either way, as if a cable had been pulled (swallow); or
    from then on all that goes this way is 2 s late, or comes at 16 kbit/s.
    """

    line: int
    direction: str
    after_bytes: int
    kind: str = RESET


@dataclass
class Proxy:
    """Forwards connections on ``port`` to ``target``; ``passed`` counts the bytes by line and direction."""

    target: int
    harms: tuple[Harm, ...] = ()
    port: int = 0
    lines: int = 0
    passed: Counter[tuple[int, str]] = field(default_factory=Counter)
    swallowed: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    """Lines that were harmed for good."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _line(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        number, self.lines = self.lines, self.lines + 1
        far, forth = await asyncio.open_connection("127.0.0.1", self.target)
        pumps = [self._pump(number, OUT, near, forth), self._pump(number, IN, far, back)]
        tasks = [asyncio.ensure_future(each) for each in pumps]
        self._tasks.update(tasks)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if number in self.ended:
            await asyncio.sleep(0.2)  # an end that was sent may arrive
        for each in (back, forth):
            each.transport.abort()

    async def _pump(
        self, number: int, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        harm = next((each for each in self.harms if (each.line, each.direction) == (number, direction)), None)
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                left = len(data) if harm is None else harm.after_bytes - self.passed[number, direction]
                if number in self.swallowed:
                    continue
                self.passed[number, direction] += len(data)
                writer.write(data[: max(0, left)])
                await writer.drain()
                if harm is not None and left < len(data):
                    if harm.kind in (RESET, END):
                        self.ended.add(number)
                        if harm.kind == END:
                            writer.write_eof()
                        return
                    await self._hold_back(number, harm.kind, data[max(0, left) :], writer)

    async def _hold_back(self, number: int, kind: str, data: bytes, writer: asyncio.StreamWriter) -> None:
        if kind == SWALLOW:
            self.swallowed.add(number)
            return
        await asyncio.sleep(DELAY_S if kind == DELAY else len(data) / TRICKLE_BYTES_S)
        writer.write(data)
        await writer.drain()

    async def end(self, server: asyncio.Server) -> None:
        server.close()
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextmanager
def proxied(target: int, *harms: Harm) -> Iterator[Proxy]:
    """A running proxy in front of the port ``target``."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxy = Proxy(target, harms)
    server = asyncio.run_coroutine_threadsafe(proxy.serve(), loop).result(10)
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
