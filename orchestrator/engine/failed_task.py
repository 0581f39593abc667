"""What a rescue sees as ``ansible_failed_task``: the task that failed, as its author wrote it, templates rendered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.language.free_form import COMMAND_ACTIONS, split_free_form
from orchestrator.language.tree import Task
from orchestrator.model.errors import OrchestratorError
from orchestrator.model.place import Text
from orchestrator.planning.containers import plain
from orchestrator.planning.render import OMIT, Renderer

DELAY_S = 5


def failed_task(task: Task, renderer: Renderer) -> dict[str, Any]:
    """``task`` under the names of its keywords; conditions stay as written, and so does what cannot be rendered."""
    keywords = task.keywords

    def rendered(written: Any) -> Any:
        try:
            value = renderer.value(written)
        except OrchestratorError:  # it needs a loop's variable, or is why the task failed
            return plain(written)
        return None if value is OMIT else value

    return {
        "action": rendered(task.action),
        "args": {rendered(name): rendered(value) for name, value in _arguments(task).items()},
        "async": rendered(task.run_async) or 0,
        "changed_when": plain(task.changed_when or ()),
        "delay": DELAY_S if task.delay is None else rendered(task.delay),
        "delegate_to": rendered(keywords.delegate_to),
        "environment": rendered(list(keywords.environment)),
        "failed_when": plain(task.failed_when or ()),
        "ignore_errors": rendered(keywords.ignore_errors),
        "loop": rendered(task.loop),
        "loop_with": task.loop_with,
        "name": str(rendered(task.name) or ""),
        "notify": rendered(list(task.notify)) or None,
        "register": rendered(task.register),
        "retries": rendered(task.retries),
        "run_once": rendered(keywords.run_once),
        "tags": rendered(list(keywords.tags)),
        "until": plain(task.until or ()),
        "vars": rendered(dict(keywords.vars[-1])) if keywords.vars else {},
        "when": plain(keywords.when),
    }


def _arguments(task: Task) -> dict[str, Any]:
    given: dict[str, Any] = dict(task.extra_args) if isinstance(task.extra_args, Mapping) else {}
    if isinstance(task.args, Mapping):
        return {**given, **task.args}
    if not isinstance(task.args, Text):
        return given
    raw, options = split_free_form(task.args, is_command=str(task.action) in COMMAND_ACTIONS)
    return {**given, **({"_raw_params": raw} if raw else {}), **options}
