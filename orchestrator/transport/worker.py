"""The process of a worker: ``python -m orchestrator.transport.worker FD``; FD is its end of a socket to the engine."""

from __future__ import annotations

import asyncio
import socket
import sys

from orchestrator.transport.calls import Answer, Heard, Unpacker, packed, unpacked
from orchestrator.transport.holder import Holder
from orchestrator.transport.processes import frame, framed


async def serve(engine: socket.socket) -> None:
    """Hold lines until the engine hangs up. Then it is through, or gone; in both cases nothing is left to do here."""
    reader, writer = await asyncio.open_connection(sock=engine)
    said: list[bytes] = []

    def tell(message: Answer | Heard) -> None:
        if not said:
            asyncio.get_running_loop().call_soon(flush)
        said.append(framed(packed(message)))

    def flush() -> None:
        writer.writelines(said)
        said.clear()

    first = await frame(reader)
    if first is None:
        return
    holder, calls = Holder(unpacked(first), tell), Unpacker()
    while (data := await frame(reader)) is not None:
        holder.take(calls.unpacked(data))
    await holder.drop()


if __name__ == "__main__":
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1]))))
