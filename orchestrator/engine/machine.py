"""Drives a module: takes the requests it yields to the node, the clock, the person or the memory, and sends replies.

Journal first, act second: before a program is handed over, what was emitted so far – its own intent included – is
durable. Claims are given back when the task's result has been emitted: the words to drop them travel with a later
program, so behind a moment that made the result durable too. A resumed task finds all its programs' results.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.engine.jobs import Job, Jobs
from orchestrator.engine.resume import Past
from orchestrator.engine.talk import Talk
from orchestrator.model.errors import HostError, OutcomeUnknown
from orchestrator.model.events import Dispatched, Event
from orchestrator.model.frozen import frozen
from orchestrator.model.program import (
    Ask,
    Converse,
    Download,
    Glimpse,
    JobStatus,
    Reach,
    Recall,
    Reconnect,
    Remember,
    Reply,
    Request,
    Run,
    Sleep,
    Steps,
    Upload,
)
from orchestrator.model.results import Result
from orchestrator.transport.base import Become, Connection

CHUNK_BYTES = 256 * 1024


@frozen
class Memory:
    """What outlives runs: notes by topic (restart budgets). Given by whoever owns the journal."""

    recall: Callable[[str, float], tuple[tuple[str, float], ...]]
    remember: Callable[[str, str], Awaitable[None]]


async def _forget(_topic: str, _host: str) -> None:
    return None


FORGETFUL = Memory(lambda _topic, _within_s: (), _forget)
"""A memory that keeps nothing: for runs without a journal."""


async def nobody(_question: Ask) -> str | None:
    """The answer where no person can be asked."""
    return None


@dataclass(slots=True)
class Services:
    """What a machine needs beside its connection; one for the whole run."""

    emit: Callable[[Event], None]
    sync: Callable[[], Awaitable[None]]
    ask: Callable[[Ask], Awaitable[str | None]]
    memory: Memory
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    early: set[str] = field(default_factory=set)
    """Keys of programs that were sent ahead of their tasks' turns."""
    keeps: Callable[[Event], bool] = lambda _event: True
    """Whether the journal can hold an event's result as it is: without secrets in it, and not too large."""


async def _nothing(_where: str, _program: Run) -> None:
    return None


