"""What runs inside a Dask worker: a desk with a holder of lines, calls put on it, answers taken from it.

Dask carries functions to workers and values back; nothing of a worker speaks first. So the engine asks all the time for
what is new (``take`` waits a while for it), and a desk that nobody asks any more lets its lines go.
"""

from __future__ import annotations

import asyncio
import platform
from dataclasses import dataclass, field
from typing import Any

from orchestrator import __version__
from orchestrator.model.frozen import frozen
from orchestrator.transport.calls import Answer, Heard, Unpacker, packed, unpacked
from orchestrator.transport.holder import Holder

PATIENCE_S = 60.0
"""After so long without a question the engine is taken for gone."""


def pace_s(lines: int) -> float:
    """How far apart messages to a worker that holds so many lines are, and those from it: each costs a millisecond of
    CPU, so where there is much to say it is said together."""
    return min(0.0001 * lines, 0.05)


@frozen
class Greeting:
    """What a worker is: its versions must be the engine's, and its resources name what it is near to."""

    version: str
    python: str
    labels: frozenset[str]

    @property
    def speech(self) -> tuple[str, str]:
        return self.version, self.python


def ours() -> tuple[str, str]:
    """The versions that must be the same on both sides."""
    return __version__, ".".join(platform.python_version_tuple()[:2])


def greet(dask_worker: Any) -> Greeting:
    """Called on a worker, which Dask passes in by that name."""
    return Greeting(*ours(), frozenset(dask_worker.state.total_resources))


@dataclass(slots=True)
class Desk:
    """One run's place at one worker."""

    holder: Holder
    calls: Unpacker = field(default_factory=Unpacker)
    said: list[bytes] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    told_s: float = 0.0
    """When news were told last, by the event loop's clock."""
    end: asyncio.TimerHandle | None = None
    leaving: asyncio.Future[None] | None = None

    def wait(self, name: str) -> None:
        """Wait for the next question, but not for ever."""
        if self.end is not None:
            self.end.cancel()

        def give_up() -> None:
            self.leaving = asyncio.ensure_future(leave(name))

        self.end = asyncio.get_running_loop().call_later(PATIENCE_S, give_up)


_desks: dict[str, Desk] = {}


async def sit(name: str, start: bytes) -> None:
    """Make the desk ``name``."""

    def tell(message: Answer | Heard) -> None:
        desk.said.append(packed(message))
        desk.news.set()

    desk = _desks[name] = Desk(Holder(unpacked(start), tell))
    desk.wait(name)


async def give(name: str, calls: list[bytes]) -> bool:
    """Put calls on the desk; False where it is no more."""
    if (desk := _desks.get(name)) is None:
        return False
    for call in calls:
        desk.holder.take(desk.calls.unpacked(call))
    return True


async def take(name: str, wait_s: float) -> list[bytes] | None:
    """What is new, after ``wait_s`` at the latest; None where the desk is no more."""
    if (desk := _desks.get(name)) is None:
        return None
    desk.wait(name)
    try:
        async with asyncio.timeout(wait_s):
            await desk.news.wait()
    except TimeoutError:
        return []
    loop = asyncio.get_running_loop()
    await asyncio.sleep(desk.told_s + pace_s(desk.holder.lines) - loop.time())
    desk.told_s = loop.time()
    said, desk.said = desk.said, []
    desk.news.clear()
    return said


async def leave(name: str) -> None:
    """Clear the desk: its lines are hung up, if any stand."""
    if (desk := _desks.pop(name, None)) is not None:
        if desk.end is not None:
            desk.end.cancel()
        await desk.holder.drop()
