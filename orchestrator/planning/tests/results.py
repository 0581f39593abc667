"""Tests of what a task came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError


def _flag(test: str, name: str, absent: bool = False) -> Callable[[Any], bool]:
    def holds(result: Any) -> bool:
        return bool(_checked(result, test).get(name, absent))

    return holds


def _checked(result: Any, test: str) -> Any:
    if not isinstance(result, dict):
        raise TemplateError(f"The '{test}' test expects a dictionary", hint="give it what `register` stored")
    return result


def _not(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda result: not test(result)


def changed(result: Any) -> bool:
    """Whether a result, or any item of a loop's results, says changed."""
    held = _checked(result, "changed")
    if "changed" in held:
        return bool(held["changed"])
    items = held.get("results")
    if not isinstance(items, list) or not items or not isinstance(items[0], dict):
        return False
    return any(item.get("changed") for item in items)


def timedout(result: Any) -> bool:
    """Whether a limit of the task passed."""
    limit = _checked(result, "timedout").get("timedout")
    return bool(limit and limit.get("period"))


failed = _flag("failed", "failed")
unreachable = _flag("unreachable", "unreachable")
skipped = _flag("skipped", "skipped")

RESULTS: Final[Mapping[str, Callable[..., Any]]] = {
    "change": changed,
    "changed": changed,
    "failed": failed,
    "failure": failed,
    "finished": _flag("finished", "finished", absent=True),
    "reachable": _not(unreachable),
    "skip": skipped,
    "skipped": skipped,
    "started": _flag("started", "started", absent=True),
    "succeeded": _not(failed),
    "success": _not(failed),
    "successful": _not(failed),
    "timedout": timedout,
    "unreachable": unreachable,
}
