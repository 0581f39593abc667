"""Verdicts: from errors to results, and what ``changed_when`` and ``failed_when`` make of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.language.tree import Task
from orchestrator.model.errors import (
    AccessDenied,
    ConnectionDropped,
    ElevationDenied,
    HostError,
    IdentityError,
    LeaseEnded,
    LimitExceeded,
    OrchestratorError,
    OutcomeUnknown,
    SecretError,
    TemplateError,
    Unreachable,
    UserError,
)
from orchestrator.model.results import NO_TRACEBACK, IncludeVars, Result, SetFacts
from orchestrator.modules import canonical
from orchestrator.planning.render import Renderer

AWAY = (Unreachable, AccessDenied, IdentityError, LeaseEnded)
"""Errors that mean: nothing was run, the host is out of reach."""


def of_error(error: OrchestratorError) -> Result:
    """The result that stands for ``error``: unreachable, unknown or failed.

    A mistake in the user's files is told in Ansible's words alone, since playbooks compare them; its place, evidence
    and hint go beside the result, to who reads the run.
    """
    if isinstance(error, UserError):
        failed = f"Task failed: {error.message}" if isinstance(error, TemplateError | SecretError) else error.message
        return Result(failed=True, msg=failed)
    if isinstance(error, ElevationDenied) and error.said:
        return Result(failed=True, msg=f"Task failed: {error.said}", evidence=error.seen)
    if error.said:
        msg = f"Task failed: Failed to connect to the host via ssh: {error.said}"
        return Result(unreachable=True, msg=msg, evidence=error.seen)
    is_away = isinstance(error, AWAY) and not isinstance(error, ElevationDenied)
    is_unknown = isinstance(error, OutcomeUnknown | ConnectionDropped)
    has_failed = not (is_away or is_unknown)
    return Result(
        failed=has_failed, unreachable=is_away, unknown=is_unknown, msg=error.message, evidence=error.evidence
    )


def timed_out(error: HostError, limit_s: float) -> Result | None:
    """The result of a task whose own ``timeout`` has passed, in Ansible's words; None for any other error."""
    if not isinstance(error, LimitExceeded) or not limit_s:
        return None
    msg = f"Task failed: Timed out after {limit_s:g} second(s)."
    return Result(failed=True, msg=msg, data={"timedout": {"period": limit_s}})


VERDICTS = frozenset({"assert", "fail", "raw", "script"})
"""Modules that fail without an exception, so that ``failed_when`` suppresses none."""


UNKNOWN = "Task failed: Action failed: Unknown error."
"""What Ansible says of a failure that gave no reason."""


def deprecations(count: int) -> dict[str, Any]:
    """What a result says of ``count`` conditions in template delimiters (ansible-core 2.19)."""
    told = {
        "collection_name": "ansible.builtin",
        "deprecator": {"resolved_name": "ansible.builtin", "type": None},
        "msg": "Conditionals should not be surrounded by templating delimiters such as {{ }} or {% %}.",
        "version": "2.23",
    }
    return {"deprecations": [told] * count} if count else {}


def judged(task: Task, result: Result, renderer: Renderer, attempt: int) -> tuple[Result, Renderer, UserError | None]:
    """``result`` after the task's own words on it, a renderer that sees it under its registered name, and why the
    words could not be understood.

    A condition that cannot be evaluated fails the task, which keeps what its module returned.
    """
    if result.unreachable or result.unknown or result.skipped or result.gave_up:
        return result, _seeing(task, result, renderer, attempt), None
    condition, mistake = "changed", None
    try:
        if task.changed_when:
            seen = _seeing(task, result, renderer, attempt)
            result = result.but(changed=all(seen.condition(each) for each in task.changed_when))
        condition = "failed"
        if task.failed_when:
            seen = _seeing(task, result, renderer, attempt)
            failed = all(seen.condition(each) for each in task.failed_when)
            said: dict[str, Any] = {"failed_when_result": failed}
            if result.failed and not failed and canonical(str(task.action)) not in VERDICTS:
                said["failed_when_suppressed_exception"] = NO_TRACEBACK
            result = result.but(failed=failed, data={**result.data, **said})
    except UserError as error:
        said = {f"{condition}_when_result": error.message}
        msg = UNKNOWN if result.msg is None else result.msg
        result, mistake = result.but(failed=True, msg=msg, data={**result.data, **said}), error
    return result, _seeing(task, result, renderer, attempt), mistake


def _seeing(task: Task, result: Result, renderer: Renderer, attempt: int) -> Renderer:
    """A renderer that sees the result under its registered name, and the facts that came with it."""
    known = facts_of(result)
    if task.register:
        tries = {"attempts": attempt} if task.until is not None or task.retries else {}
        known[str(task.register)] = {**result.as_vars(), **tries}
    return renderer.extended(known) if known else renderer


def facts_of(result: Result) -> dict[str, Any]:
    """The variables that came with ``result``: conditions on it, and later turns of its loop, see them first."""
    known: dict[str, Any] = {}
    for effect in result.effects:
        if isinstance(effect, SetFacts | IncludeVars):
            known |= effect.values
    return known


def joined(results: list[Result]) -> Result:
    """A loop's result from its turns', in Ansible's shape."""
    told = {"results": [each.but(warnings=(), deprecations=()).as_vars() for each in results]}
    failed = any(each.failed for each in results)
    ran_out = any(each.ran_out for each in results)
    if not results:
        return Result(skipped=True, data={**told, "skipped_reason": "No items in the list"}, tells_failed=False)
    skipped = all(each.skipped for each in results)
    unknown = any(each.unknown for each in results)
    msg = "One or more items failed" if failed else "All items skipped" if skipped else "All items completed"
    if unknown and not failed:
        msg = "How one or more items ended is unknown"
    return Result(
        changed=any(each.changed for each in results),
        failed=failed,
        skipped=skipped,
        unreachable=any(each.unreachable for each in results),
        unknown=unknown,
        msg=msg,
        is_secret=any(each.is_secret for each in results),
        ran_out=ran_out,
        data={**told, "skipped": skipped},
        warnings=tuple(dict.fromkeys(text for each in results for text in each.warnings)),
        deprecations=tuple(said for each in results for said in each.deprecations),
        tells_failed=False,
    )


def of_going(said: Mapping[str, Any]) -> str:
    """What will go away, and when, as people are told it."""
    owner = f" from collection {said['collection_name']!r}" if said.get("collection_name") else ""
    when = f" version {said['version']}" if said.get("version") else " in a future release"
    when = f" in a release after {said['date']}" if said.get("date") else when
    return f"{str(said.get('msg', '')).rstrip('.')}. This feature will be removed{owner}{when}."
