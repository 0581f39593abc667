"""A worker in the test's own loop: what passes between it and the engine is made bytes and read again."""

import asyncio

from orchestrator.transport.base import Address, Limits
from orchestrator.transport.calls import Answer, Call, Heard, Packer, Start, Unpacker, packed, unpacked
from orchestrator.transport.crew import Lines, chosen
from orchestrator.transport.holder import Holder
from orchestrator.transport.link import Link, Lost


class Beside(Lines):
    """crew.Crew of workers that can be lost at will; ``lose`` is what a killed process looks like from here."""

    def __init__(self, run_id: str, limits: Limits, size: int = 1) -> None:
        super().__init__()
        self.links: list[Link] = []
        self._holders = [self._holder(Start(run_id, limits, size)) for _ in range(size)]

    def _holder(self, start: Start) -> Holder:
        loop, packer, unpacker = asyncio.get_running_loop(), Packer(), Unpacker()

        def tell(message: Answer | Heard) -> None:
            loop.call_soon(link.take, unpacked(packed(message)))

        def post(call: Call) -> None:
            loop.call_soon(holder.take, unpacker.unpacked(packer.packed(call)))

        holder, link = Holder(unpacked(packed(start)), tell), Link(f"worker {len(self.links)}", post, shares_clock=True)
        self.links.append(link)
        return holder

    async def worker(self, address: Address) -> Link:
        return chosen(self.links, address.region)

    async def lose(self, number: int = 0) -> None:
        self.links[number].lose(Lost("gone"))
        await self._holders[number].drop()

    async def close(self) -> None:
        await asyncio.gather(*(holder.drop() for holder in self._holders))
