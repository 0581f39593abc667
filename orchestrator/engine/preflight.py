"""What is wrong with tasks as far as it can be seen without a host: unknown modules, wrong arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from orchestrator.engine.arguments import checked, unknown_names, written_arguments
from orchestrator.engine.own_modules import is_known, own_module, unknown_module
from orchestrator.language.load import Vaulted, is_template
from orchestrator.language.locator import Locator
from orchestrator.language.reading import PlaybookErrors
from orchestrator.language.tree import Node, Play, Playbook, Task
from orchestrator.model.errors import ArgsError
from orchestrator.model.place import Text
from orchestrator.modules import find


def check(playbook: Playbook, locator: Locator) -> None:
    """Raise PlaybookErrors for the unknown modules of all plays, before the first connection.

    Wrong arguments are left to the run, as in Ansible: a condition may leave their task out, or a rescue wait for it.
    ``orch lint`` tells them."""
    found = [
        unknown_module(str(task.action), task.place)
        for play in playbook.plays
        for task in unguarded(play)
        if not is_template(task.action) and not is_known(locator, str(task.action), task.keywords.collections)
    ]
    if found:
        raise PlaybookErrors(found)


def unguarded(play: Play) -> Iterator[Task]:
    """The tasks and handlers known before the play runs whose failure would end it. One that its author expects to fail
    (``ignore_errors``, ``failed_when``, a rescue around it) is left to fail where they wait for it."""
    sections = (*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks, *play.role_handlers, *play.handlers)
    for task in _unrescued(sections):
        if task.keywords.ignore_errors is None and task.failed_when is None:
            yield task


def _unrescued(nodes: Sequence[Node]) -> Iterator[Task]:
    for node in nodes:
        if isinstance(node, Task):
            yield node
        else:
            yield from _unrescued(() if node.rescue else node.body)
            yield from _unrescued((*node.rescue, *node.always))


def mistakes(task: Task, locator: Locator) -> list[ArgsError]:
    """What is wrong with one task's module and arguments, as far as can be seen now."""
    if is_template(task.action):
        return []
    name = locator.routed(str(task.action), task.keywords.collections)
    if own_module(locator, name, task.keywords.collections):
        return []  # it judges its arguments itself
    module = find(name)
    if module is None:
        return [unknown_module(str(task.action), task.place)]
    written = written_arguments(task, module)
    if isinstance(written, Text):
        return []
    is_open = any(_waits(value) for name, value in written.items() if name not in module.args.unrendered)
    if is_open or task.keywords.module_defaults:
        # What a template will give cannot be judged yet; a name that no argument bears can.
        unknown = unknown_names(module, written, task.place)
        return [unknown] if unknown else []
    try:
        checked(module, written, task.place)
    except ArgsError as error:
        return [error]
    return []


def _waits(value: Any) -> bool:
    """Whether ``value`` holds a template, or a sealed value, anywhere."""
    if isinstance(value, dict):
        return any(_waits(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple):
        return any(map(_waits, value))
    return isinstance(value, Vaulted) or is_template(value)
