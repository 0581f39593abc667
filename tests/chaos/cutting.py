"""A TCP proxy in a thread of its own that harms lines: cuts one, slows it, swallows it, lets nobody in."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OUT, IN = "out", "in"
CHUNK = 16 * 1024
RESET, END, SWALLOW, LOSS, DELAY, TRICKLE = "reset", "end", "swallow", "loss", "delay", "trickle"
DELAY_S = 2.0
TRICKLE_BYTES_S = 2000  # 16 kbit/s
SEGMENT_BYTES = 1460
LOSS_SHARE = 0.3
RETRANSMIT_S = 0.2
"""The least time after which TCP sends a lost segment again; it doubles with each loss (tcp(7), RFC 6298)."""
BUSY, PENALTY = b"Exceeded MaxStartups\r\n", b"Not allowed at this time\r\n"
"""What OpenSSH's sshd says before it hangs up: where too many knock, and to who is being penalised (9.8 and later)."""


@dataclass(frozen=True)
class Harm:
    """What happens to the line that is the ``line``-th (from 0), after ``after_bytes`` in ``direction``.

    ``kind``: it is reset or ended; or nothing passes any more either way, as if a cable had been pulled (swallow); or
    from then on a share of the segments is lost and sent again (loss), all is 2 s late, or comes at 16 kbit/s.
    """

    line: int
    direction: str
    after_bytes: int
    kind: str = RESET


@dataclass(frozen=True)
class Trip:
    """Once so many bytes have passed in ``direction`` of the line, everything there waits until ``action`` is done."""

    line: int
    direction: str
    after_bytes: int
    action: Callable[[], None]


@dataclass
class Line:
    """One connection through the proxy."""

    number: int
    writers: tuple[asyncio.StreamWriter, ...] = ()
    kind: str | None = None
    passed: Counter[str] = field(default_factory=Counter)
    due_s: dict[str, float] = field(default_factory=dict)

    def strike(self, kind: str) -> None:
        """Harm the line from now on."""
        self.kind = kind
        for each in self.writers:
            if kind == RESET:
                with suppress(OSError):
                    sock = each.get_extra_info("socket")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.transport.abort()
            elif kind == END and not each.transport.is_closing():
                with suppress(OSError):
                    each.write_eof()

    def pause_s(self, direction: str, size: int, now: float, dice: random.Random) -> float:
        """How much later than now a chunk of that size arrives."""
        due = max(self.due_s.get(direction, 0.0), now)
        if self.kind == LOSS:
            for _ in range(-(-size // SEGMENT_BYTES)):
                again_s = RETRANSMIT_S
                while dice.random() < LOSS_SHARE:
                    due, again_s = due + again_s, again_s * 2
        elif self.kind == DELAY:
            due = now + DELAY_S
        elif self.kind == TRICKLE:
            due += size / TRICKLE_BYTES_S
        self.due_s[direction] = due
        return due - now


@dataclass
class Proxy:
    """Forwards connections on ``port`` to ``target``. Methods are for its own thread, but those told otherwise."""

    target: int
    harms: tuple[Harm, ...] = ()
    trips: tuple[Trip, ...] = ()
    seed: int = 0
    port: int = 0
    lines: list[Line] = field(default_factory=list)
    refusals: list[bytes] = field(default_factory=list)
    """The next connections are told these, and closed."""
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def strike(self, kind: str) -> None:
        """From any thread: harm all lines that stand; at once."""

        async def strike() -> None:
            for line in self.lines:
                line.strike(kind)

        asyncio.run_coroutine_threadsafe(strike(), self.loop).result(10)

    async def _line(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self.refusals:
            back.write(self.refusals.pop(0))
            await asyncio.sleep(0.05)
            back.close()
            return
        line = Line(len(self.lines), (back,))
        self.lines.append(line)
        await self._trip(line, OUT)
        try:
            far, forth = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            back.transport.abort()
            return
        line.writers = (back, forth)
        tasks = [asyncio.ensure_future(self._pump(line, OUT, near, forth))]
        tasks += [asyncio.ensure_future(self._pump(line, IN, far, back))]
        self._tasks.update(tasks)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if line.kind == END:
            await asyncio.sleep(0.2)  # an end that was sent may arrive
        for each in line.writers:
            each.transport.abort()

    async def _pump(
        self, line: Line, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        dice = random.Random(f"{self.seed}/{line.number}/{direction}")
        harm = next((each for each in self.harms if (each.line, each.direction) == (line.number, direction)), None)
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        writing = asyncio.ensure_future(self._write_late(late, line, writer))
        self._tasks.add(writing)
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                line.passed[direction] += len(data)
                await self._trip(line, direction)
                if harm is not None and line.passed[direction] > harm.after_bytes and line.kind is None:
                    left = harm.after_bytes - (line.passed[direction] - len(data))
                    writer.write(data[: max(0, left)])
                    await writer.drain()
                    line.strike(harm.kind)
                    data = data[max(0, left) :]
                if line.kind in (RESET, END):
                    break
                if line.kind == SWALLOW:
                    continue
                now = self.loop.time()
                pause_s = line.pause_s(direction, len(data), now, dice) if line.kind else 0.0
                if pause_s or late.qsize():
                    late.put_nowait((now + pause_s, data))
                else:
                    writer.write(data)
                    await writer.drain()
        while late.qsize() and line.kind not in (RESET, END, SWALLOW):
            await asyncio.sleep(0.05)
        writing.cancel()

    async def _write_late(
        self, late: asyncio.Queue[tuple[float, bytes]], line: Line, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while True:
                due, data = await late.get()
                await asyncio.sleep(due - self.loop.time())
                if line.kind != SWALLOW:
                    writer.write(data)

    async def _trip(self, line: Line, direction: str) -> None:
        for trip in self.trips:
            if (trip.line, trip.direction) == (line.number, direction) and line.passed[direction] >= trip.after_bytes:
                self.trips = tuple(each for each in self.trips if each is not trip)
                await asyncio.to_thread(trip.action)

    async def end(self, server: asyncio.Server) -> None:
        server.close()
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for line in self.lines:
            for writer in line.writers:
                writer.transport.abort()


@contextmanager
def proxied(target: int, *harms: Harm, trips: tuple[Trip, ...] = (), seed: int = 0) -> Iterator[Proxy]:
    """A running proxy in front of the port ``target``."""
    proxy = Proxy(target, harms, trips, seed)
    thread = threading.Thread(target=proxy.loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(proxy.serve(), proxy.loop).result(10)
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.end(server), proxy.loop).result(10)
        proxy.loop.call_soon_threadsafe(proxy.loop.stop)
        thread.join(10)
        proxy.loop.close()
