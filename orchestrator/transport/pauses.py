"""Trying again after a broken line, with growing pauses. Imported when a line first breaks: tenacity takes its time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import tenacity

from orchestrator.model.errors import Bug, TurnedAway

T = TypeVar("T")

_SOON = tenacity.wait_random_exponential(multiplier=0.2, max=10)
"""A line that broke: 0.2 s × 2ⁿ, with full jitter."""
_SELDOM = tenacity.wait_exponential(multiplier=5, max=40) + tenacity.wait_random(0, 2)
"""One that sshd turns away: 10 s after the first refusal, then twice as long each time."""


async def again(
    first: Exception,
    attempt: Callable[[], Awaitable[T]],
    *,
    may_retry: Callable[[BaseException | None, int], bool],
    say: Callable[[BaseException | None, float | None], None],
    most_s: float,
) -> T:
    """What a further ``attempt`` comes to, the first one having ended with ``first``; raises what the last one raised.

    ``may_retry`` judges an error and the number of the try it ended; ``say`` is told the error and the pause behind it.
    All pauses together take no longer than ``most_s``.
    """
    failed = [first]
    retrying = tenacity.AsyncRetrying(
        retry=lambda state: may_retry(_error_of(state), state.attempt_number),
        stop=tenacity.stop_after_delay(most_s),
        wait=lambda state: _pause_s(state, most_s),
        before_sleep=lambda state: say(_error_of(state), state.next_action.sleep if state.next_action else None),
        reraise=True,
    )
    async for one_try in retrying:
        with one_try:
            if failed:
                raise failed.pop()
            return await attempt()
    raise Bug("tenacity ended without a result or an error")


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
    """What the last try ended with."""
    return state.outcome.exception() if state.outcome else None


def _pause_s(state: tenacity.RetryCallState, most_s: float) -> float:
    """The pause after the last try."""
    wanted_s = (_SELDOM if isinstance(_error_of(state), TurnedAway) else _SOON)(state)
    return min(wanted_s, max(0.0, most_s - (state.seconds_since_start or 0.0)))
