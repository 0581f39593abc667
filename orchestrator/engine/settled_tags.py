"""Tags that hold templates: for what stands in a play they are settled once, before any host begins."""

from __future__ import annotations

from typing import Any

from orchestrator.engine.handlers import tasks_in
from orchestrator.language.load import is_template
from orchestrator.language.tree import Play
from orchestrator.planning.render import Renderer
from orchestrator.planning.select import tags_before_hosts


def settled_tags(play: Play, renderer: Renderer) -> dict[str, frozenset[Any]]:
    """The tags of each task of the play whose tags hold a template, by the task's key.

    ``renderer`` sees what the play knows: variables of hosts do not count, as in ansible-core 2.19, which leaves out
    tasks (``Block.filter_tagged_tasks``) before a host begins. Raises TemplateError, which ends the run with 1, for a
    tag that cannot be rendered, whether or not tags are asked for.
    """
    found: dict[str, frozenset[Any]] = {}
    for task in tasks_in((*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks)):
        if any(map(_holds_template, task.keywords.tags)):
            found[task.key] = tags_before_hosts(task.keywords.tags, renderer)
    return found


def _holds_template(tag: Any) -> bool:
    return any(map(_holds_template, tag)) if isinstance(tag, list | tuple) else is_template(tag)
