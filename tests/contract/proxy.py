"""A TCP proxy on the loopback that counts what passes, and can cut the line."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Forwards connections on ``port`` to ``target``; ``turns`` counts how often the direction of the data changed."""

    target: int
    port: int = 0
    connections: int = 0
    turns: int = 0
    refuses: bool = False
    is_stalled: bool = False
    _last: str = ""
    _pumps: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._writers.add(back)
        if self.refuses:
            back.transport.abort()
            return
        self.connections += 1
        far, forth = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers.add(forth)
        for reader, writer, name in ((near, forth, "out"), (far, back, "in")):
            task = asyncio.ensure_future(self._pump(reader, writer, name))
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if self.is_stalled:
                    continue
                self.turns += name != self._last
                self._last = name
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    def cut(self) -> None:
        """Every line breaks now; new ones may come."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def end(self) -> None:
        self.cut()
        self._server.close()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        await self._server.wait_closed()
