"""What of a result may be told: all of it, or – under ``no_log`` – only how it ended."""

from __future__ import annotations

from typing import Any

from orchestrator.model.results import NO_TRACEBACK, Result

CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
KEPT = ("changed", "failed", "skipped", "unreachable", "unknown", "attempts", "retries")


def shown(result: Result, *, no_log: bool) -> dict[str, Any]:
    """The result for events: in the shape that ``register`` stores, or censored."""
    told = {name: value for name, value in result.as_vars().items() if name != "exception" or value != NO_TRACEBACK}
    told.pop("diff", None)  # told by itself
    if result.evidence:
        told["evidence"] = result.evidence
    if not no_log:
        return told
    return {"censored": CENSORED, **{name: told[name] for name in KEPT if name in told}}


def shown_hint(result: Result, hint: str | None, *, no_log: bool, is_mistake: bool) -> str | None:
    """What to do next. Under ``no_log`` nothing that was rendered for the task (``is_mistake``), but why a host went
    away: these are our own words, and nobody could help it otherwise."""
    if not no_log:
        return hint
    why = result.msg if result.unreachable or result.unknown else None
    return None if is_mistake else "; ".join(filter(None, [why, hint])) or None


def shown_diff(result: Result, *, no_log: bool) -> tuple[dict[str, str], ...]:
    """The diff for events, as plain mappings; none under ``no_log``."""
    if no_log:
        return ()
    return tuple(
        {
            "before": each.before,
            "after": each.after,
            "before_header": each.before_header,
            "after_header": each.after_header,
        }
        for each in result.diff
    )