@dataclass(slots=True)
class Machine:
    """One task's hold on one node. ``key`` is unique to task, host, loop item and attempt in this run."""

    host: str
    task: str
    key: str
    services: Services
    connection: Connection | None
    become: Become | None
    timeout_s: float
    item: str | None = None
    job: Job | None = None
    """Where the task runs in the background: what runs its programs there."""
    jobs: Jobs | None = None
    where: str = ""
    """The shell on the node, in one word."""
    past: Past = field(default_factory=Past)
    """What earlier processes of this run handed over."""
    go_beyond: Callable[[tuple[Machine, Run, str]], Awaitable[None]] | None = None
    """May send an announced program ahead, and more behind it."""
    look_behind: Callable[[Machine, Run], None] = lambda _machine, _program: None
    """May look, behind a program that is on its way, for what comes next."""
    glimpsed: Callable[[str, Run], Awaitable[Reply | None]] = _nothing
    """What a program has seen in a shell ahead of the task."""
    _talk: Talk | None = None
    """With a program of the controller's that the module asks."""
    _programs: int = 0
    _keys: list[str] = field(default_factory=list)

    async def drive(self, steps: Steps) -> Result:
        """Run a module to its result. A HostError is thrown into the module first, which may know what to do."""
        try:
            request = next(steps)
            while True:
                try:
                    reply = await self.answer(request)
                except HostError as error:
                    request = steps.throw(error)
                else:
                    request = steps.send(reply)
        except StopIteration as stop:
            result: Result = stop.value
            return result
        finally:
            steps.close()
            if self._talk is not None:
                await self._talk.end()

    async def answer(self, request: Request) -> Any:
        """Do what ``request`` asks; its reply is described there. What an earlier process is sure to have done, since
        it came as far as the program behind it, is not done again."""
        match request:
            case Run():
                return await self._run(request)
            case Glimpse():
                return await self.glimpsed(self.where, request.program)
            case Upload() | Sleep() | Reconnect() | Remember() if self._is_behind_us():
                return None
            case Upload():
                await self._node.upload(_chunks(request), request.path, self.become)
            case Download():
                return await self._download(request)
            case Sleep():
                await self.services.sleep(request.seconds)
            case Ask():
                return await self.services.ask(request)
            case Reach():
                return await reach(request.host, request.port, request.timeout_s)
            case Reconnect():
                return await self._reconnect(request.timeout_s)
            case Recall():
                return self.services.memory.recall(request.topic, request.within_s)
            case Remember():
                await self.services.memory.remember(request.topic, self.host)
            case Converse():
                self._talk = self._talk or await Talk.begin(request.words)
                return await self._talk.say(request.line, self.timeout_s)
            case JobStatus():
                return self.jobs.status(request.jid, forget=request.forget) if self.jobs is not None else None
        return None

    def _is_behind_us(self) -> bool:
        """Whether an earlier process came as far as the program that follows."""
        return self.past.was_handed(f"{self.key}.{self._programs + 1}")

    @property
    def _node(self) -> Connection:
        if self.connection is None:
            raise HostError("this module was said not to need a host, yet it asks for one")
        return self.connection

    async def _run(self, program: Run) -> Reply:
        return await (self._exchange(program) if self.job is None else self.job.run(program, self._exchange))

    async def _exchange(self, program: Run) -> Reply:
        key = self.announce(program)
        if key not in self.services.early and self.go_beyond is not None:
            await self.go_beyond((self, program, key))
        if key in self.services.early:
            self.services.early.discard(key)
        else:
            await self.services.sync()
        self._keys.append(key)
        self.look_behind(self, program)
        return await self._node.run(key, program, self.become, timeout_s=self._limit_s(program))

    def announce(self, program: Run) -> str:
        """Tell, if it was not told before, that ``program`` is about to be handed over; returns its key. Raises
        OutcomeUnknown where an earlier process handed it over to a shell that we do not ask."""
        self._programs += 1
        key = f"{self.key}.{self._programs}"
        if not program.repeatable and self.past.went_elsewhere(key, self.where):
            raise OutcomeUnknown(
                "the task was handed over at another address, or to another user",
                evidence=f"then {self.past.keys[key]}, now {self.where}",
                hint="resume with the address and user of then, or look at the node and run the playbook again",
            )
        if key not in self.services.early:
            self.services.emit(
                Dispatched(
                    host=self.host,
                    task=self.task,
                    key=key,
                    item=self.item,
                    repeatable=program.repeatable,
                    where=self.where,
                )
            )
        return key

    def send_ahead(self, key: str, program: Run, after: tuple[str, ...]) -> None:
        """Write the announced ``program`` before its task's turn; see ``Connection.ahead``."""
        self.services.early.add(key)
        self._node.ahead(key, program, self.become, timeout_s=self._limit_s(program), after=after)

    def look(self, program: Run) -> None:
        """Write ``program``, which changes nothing and so need not be announced, behind what is with the node."""
        self._node.ahead(f"{self.key}.look", program, self.become, timeout_s=self._limit_s(program))

    async def looked(self, program: Run) -> Reply:
        """What ``look`` has seen. Raises HostError."""
        key = f"{self.key}.look"
        reply = await self._node.run(key, program, self.become, timeout_s=self._limit_s(program))
        await self._node.forget(key, self.become)
        return reply

    async def drop_look(self) -> None:
        """Nobody wants to know what ``look`` has seen."""
        await self._node.forget(f"{self.key}.look", self.become)

    def _limit_s(self, program: Run) -> float:
        return min(program.timeout_s, self.timeout_s) if program.timeout_s else self.timeout_s

    @property
    def has_claims(self) -> bool:
        """Whether results of its programs are on the node."""
        return bool(self._keys)

    async def settle(self) -> None:
        """The task's result is in the journal: its claims may go."""
        if self.connection is not None:
            for key in self._keys:
                await self.connection.forget(key, self.become)
        self._keys.clear()

    async def _download(self, request: Download) -> bytes | None:
        if request.into is None:
            return b"".join([chunk async for chunk in self._bounded(request)])
        with await asyncio.to_thread(Path(request.into).open, "wb") as file:
            async for chunk in self._bounded(request):
                await asyncio.to_thread(file.write, chunk)
        return None

    async def _bounded(self, request: Download) -> AsyncIterator[bytes]:
        left = request.limit_bytes
        async for chunk in self._node.download(request.path, self.become):
            left -= len(chunk)
            if left < 0:
                raise HostError(f"{request.path} is larger than the limit of {request.limit_bytes} bytes")
            yield chunk

    async def _reconnect(self, timeout_s: float) -> str | None:
        """Keep trying to log in again; None when it worked, else why not."""
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + timeout_s, 1.0
        while True:
            try:
                await self._node.reset()
                await self._node.run(f"{self.key}.again.{loop.time():.3f}", Run(main=":"), timeout_s=30)
                return None
            except HostError as error:
                if loop.time() + pause > deadline:
                    return error.message
            await self.services.sleep(pause)
            pause = min(pause * 1.5, 15.0)


async def _chunks(request: Upload) -> AsyncIterator[bytes]:
    if request.content is not None:
        for start in range(0, len(request.content), CHUNK_BYTES):
            yield request.content[start : start + CHUNK_BYTES]
    elif request.source is not None:
        with await asyncio.to_thread(Path(request.source).open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk


async def reach(host: str, port: int, timeout_s: float) -> str | None:
    """Whether a TCP connection from here to ``host:port`` opens: None, or the reason why not."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"no answer within {timeout_s:g} s"
    except OSError as error:
        return error.strerror or str(error)
    writer.close()
    return None
