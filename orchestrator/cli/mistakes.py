"""Every mistake that can be seen in a playbook without running it, also where a run might never come to it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from orchestrator.cli.missing import missing
from orchestrator.engine import lease
from orchestrator.engine.handlers import Handlers, tasks_in
from orchestrator.engine.preflight import mistakes
from orchestrator.language.load import Vaulted, is_template
from orchestrator.language.reading import Options
from orchestrator.language.tree import Keywords, Play, Playbook, Task
from orchestrator.model.errors import InventoryError, UnknownName, UserError
from orchestrator.model.hosts import Group, Host, Inventory
from orchestrator.model.place import Text, place_of
from orchestrator.modules import canonical
from orchestrator.planning import syntax
from orchestrator.planning.own import beside, with_collections, with_directories
from orchestrator.planning.plugins import Plugins, builtin

BRINGS_MORE = ("include_role", "include_tasks", "import_role", "include_vars")


def all_in(playbook: Playbook, how: Options) -> Iterator[UserError]:
    """What is wrong in the plays, task by task, then with their notifications; ``how``: as the playbook was read."""
    for play in playbook.plays:
        sections = (*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks, *play.role_handlers, *play.handlers)
        tasks = list(tasks_in(sections))
        plugins = _plugins(play, tasks)
        yield from _in_templates((play.vars, play.early, play.vars_files), plugins)
        for task in tasks:
            yield from mistakes(task, how.locator)
            yield from _of_task(task, plugins)
            yield from missing(task, play, how)
        yield from _unknown_handlers(play, tasks)


def in_inventory(inventory: Inventory) -> Iterator[InventoryError]:
    """What is wrong with variables that orch itself reads: leases that end at no moment."""
    owners: list[Group | Host] = [*inventory.groups.values(), *inventory.hosts.values()]
    for owner, values in ((each, values) for each in owners for values in (each.vars, each.file_vars)):
        value = values.get(lease.VARIABLE)
        if value is None or isinstance(value, Vaulted) or is_template(value) or not str(value).strip():
            continue
        if lease.named(value) is None:
            key = next((each for each in values if each == lease.VARIABLE), None)
            said = f"{lease.VARIABLE} {str(value)!r} of {owner.name} names no moment"
            yield InventoryError(said, place=place_of(value) or place_of(key), hint=lease.FORM)


def _of_task(task: Task, plugins: Plugins) -> Iterator[UserError]:
    control = dict(task.loop_control or {})
    breaks = control.pop("break_when", ())
    numbers = (task.retries, task.delay, task.run_async, task.poll, task.notify)
    said = (task.args, task.extra_args, task.name, task.loop, control, *numbers, *_templates(task.keywords))
    expressions = ("that",) if canonical(str(task.action)) == "assert" and isinstance(task.args, Mapping) else ()
    plain = {name: value for name, value in task.args.items() if name not in expressions} if expressions else said[0]
    yield from _in_templates((plain, *said[1:]), plugins)
    conditions = (task.keywords.when, task.changed_when, task.failed_when, task.until, breaks)
    for written in (*conditions, *(task.args[name] for name in expressions if name in task.args)):
        yield from _in_templates(written, plugins, is_expression=True)


def _templates(keywords: Keywords) -> Iterator[Any]:
    """The values of those keywords that hold templates, and no expressions."""
    return (getattr(keywords, each.name) for each in fields(keywords) if each.name != "when")


def _in_templates(value: Any, plugins: Plugins, *, is_expression: bool = False) -> Iterator[UserError]:
    """The mistakes of the templates in ``value``, at any depth."""
    if isinstance(value, Text):
        if error := syntax.mistake(value, plugins, is_expression=is_expression):
            yield error
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _in_templates(pair, plugins, is_expression=is_expression)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _in_templates(each, plugins, is_expression=is_expression)


def _unknown_handlers(play: Play, tasks: list[Task]) -> Iterator[UserError]:
    """Notifications of handlers that the play has not, where nothing it includes could bring more of them."""
    handlers = Handlers((*play.role_handlers, *play.handlers))
    known = [each.name for each in handlers.in_order() if each.name is not None]
    known += [topic for each in handlers.in_order() for topic in each.listen]
    if any(map(is_template, known)) or any(canonical(str(task.action)) in BRINGS_MORE for task in tasks):
        return
    names = [(task, name) for task in tasks for name in task.notify if isinstance(name, str) and not is_template(name)]
    for task, name in names:
        if not handlers.meant_by(name, lambda _, written: str(written)):
            near = difflib.get_close_matches(name, map(str, known), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(map(str, known)) or 'none'}"
            yield UnknownName(f"no handler is called {name!r}", place=place_of(name) or task.place, hint=hint)


def _plugins(play: Play, tasks: list[Task]) -> Plugins:
    """The filters and tests that the play's templates may call, a user's own with them."""
    directory = os.path.dirname(os.path.abspath(play.path))
    known = with_collections(builtin(), [os.path.join(directory, "collections")])
    for path in dict.fromkeys([directory, *(task.role.path for task in tasks if task.role is not None)]):
        known = with_directories(known, beside(path))
    return known
