"""``until``, ``retries`` and ``delay``: how often a task is tried, and what counts as done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from orchestrator.engine.keyword_values import number
from orchestrator.model.frozen import frozen
from orchestrator.model.results import Result
from orchestrator.planning.render import Renderer

DEFAULT_RETRIES = 3
DEFAULT_DELAY_S = 5.0


@frozen
class Attempts:
    """``retries`` further tries after the first, ``delay_s`` apart, until all of ``until`` hold."""

    retries: int
    delay_s: float
    until: tuple[Any, ...]

    @classmethod
    def of(cls, until: tuple[Any, ...] | None, retries: Any, delay: Any, renderer: Renderer) -> Attempts:
        """From a task's keywords; Ansible's defaults: 3 retries where only ``until`` is given, 5 s apart."""
        if until is None and retries is None:
            return cls(0, 0.0, ())
        count = number(renderer, retries, DEFAULT_RETRIES)
        pause = number(renderer, delay, DEFAULT_DELAY_S)
        return cls(max(0, int(count)), max(0.0, pause), until or ())

    def is_done(self, result: Result, renderer: Renderer) -> bool:
        """Whether ``result`` ends the tries; ``renderer`` sees it under its registered name."""
        if not self.until:
            return not result.failed
        return all(renderer.condition(each) for each in self.until)


async def repeat(
    attempts: Attempts,
    once: Callable[[int, Renderer], Awaitable[tuple[Result, Renderer]]],
    between: Callable[[Result, int, int], Awaitable[None]],
    renderer: Renderer,
) -> Result:
    """Try ``once`` until done, given the attempt's number and what can be seen after the one before it. ``between``
    tells and waits: (result, attempt, left)."""
    for attempt in range(1, attempts.retries + 2):
        result, renderer = await once(attempt, renderer)
        if not attempts.retries or result.unreachable or result.unknown or result.gave_up:
            return result
        result = result.but(data={**result.data, "attempts": attempt})
        if attempts.is_done(result, renderer):
            return result
        left = attempts.retries + 1 - attempt
        if left:
            await between(result, attempt, left)
    # What failed_when has said stands, even now; but what is registered says that it failed (as in Ansible).
    failed = bool(result.data.get("failed_when_result", True))
    return result.but(failed=failed, ran_out=True, data={**result.data, "attempts": attempts.retries})
