"""How long to wait before a line is dialled again."""

from __future__ import annotations

import tenacity

from orchestrator.model.errors import TurnedAway

_SOON = tenacity.wait_random_exponential(multiplier=0.2, max=10)
"""A line that broke: 0.2 s × 2ⁿ, with full jitter."""
_SELDOM = tenacity.wait_exponential(multiplier=5, max=40) + tenacity.wait_random(0, 2)
"""One that sshd turns away: 10 s after the first refusal, then twice as long each time."""


def error_of(state: tenacity.RetryCallState) -> BaseException | None:
    """What the last try ended with."""
    return state.outcome.exception() if state.outcome else None


def pause_s(state: tenacity.RetryCallState, most_s: float) -> float:
    """The pause after the last try; together all of it takes no longer than ``most_s``."""
    wanted_s = (_SELDOM if isinstance(error_of(state), TurnedAway) else _SOON)(state)
    return min(wanted_s, max(0.0, most_s - (state.seconds_since_start or 0.0)))
