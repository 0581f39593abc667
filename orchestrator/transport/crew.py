"""Workers of a run, and who of them holds which line."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Protocol

from orchestrator.model.errors import ConnectionDropped
from orchestrator.transport.base import Address
from orchestrator.transport.link import Link


class Crew(Protocol):
    """Workers that hold lines."""

    def new_line(self) -> int:
        """A number for a line, unique in this run."""
        ...

    async def begin(self) -> None:
        """Called once, before all else. Raises UserError where there can be no workers."""
        ...

    async def worker(self, address: Address) -> Link:
        """A worker for a line to ``address``. Raises ConnectionDropped where none is left."""
        ...

    async def close(self) -> None:
        """Send all workers home; bounded. Lines that still stand are dropped."""
        ...


class Lines:
    """Numbers for lines."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new_line(self) -> int:
        return next(self._numbers)


def chosen(links: Iterable[Link], region: str) -> Link:
    """The worker with the fewest lines among those near ``region``, or where none is near, among all. Raises
    ConnectionDropped where there is none."""
    left = [link for link in links if not link.is_lost]
    near = [link for link in left if region and region in link.labels]
    if not left:
        raise ConnectionDropped("no worker is left", hint="orch resume goes on when there are workers again")
    return min(near or left, key=lambda link: len(link.lines))
