"""A connection whose line is held by a worker; when the worker is lost, another one takes over.

The node's claims make that harmless: what was handed over stands on the node under its key, and the next worker asks
for it there, as a resumed run does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from orchestrator.model.errors import ConnectionDropped, HostError
from orchestrator.model.events import ConnectionLost, Event, Said, ShellOpened
from orchestrator.model.program import Reply, Run
from orchestrator.transport.base import Address, Become
from orchestrator.transport.calls import Past, portable
from orchestrator.transport.crew import Crew
from orchestrator.transport.link import Link, Lost
from orchestrator.transport.shells import OnEvent, Record, unrecorded

AHEAD = 4
"""Pieces of a file that may be on their way to the worker."""


class ProxyConnection:
    """base.Connection by way of a worker of ``crew``. Nobody is asked for anything before the first call needs it.

    ``sent``, ``births`` and ``gone``: see NodeConnection.
    """

    def __init__(
        self,
        address: Address,
        kind: str,
        crew: Crew,
        *,
        on_event: OnEvent,
        record: Record = unrecorded,
        sent: Collection[str] = (),
        births: Mapping[str, str] | None = None,
        gone: Collection[str] = (),
    ) -> None:
        self.address = address
        self._kind = kind
        self._crew = crew
        self._line = crew.new_line()
        self._on_event = on_event
        self._record = record
        self._sent = set(sent)
        self._births = dict(births or {})
        self._gone = frozenset(gone)
        self._link: Link | None = None
        self._opening = asyncio.Lock()
        self._users: dict[str, Become | None] = {}
        """Those who worked here, by name: whoever closes the connection cleans behind them."""
        self._early: dict[str, tuple[Any, ...]] = {}
        """Programs to be sent ahead, by key, until a worker takes them."""
        self._out: set[str] = set()
        """Keys that a worker has, and has not answered."""
        self._doubtful: set[str] = set()
        """Keys that a lost worker had. It may still be at work somewhere, so their claims stay until the end."""
        self._work: set[asyncio.Future[Any]] = set()
        self._recording: set[asyncio.Future[Any]] = set()

    @property
    def births(self) -> dict[str, str]:
        """The spools seen, by user name ("" for the login user)."""
        return dict(self._births)

    def approach(self) -> None:
        """Nothing: which worker is to dial is settled by the first call."""

    async def run(self, key: str, program: Run, become: Become | None = None, *, timeout_s: float) -> Reply:
        self._users[_name(become)] = become
        handed = portable(program)
        while True:
            try:
                link = await self._worker()
                self._sent.add(key)
                self._out.add(key)
                reply: Reply = await link.ask(self._line, "run", key, handed, become, timeout_s)
            except Lost:
                continue
            except HostError:
                self._out.discard(key)
                raise
            self._out.discard(key)
            return reply if link.shares_clock else replace(reply, span_s=None)

    def ahead(
        self, key: str, program: Run, become: Become | None = None, *, timeout_s: float, after: tuple[str, ...] = ()
    ) -> None:
        self._users[_name(become)] = become
        self._early[key] = (key, portable(program), become, timeout_s, after)
        if self._link is None or self._link.is_lost:
            work = asyncio.ensure_future(self._worker())
            work.add_done_callback(lambda done: done.cancelled() or done.exception())  # the task's turn will see it
            self._work.add(work)
            work.add_done_callback(self._work.discard)
        else:
            self._hand_early(self._link)

    def join(self, become: Become | None = None) -> None:
        self._users[_name(become)] = become
        if self._link is not None:
            self._link.tell(self._line, "join", become)

    async def halt(self) -> None:
        with suppress(Lost):  # then nobody begins anything
            if self._link is not None:
                await self._link.ask(self._line, "halt")

    async def forget(self, key: str, become: Become | None = None) -> None:
        self._sent.discard(key)
        self._out.discard(key)
        if self._link is not None and key not in self._doubtful:
            self._link.tell(self._line, "forget", key, become)

    async def upload(self, chunks: AsyncIterator[bytes], path: str, become: Become | None = None) -> None:
        link = await self._worker()
        number, answer = link.begin(self._line, "upload", path, become)
        ended = asyncio.ensure_future(link.answer(self._line, number, answer))
        feeding = asyncio.ensure_future(self._feed(link, number, chunks))
        try:
            await asyncio.wait({ended, feeding}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await feeding
            await ended
        except Lost as lost:
            raise _dropped(lost) from lost
        finally:
            feeding.cancel()
            ended.cancel()
            await asyncio.gather(feeding, ended, return_exceptions=True)

    async def _feed(self, link: Link, upload: int, chunks: AsyncIterator[bytes]) -> None:
        """Some pieces are on their way at once, since the worker may be far."""
        asked: deque[asyncio.Future[Any]] = deque()
        try:
            async for chunk in chunks:
                if chunk:  # an empty piece is the end
                    asked.append(asyncio.ensure_future(link.ask(self._line, "piece", upload, chunk)))
                if len(asked) > AHEAD:
                    await asked.popleft()
            await asyncio.gather(*asked)
            await link.ask(self._line, "piece", upload, b"")
        finally:
            for piece in asked:
                piece.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def download(self, path: str, become: Become | None = None) -> AsyncIterator[bytes]:
        link = await self._worker()
        try:
            flow = await link.ask(self._line, "download", path, become)
            try:
                while (data := await link.ask(self._line, "next", flow)) is not None:
                    yield data
            finally:
                link.tell(self._line, "drop", flow)
        except Lost as lost:
            raise _dropped(lost) from lost

    async def reset(self) -> None:
        with suppress(Lost):  # then nothing stands
            if self._link is not None:
                await self._link.ask(self._line, "reset")

    async def close(self) -> None:
        for work in self._work:
            work.cancel()
        while self._users or self._link is not None:
            try:
                link = await self._worker()
                await link.ask(self._line, "close")
                link.detach(self._line)
            except Lost:
                continue
            except HostError as error:
                level = "note" if self._doubtful else "warning"  # what was at work there was told to be unknown
                text = f"could not be cleaned up: {error.message}"
                self._on_event(Said(level=level, text=text, host=self.address.name))
            self._users.clear()
            self._link = None

    # ---- the worker ------------------------------------------------------------------------------------------

    async def _worker(self) -> Link:
        """The worker that holds the line now. Raises ConnectionDropped where there is none any more."""
        async with self._opening:
            if self._link is None or self._link.is_lost:
                lost, self._link = self._link, None
                if lost is not None:
                    self._leave(lost)
                link = await self._successor(lost)
                link.attach(self._line, self._hear)
                past = Past(frozenset(self._sent), dict(self._births), self._gone)
                link.tell(self._line, "open", self.address, self._kind, past)
                for become in self._users.values():
                    link.tell(self._line, "join", become)
                self._link = link
                self._hand_early(link)
            return self._link

    def _leave(self, lost: Link) -> None:
        """A worker was lost: what it had may be with the node."""
        lost.detach(self._line)
        self._doubtful |= self._out

    async def _successor(self, lost: Link | None) -> Link:
        """A worker for the line, behind the ``lost`` one if there was one. Raises ConnectionDropped."""
        if lost is None:
            return await self._crew.worker(self.address)
        reason = f"the worker {lost.name} was lost"
        try:
            link = await self._crew.worker(self.address)
        except ConnectionDropped as none:
            raise ConnectionDropped(none.message, evidence=reason, hint=none.hint) from none
        told = ConnectionLost(host=self.address.name, reason=f"{reason}; another one takes over", will_retry_s=0)
        self._on_event(told)
        return link

    def _hand_early(self, link: Link) -> None:
        for key, words in self._early.items():
            self._sent.add(key)
            self._out.add(key)
            link.tell(self._line, "ahead", *words)
        self._early.clear()

    def _hear(self, event: Event) -> None:
        if not isinstance(event, ShellOpened):
            self._on_event(event)
            return
        self._births[event.where.removeprefix(self.address.shell_of(None))] = event.birth
        recording = asyncio.ensure_future(self._confirm(event, self._link))
        self._recording.add(recording)
        recording.add_done_callback(self._recording.discard)

    async def _confirm(self, opened: ShellOpened, link: Link | None) -> None:
        """Record what a worker told, and tell it so: before that it hands nothing over."""
        await self._record(opened)
        if link is not None:
            link.tell(self._line, "recorded", opened.where)


def _name(become: Become | None) -> str:
    return become.user if become else ""


def _dropped(lost: Lost) -> ConnectionDropped:
    return ConnectionDropped("the worker that held the line was lost", evidence=lost.message, hint=lost.hint)
