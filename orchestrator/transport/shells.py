"""The line to a machine, and the standing shell of each user on it: opened when needed, dropped when broken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from functools import partial
from typing import Any, TypeVar

from orchestrator.model.errors import AccessDenied, ConnectionDropped, IdentityError, Unreachable
from orchestrator.model.events import Connected, Event, Said, ShellOpened
from orchestrator.transport import machines
from orchestrator.transport.base import Address, Become, Front, Limits
from orchestrator.transport.introduction import Introduction
from orchestrator.transport.session import Place, Session
from orchestrator.transport.standing import Standing

T = TypeVar("T")
Dial = Callable[[], Coroutine[Any, Any, Front]]
OnEvent = Callable[[Event], None]
Record = Callable[[ShellOpened], Awaitable[None]]
"""Tells of a shell, and returns when a later process of the run will find that."""


async def unrecorded(opened: ShellOpened) -> None:
    """For connections of which nobody will ever ask what they did."""


class Shells:
    """The users' shells over the front that ``dial`` opens. Nothing is dialled before the first call needs it.

    ``sent``, ``births`` and ``gone``: see NodeConnection.
    """

    def __init__(
        self,
        address: Address,
        dial: Dial,
        limits: Limits,
        run_id: str,
        on_event: OnEvent,
        record: Record,
        sent: Collection[str],
        births: Mapping[str, str],
        gone: Collection[str],
    ) -> None:
        self._address = address
        self._dial = dial
        self._limits = limits
        self._run_id = run_id
        self._on_event = on_event
        self._record = record
        self._sent = frozenset(sent)
        self._births = dict(births)
        self._gone = frozenset(gone)
        self._front: Front | None = None
        self._judged: Front | None = None
        """The line behind which the right machine is."""
        self._dialling = asyncio.Lock()
        self._approach: asyncio.Task[Front] | None = None
        """A line that was asked for before anybody needed it."""
        self._approached_s = 0.0
        self._standings: dict[str, Standing] = {}
        self.was_up = False

    @property
    def births(self) -> dict[str, str]:
        """The spools seen, by user name ("" for the login user)."""
        seen = {user: standing.birth for user, standing in self._standings.items() if standing.birth}
        return {**self._births, **seen}

    @property
    def standings(self) -> list[Standing]:
        return list(self._standings.values())

    def of(self, become: Become | None) -> Standing:
        """What is known of that user's shell; None is the login user."""
        user = become.user if become else ""
        if user not in self._standings:
            birth = self._births.get(user)
            was_open = birth is not None
            self._standings[user] = Standing(
                become, set(self._sent), birth, gone=set(self._gone), was_open=was_open, is_recorded=was_open
            )
        return self._standings[user]

    async def session(self, standing: Standing) -> Session:
        """The user's shell, once its spool is known and recorded: before that, nothing is handed over. A claim in a
        spool that nobody remembers could not be told from one that was never made."""
        session = standing.session
        if session is not None and session.is_usable and session.is_met and standing.is_recorded:
            return session
        async with standing.opening:
            if standing.session is None or not standing.session.is_usable:
                was_up, began = self._front is not None, self._approached_s if self._approach else time.monotonic()
                meet = partial(self._meet, standing, None if was_up else began)
                standing.session = await self.open(standing.become, meet)
            await self._watched(asyncio.shield(standing.session.ready))
            if not standing.is_recorded:
                assert standing.birth is not None
                where = self._address.shell_of(standing.become)
                await self._record(ShellOpened(host=self._address.name, where=where, birth=standing.birth))
                standing.is_recorded = True
            return standing.session

    def _meet(self, standing: Standing, began: float | None, place: Place) -> None:
        """A shell is there, and where a line was dialled for it (since ``began``), so is the line."""
        self.was_up = True
        standing.met(place)
        if began is not None:
            login, spent_s = self._address.user or "", time.monotonic() - began
            self._on_event(Connected(host=self._address.name, login=login, duration_s=spent_s, facts=place.facts()))

    async def open(self, become: Become | None, on_ready: Callable[[Place], None] = lambda place: None) -> Session:
        """One more shell of the user, which nobody else knows of."""
        front = await self.line()
        opening = Session.open(
            front, become, self._address, self._limits, self._run_id, on_ready, self._introduction(front)
        )
        return await self._watched(opening)

    async def _watched(self, opening: Awaitable[T]) -> T:
        """What ``opening`` comes to. A line that turns out to be none is dropped."""
        try:
            return await opening
        except (ConnectionDropped, Unreachable, AccessDenied, IdentityError):
            await self.reset()
            raise

    async def judged_line(self, become: Become | None) -> Front:
        """The line, once the machine behind it is known to be the right one; the user's shell asks, if none has yet."""
        if self._introduction(await self.line()) is not None:
            await self.session(self.of(become))
        return await self.line()

    def _introduction(self, front: Front) -> Introduction | None:
        """What the machine behind a line has to say of itself; None where that was heard, or it is this machine."""
        key = front.key()
        if front is self._judged or key is None:
            return None

        def judge(uuid: str | None) -> None:
            said = machines.judge(self._address, key, uuid)
            self._judged = front
            if said is not None:
                self._on_event(Said(level=said[0], text=said[1], host=self._address.name))

        return Introduction(judge)

    def approach(self) -> None:
        """Begin to dial, unless there is a line; the first to need it hears what came of it."""
        if self._front is None and self._approach is None and not self._dialling.locked():
            self._approached_s = time.monotonic()
            self._approach = asyncio.ensure_future(self._dial())
            self._approach.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def line(self) -> Front:
        async with self._dialling:
            if self._front is None:
                approach, self._approach = self._approach, None
                self._front = await (approach or self._dial())
            return self._front

    async def reset(self) -> None:
        """Lets shells and line go; what needs them next opens them anew."""
        for standing in self._standings.values():
            if standing.session is not None:
                standing.session.close()
                standing.session = None
        front, self._front = self._front, None
        approach, self._approach = self._approach, None
        if approach is not None:
            approach.cancel()
            await asyncio.wait({approach})
            front = None if approach.cancelled() or approach.exception() else approach.result()
        if front is not None:
            await front.close()
