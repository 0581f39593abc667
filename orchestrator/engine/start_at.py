"""``--start-at-task`` that found no task to start at."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from orchestrator.engine.handlers import tasks_in
from orchestrator.language.tree import Playbook


def not_found(wanted: str, playbook: Playbook) -> str:
    """What is said then, at the run's end, in the words of Ansible (which ends with 0 all the same), with the nearest
    name there is."""
    said = f'No matching task "{wanted}" found. Note: --start-at-task can only follow static includes.'
    near = difflib.get_close_matches(wanted, dict.fromkeys(_names(playbook)), n=1)
    return f"{said}\n  hint: did you mean {near[0]!r}?" if near else said


def _names(playbook: Playbook) -> Iterator[str]:
    """The names by which tasks can be started at: as written, and behind their role's name."""
    for play in playbook.plays:
        for task in tasks_in((*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks)):
            name = str(task.name or task.action)
            yield name
            if task.role is not None:
                yield f"{task.role.full_name} : {name}"
