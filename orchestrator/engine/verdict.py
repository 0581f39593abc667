"""Verdicts: from errors to results, and what ``changed_when`` and ``failed_when`` make of one."""

from __future__ import annotations

from typing import Any

from orchestrator.language.tree import Task
from orchestrator.model.errors import (
    AccessDenied,
    ConnectionDropped,
    ElevationDenied,
    HostError,
    IdentityError,
    LimitExceeded,
    OrchestratorError,
    OutcomeUnknown,
    Unreachable,
)
from orchestrator.model.results import Result
from orchestrator.planning.render import Renderer

AWAY = (Unreachable, AccessDenied, IdentityError)
"""Errors that mean: nothing was run, the host is out of reach."""


def of_error(error: OrchestratorError) -> Result:
    """The result that stands for ``error``: unreachable, unknown or failed, with its evidence."""
    evidence = {"evidence": error.evidence} if error.evidence else {}
    data: dict[str, Any] = evidence
    if isinstance(error, ElevationDenied):
        return Result(failed=True, msg=error.message, data=data)
    if isinstance(error, AWAY):
        return Result(unreachable=True, msg=error.message, data=data)
    if isinstance(error, OutcomeUnknown | ConnectionDropped):
        return Result(unknown=True, msg=error.message, data=data)
    place = f"{error.place}: " if error.place and not isinstance(error, HostError) else ""
    return Result(failed=True, msg=f"{place}{error.message}", data=data)


def judged(task: Task, result: Result, renderer: Renderer, attempt: int) -> tuple[Result, Renderer]:
    """``result`` after the task's own words on it, and a renderer that sees it under its registered name."""
    if result.unreachable or result.unknown or result.skipped:
        return result, renderer
    seen = _seeing(task, result, renderer, attempt)
    if task.changed_when is not None:
        result = result.but(changed=all(seen.condition(each) for each in task.changed_when))
        seen = _seeing(task, result, renderer, attempt)
    if task.failed_when is not None:
        failed = all(seen.condition(each) for each in task.failed_when)
        result = result.but(failed=failed, data={**result.data, "failed_when_result": failed})
        seen = _seeing(task, result, renderer, attempt)
    return result, seen


def _seeing(task: Task, result: Result, renderer: Renderer, attempt: int) -> Renderer:
    if not task.register:
        return renderer
    shown = {**result.as_vars(), **({"attempts": attempt} if task.until is not None or task.retries else {})}
    return renderer.extended({str(task.register): shown})


def joined(results: list[Result]) -> Result:
    """A loop's result from its turns', in Ansible's shape."""
    told = {"results": [each.as_vars() for each in results]}
    failed = any(each.failed for each in results)
    if not results:
        return Result(skipped=True, data={**told, "skipped_reason": "No items in the list"})
    skipped = all(each.skipped for each in results)
    msg = "One or more items failed" if failed else "All items skipped" if skipped else "All items completed"
    return Result(
        changed=any(each.changed for each in results),
        failed=failed,
        skipped=skipped,
        unreachable=any(each.unreachable for each in results),
        unknown=any(each.unknown for each in results),
        msg=msg,
        data=told,
    )
