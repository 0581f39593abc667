"""Secrets that a playbook writes where every user of the node can read them: into command lines and environments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from orchestrator.cli.registered import EXPRESSION
from orchestrator.engine.handlers import tasks_in
from orchestrator.language.tree import Playbook, Task
from orchestrator.modules import canonical

COMMANDS = frozenset(("command", "shell", "raw", "script", "osx_defaults", "git_config"))
"""Modules that hand what they are given to a program as its arguments: defaults(1) and git(1) take nothing else."""
NAMED = re.compile(r"(?<![\w.'\"])(secrets(?:\.\w+|\[[^]]+\])|\w*(?:password|passphrase|_token|_secret|_pass))(?!\w)")
HINT = "give it to stdin:, or write it to a file with copy"


def exposed(playbook: Playbook) -> Iterator[str]:
    """A sentence, with its place, for each task that does so."""
    for play in playbook.plays:
        sections = (*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks, *play.role_handlers, *play.handlers)
        for task in tasks_in(sections):
            yield from _of(task)


def _of(task: Task) -> Iterator[str]:
    if canonical(str(task.action)) not in COMMANDS:
        return
    args = {name: each for name, each in task.args.items() if name != "stdin"} if _is_mapping(task) else task.args
    for name in _named(args):
        yield f"{task.place}: {name} is in a command line, which every user of the node can read; {HINT}"
    for name in _named(task.keywords.environment):
        yield f"{task.place}: {name} is in the environment of a process; {HINT}"


def _is_mapping(task: Task) -> bool:
    return isinstance(task.args, dict)


def _named(data: Any) -> list[str]:
    """The names of secrets in the templates of ``data``, each once."""
    text = json.dumps(data, default=str, ensure_ascii=False)
    found = [match[1] for expression in EXPRESSION.findall(text) for match in NAMED.finditer(expression)]
    return list(dict.fromkeys(found))
