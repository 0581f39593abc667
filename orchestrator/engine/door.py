"""How many hosts have a task made ready at once.

What a task needs on a host – its variables, arguments, the way to the node – takes 9 KB. Where thousands of hosts wait
for a fork, they wait before that.
"""

from __future__ import annotations

import asyncio

WIDTH = 8


class Door:
    """Some hosts are inside, so that one is ready whenever a fork becomes free."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(WIDTH)

    def place(self) -> Place:
        """A place for one task on one host: ``async with`` waits for it."""
        return Place(self._room)


class Place:
    """Taken once and given back once: where the task has its fork, or waits for anything else, or is through."""

    __slots__ = ("_is_held", "_room")

    def __init__(self, room: asyncio.Semaphore) -> None:
        self._room = room
        self._is_held = False

    async def __aenter__(self) -> Place:
        await self._room.acquire()
        self._is_held = True
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Let the next one in."""
        if self._is_held:
            self._is_held = False
            self._room.release()
