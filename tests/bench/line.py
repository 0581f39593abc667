"""A line with delay between a tool and a node, as a TCP proxy on the loopback that also counts.

It adds half a round trip each way and the round trip of TCP's own handshake. It does not model slow start, loss or a
limited rate. A *flight* is a client's send that follows something received: each costs one round trip of waiting. With
some delay on the line flights are exact, since what is sent without waiting arrives before any answer to it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

CHUNK = 64 * 1024
Due = asyncio.Queue[tuple[float, bytes]]


@dataclass
class Count:
    """What passed over one connection."""

    flights: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    _is_up: bool = False

    def up(self, size: int) -> None:
        self.up_bytes += size
        self.flights += not self._is_up
        self._is_up = True

    def down(self, size: int) -> None:
        self.down_bytes += size
        self._is_up = False


@dataclass
class Line:
    """A running proxy. ``counts`` has one entry for each connection, in the order they came."""

    target: int
    rtt_s: float
    port: int = 0
    counts: list[Count] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list, repr=False)

    @property
    def flights(self) -> int:
        """The flights of the connection that had most."""
        return max((count.flights for count in self.counts), default=0)

    @property
    def down_bytes(self) -> int:
        return sum(count.down_bytes for count in self.counts)

    @property
    def up_bytes(self) -> int:
        return sum(count.up_bytes for count in self.counts)

    async def serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """One connection, from its handshake to both ends."""
        began, count = asyncio.get_running_loop().time(), Count()
        self.counts.append(count)
        self._writers.append(back)
        up = self._queue(near, count.up, began + self.rtt_s)
        await asyncio.sleep(1.5 * self.rtt_s)
        far, forth = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers.append(forth)
        self._start(self._deliver(up, forth))
        self._start(self._deliver(self._queue(far, count.down, began), back))

    def _queue(self, reader: asyncio.StreamReader, note: Callable[[int], None], not_before: float) -> Due:
        """What comes, each piece with the time when it is due at the other end; an empty one is the end."""
        queue: Due = asyncio.Queue()
        loop = asyncio.get_running_loop()

        async def read() -> None:
            data = b"-"
            while data:
                data = b""
                with suppress(OSError):
                    data = await reader.read(CHUNK)
                if data:
                    note(len(data))
                queue.put_nowait((max(loop.time(), not_before) + self.rtt_s / 2, data))

        self._start(read())
        return queue

    async def _deliver(self, queue: Due, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        data = b"-"
        with suppress(OSError):
            while data:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if data:
                    writer.write(data)
                    await writer.drain()
            writer.write_eof()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self, server: asyncio.Server) -> None:
        """Break what still stands."""
        server.close()
        for writer in self._writers:
            writer.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)


async def _listening(made: Line, addresses: Sequence[str]) -> asyncio.Server:
    first = await asyncio.start_server(made.serve, addresses[0], 0, backlog=1024)
    if not addresses[1:]:
        return first
    port = first.sockets[0].getsockname()[1]
    first.close()
    return await asyncio.start_server(made.serve, list(addresses), port, backlog=1024)


@contextmanager
def line(target: int, rtt_s: float, addresses: Sequence[str] = ("127.0.0.1",)) -> Iterator[Line]:
    """A line from ``addresses`` (one port) to ``127.0.0.1:target``, served by a thread of its own until the block ends.

    Linux answers at every address of 127.0.0.0/8, so hosts can have one each; elsewhere only 127.0.0.1 is sure to be.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made = Line(target, rtt_s)
    server = asyncio.run_coroutine_threadsafe(_listening(made, addresses), loop)
    made.port = server.result(10).sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(made.end(server.result()), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
