"""The worker's end: connections held for an engine in another process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from orchestrator.model.events import ShellOpened
from orchestrator.transport.base import Address, Become
from orchestrator.transport.calls import Answer, Call, Fault, Heard, Past, Start
from orchestrator.transport.connection import NodeConnection
from orchestrator.transport.open import connect
from orchestrator.transport.ramp import Ramp

Tell = Callable[[Answer | Heard], None]
AHEAD = 4
"""Pieces of a file that may wait here for the node to take them."""


@dataclass(slots=True)
class Inflow:
    """A file on its way to a node."""

    pieces: asyncio.Queue[bytes]
    ended: asyncio.Future[Any]
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Keeps pieces in order: a queue that was full gives way to whoever asks first, not to who waits longest."""


class Holder:
    """Does what calls ask, in the order they come, and tells the answers.

    Each call is a task of its own, so that what waits for a node holds up nothing else; tasks begin in the order
    they were made, as calls of a connection in the engine's own process would.
    """

    def __init__(self, start: Start, tell: Tell) -> None:
        self._start = start
        self._tell = tell
        # What all workers have under way together stays what one process would have: see Ramp.
        self._ramp = Ramp(max(1, 8 // start.share), max(1, 50 // start.share))
        self._lines: dict[int, NodeConnection] = {}
        self._unrecorded: dict[tuple[int, str], asyncio.Future[None]] = {}
        """Shells, by line and login, that the engine was told of and has not recorded yet."""
        self._tasks: dict[int, asyncio.Future[Any]] = {}
        self._silent: set[asyncio.Future[Any]] = set()
        self._inflows: dict[int, Inflow] = {}
        self._outflows: dict[int, AsyncIterator[bytes]] = {}

    @property
    def lines(self) -> int:
        """How many connections are held."""
        return len(self._lines)

    def take(self, call: Call) -> None:
        """Begin what ``call`` asks."""
        if call.verb == "cancel":
            if (task := self._tasks.get(call.words[0])) is not None:
                task.cancel()
            return
        work = asyncio.ensure_future(self._verb(call))
        if call.number:
            self._tasks[call.number] = work
        else:
            self._silent.add(work)
        if call.verb == "upload":
            self._inflows[call.number] = Inflow(asyncio.Queue(AHEAD), work)
        work.add_done_callback(partial(self._done, call.number))

    async def drop(self) -> None:
        """Hang up everywhere and clean nothing: whoever takes over will ask the nodes for what was left."""
        for work in [*self._tasks.values(), *self._silent]:
            work.cancel()
        await asyncio.gather(*(line.reset() for line in self._lines.values()), return_exceptions=True)
        self._lines.clear()

    def _done(self, number: int, work: asyncio.Future[Any]) -> None:
        self._tasks.pop(number, None)
        self._inflows.pop(number, None)
        self._silent.discard(work)
        if work.cancelled():
            return
        if (error := work.exception()) is not None:
            self._tell(Answer(number, fault=Fault.of(error)))
        elif number:
            self._tell(Answer(number, work.result()))

    def _verb(self, call: Call) -> Coroutine[Any, Any, Any]:
        verbs: dict[str, Callable[..., Coroutine[Any, Any, Any]]] = {
            "open": self._open,
            "run": self._run,
            "ahead": self._ahead,
            "halt": self._halt,
            "join": self._join,
            "recorded": self._recorded,
            "forget": self._forget,
            "upload": partial(self._upload, call.number),
            "piece": self._piece,
            "download": partial(self._download, call.number),
            "next": self._next,
            "drop": self._let_go,
            "reset": self._reset,
            "close": self._close,
        }
        return verbs[call.verb](call.line, *call.words)

    async def _open(self, line: int, address: Address, kind: str, past: Past) -> None:
        def hear(event: Any) -> None:
            self._tell(Heard(line, event))

        async def record(opened: ShellOpened) -> None:
            done = self._unrecorded[line, opened.where] = asyncio.get_running_loop().create_future()
            hear(opened)
            await done

        limits, run_id = self._start.limits, self._start.run_id
        self._lines[line] = connect(
            address,
            kind,
            limits=limits,
            run_id=run_id,
            ramp=self._ramp,
            on_event=hear,
            record=record,
            sent=past.sent,
            births=past.births,
            gone=past.gone,
        )

    async def _run(self, line: int, key: str, program: Any, become: Become | None, timeout_s: float) -> Any:
        return await self._lines[line].run(key, program, become, timeout_s=timeout_s)

    async def _ahead(
        self, line: int, key: str, program: Any, become: Become | None, timeout_s: float, after: tuple[str, ...]
    ) -> None:
        self._lines[line].ahead(key, program, become, timeout_s=timeout_s, after=after)

    async def _halt(self, line: int) -> None:
        await self._lines[line].halt()

    async def _join(self, line: int, become: Become | None) -> None:
        self._lines[line].join(become)

    async def _recorded(self, line: int, where: str) -> None:
        if (done := self._unrecorded.pop((line, where), None)) is not None and not done.done():
            done.set_result(None)

    async def _forget(self, line: int, key: str, become: Become | None) -> None:
        await self._lines[line].forget(key, become)

    async def _upload(self, number: int, line: int, path: str, become: Become | None) -> None:
        await self._lines[line].upload(_pieces(self._inflows[number].pieces), path, become)

    async def _piece(self, _line: int, upload: int, data: bytes) -> None:
        """A piece of an upload (none is its end); answered when there is room for another."""
        if (inflow := self._inflows.get(upload)) is not None:  # else it has ended, and its answer says how
            async with inflow.turn:
                putting = asyncio.ensure_future(inflow.pieces.put(data))
                await asyncio.wait({putting, inflow.ended}, return_when=asyncio.FIRST_COMPLETED)
                putting.cancel()

    async def _download(self, number: int, line: int, path: str, become: Become | None) -> int:
        self._outflows[number] = self._lines[line].download(path, become)
        return number

    async def _next(self, _line: int, download: int) -> bytes | None:
        """The next piece of a download, None at its end."""
        return await anext(self._outflows[download], None)

    async def _let_go(self, _line: int, download: int) -> None:
        flow: Any = self._outflows.pop(download)
        await flow.aclose()

    async def _reset(self, line: int) -> None:
        await self._lines[line].reset()

    async def _close(self, line: int) -> None:
        await self._lines.pop(line).close()


async def _pieces(queue: asyncio.Queue[bytes]) -> AsyncIterator[bytes]:
    while data := await queue.get():
        yield data
