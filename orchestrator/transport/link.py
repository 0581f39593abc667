"""The engine's end of one worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

from orchestrator.model.errors import Bug, OrchestratorError
from orchestrator.model.events import Event
from orchestrator.transport.calls import Answer, Call, Heard


class Lost(OrchestratorError):
    """The worker is gone, and with it the lines it held; the nodes are not."""


class Link:
    """Calls out, answers and events in; ``post`` takes calls to the worker, in order, without waiting.

    ``labels``: what the worker is near to, as its owner said. ``shares_clock``: it runs on this machine, so that the
    times it tells are this one's.
    """

    def __init__(
        self,
        name: str,
        post: Callable[[Call], None],
        labels: frozenset[str] = frozenset(),
        *,
        shares_clock: bool = False,
    ) -> None:
        self.name = name
        self.shares_clock = shares_clock
        self.labels = labels
        self.lines: set[int] = set()
        self._post = post
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._ears: dict[int, Callable[[Event], None]] = {}
        self._end: OrchestratorError | None = None

    @property
    def is_lost(self) -> bool:
        return self._end is not None

    def attach(self, line: int, hear: Callable[[Event], None]) -> None:
        """From now on ``line`` is held here; ``hear`` takes what it tells."""
        self.lines.add(line)
        self._ears[line] = hear

    def detach(self, line: int) -> None:
        self.lines.discard(line)
        self._ears.pop(line, None)

    def tell(self, line: int, verb: str, *words: object) -> None:
        """A call whose answer nobody waits for."""
        if not self.is_lost:
            self._post(Call(0, line, verb, words))

    def begin(self, line: int, verb: str, *words: object) -> tuple[int, asyncio.Future[Any]]:
        """A call's number, and its answer to come. Raises Lost."""
        if self._end is not None:
            raise _again(self._end)
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._post(Call(number, line, verb, words))
        return number, answer

    async def ask(self, line: int, verb: str, *words: object) -> Any:
        """A call's answer. Raises what the worker raised, or Lost."""
        return await self.answer(line, *self.begin(line, verb, *words))

    async def answer(self, line: int, number: int, answer: asyncio.Future[Any]) -> Any:
        """The answer to a call that was begun; whoever stops waiting for it ends the work on it."""
        try:
            return await answer
        except asyncio.CancelledError:
            self.tell(line, "cancel", number)
            raise
        finally:
            self._waiting.pop(number, None)

    def take(self, message: Answer | Heard) -> None:
        """What the worker said."""
        if isinstance(message, Heard):
            if (hear := self._ears.get(message.line)) is not None:
                hear(message.event)
        elif message.number:
            self._resolve(message)
        else:
            self.lose((message.fault.error() if message.fault else None) or Bug("an answer that nobody waits for"))

    def _resolve(self, message: Answer) -> None:
        answer = self._waiting.get(message.number)
        if answer is None or answer.done():
            return
        if message.fault is None:
            answer.set_result(message.value)
        else:
            answer.set_exception(message.fault.error())

    def lose(self, end: OrchestratorError) -> None:
        """The worker is gone, or of no use any more: everybody who waits for it is told why."""
        if self._end is None:
            self._end = end
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(_again(self._end))


def _again(end: OrchestratorError) -> OrchestratorError:
    """The same error for one more who waits: an exception keeps the way it took."""
    return type(end)(end.message, evidence=end.evidence, hint=end.hint)
