"""How hosts wait for one another: the strategies ``linear`` and ``free``.

Every task has a *position*: a tuple of integers that grows in the order of the playbook (section, block, rescue, file
included on the way …). A host asks for its turn with the position of its next task. ``linear`` grants turns only when
every active host has asked, and then only to those at the lowest position: so all hosts finish a task before any
begins the next, and a host in a rescue waits for the others to finish the block. ``free`` grants at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

Position = tuple[int, ...]


@dataclass(slots=True, eq=False)
class Round:
    """The hosts that do one task together. ``results`` grow as they finish."""

    position: Position
    members: tuple[str, ...]
    results: dict[str, Any] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)
    """What the members tell one another: the run_once result, the numbering of included files."""
    _waiting: dict[str, asyncio.Future[None]] = field(default_factory=dict)

    @property
    def leader(self) -> str:
        return self.members[0]

    def leave(self, host: str) -> None:
        """``host`` does not do this task after all: nobody waits for it, and it does not lead."""
        self.members = tuple(each for each in self.members if each != host)
        self._release()

    async def finish(self, host: str, result: Any) -> None:
        """Tell that ``host`` is through, and wait until all members are. They go on in the order of the play, so that
        of several who set the same thing the last one wins."""
        self.results[host] = result
        loop = asyncio.get_running_loop()
        mine = self._waiting[host] = loop.create_future()
        loop.call_soon(self._release)  # not now: the last to finish would go on before the others
        await mine

    def _release(self) -> None:
        if len(self.results) < len(self.members):
            return
        for host in self.members:
            waiting = self._waiting.pop(host, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)


class Turns(Protocol):
    """A strategy: who may go now."""

    @property
    def is_alone(self) -> bool:
        """Whether a host that asks waits for no other, so that its next tasks may be written to it at once."""
        ...

    async def turn(self, host: str, position: Position) -> Round:
        """Wait for the turn of ``host`` at ``position``."""
        ...

    def leave(self, host: str) -> None:
        """``host`` asks for no more turns."""
        ...

    async def stand_aside(self, host: str, may_return: Callable[[], bool]) -> bool:
        """``host`` asks for no turn until all others are through or stand aside, too. Whether it goes on then."""
        ...


class Lockstep:
    """The strategy ``linear``."""

    def __init__(self, hosts: Iterable[str], on_round: Callable[[], None] = lambda: None) -> None:
        self._order = {host: index for index, host in enumerate(hosts)}
        self._active = set(self._order)
        self._asking: dict[str, tuple[Position, asyncio.Future[Round]]] = {}
        self._aside: dict[str, tuple[Callable[[], bool], asyncio.Future[bool]]] = {}
        self._on_round = on_round

    @property
    def is_alone(self) -> bool:
        return len(self._active) == 1

    async def turn(self, host: str, position: Position) -> Round:
        granted = asyncio.get_running_loop().create_future()
        self._asking[host] = (position, granted)
        # Soon, not now: the host that asks last must not run before the others, who are first in order.
        asyncio.get_running_loop().call_soon(self._grant)
        together: Round = await granted
        return together

    def leave(self, host: str) -> None:
        self._active.discard(host)
        self._asking.pop(host, None)
        self._grant()

    async def stand_aside(self, host: str, may_return: Callable[[], bool]) -> bool:
        back: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._aside[host] = (may_return, back)
        self.leave(host)
        return await back

    def _grant(self) -> None:
        if not self._active:
            self._recall()
        if not self._active or len(self._asking) < len(self._active):
            return
        self._on_round()
        lowest = min(position for position, _ in self._asking.values())
        chosen = [host for host, (position, _) in self._asking.items() if position == lowest]
        together = Round(lowest, tuple(sorted(chosen, key=self._order.__getitem__)))
        for host in together.members:
            _, granted = self._asking.pop(host)
            if not granted.done():
                granted.set_result(together)

    def _recall(self) -> None:
        """Those who stand aside are alone by now: who may return asks again, and only if nobody may is it over."""
        returning = {host for host, (may_return, _) in self._aside.items() if may_return()}
        self._active |= returning
        for host in returning or set(self._aside):
            _, back = self._aside.pop(host)
            if not back.done():
                back.set_result(host in returning)


class Free:
    """The strategies ``free`` and ``host_pinned``: every host is alone."""

    is_alone = True

    async def turn(self, host: str, position: Position) -> Round:
        return Round(position, (host,))

    def leave(self, host: str) -> None:
        """Nobody waits for anybody."""

    async def stand_aside(self, host: str, may_return: Callable[[], bool]) -> bool:
        return False
