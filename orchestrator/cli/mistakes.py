"""Every mistake that can be seen in a playbook without running it, also where a run might never come to it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.engine.arguments import written_arguments
from orchestrator.engine.handlers import Handlers, tasks_in
from orchestrator.engine.preflight import mistakes
from orchestrator.language.library import Library
from orchestrator.language.load import is_template
from orchestrator.language.tree import Play, Playbook, Task
from orchestrator.model.errors import MissingFile, PlaybookError, UnknownName, UserError
from orchestrator.model.place import Text, place_of
from orchestrator.modules import canonical, find
from orchestrator.planning import syntax
from orchestrator.planning.own import beside, with_collections, with_directories
from orchestrator.planning.plugins import Plugins, builtin
from orchestrator.planning.surroundings import Surroundings

BRINGS_MORE = ("include_role", "include_tasks", "import_role", "include_vars")
NAMES_A_FILE = {"copy": "files", "template": "templates", "script": "files", "unarchive": "files", "assemble": "files"}


def all_in(playbook: Playbook, library: Library) -> Iterator[UserError]:
    """What is wrong in the plays, task by task, then with their notifications."""
    for play in playbook.plays:
        sections = (*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks, *play.role_handlers, *play.handlers)
        tasks = list(tasks_in(sections))
        plugins = _plugins(play, tasks)
        yield from _in_templates({"vars": play.vars}, plugins)
        for task in tasks:
            yield from mistakes(task, library)
            yield from _of_task(task, play, plugins)
        yield from _unknown_handlers(play, tasks)


def _of_task(task: Task, play: Play, plugins: Plugins) -> Iterator[UserError]:
    said = (task.args, task.extra_args, task.name, task.loop, task.keywords.vars[-1:], task.keywords.environment[-1:])
    module = find(str(task.action))
    expressions = module.args.unrendered if module is not None and isinstance(task.args, Mapping) else ()
    plain = {name: value for name, value in task.args.items() if name not in expressions} if expressions else said[0]
    yield from _in_templates((plain, *said[1:]), plugins)
    conditions = (task.keywords.when, task.changed_when, task.failed_when, task.until)
    for written in (*conditions, *(task.args[name] for name in expressions if name in task.args)):
        yield from _in_templates(written, plugins, is_expression=True)
    if module is not None and not is_template(task.action):
        yield from _missing_file(task, play, canonical(str(task.action)) or "")


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


def _missing_file(task: Task, play: Play, action: str) -> Iterator[UserError]:
    """``src`` of a file that lies on this machine, and is not there."""
    if action not in NAMES_A_FILE:
        return
    try:
        args = written_arguments(task, find(action))  # type: ignore[arg-type]  # it is in the table
    except PlaybookError:
        return  # told already
    source = args.get("src") if isinstance(args, Mapping) else None
    remote = args.get("remote_src", action == "assemble") if isinstance(args, Mapping) else True
    if not isinstance(source, str) or is_template(source) or "://" in source or remote not in (False, "no", "false"):
        return
    kind = NAMES_A_FILE[action]
    places = Surroundings(search_path=_search_path(task, play))
    if places.find(source, kind) is None:
        looked = places.candidates(source, kind)
        there = [name for path in looked if path.parent.is_dir() for name in os.listdir(path.parent)]
        near = difflib.get_close_matches(os.path.basename(source), there, n=1)
        yield MissingFile(
            f"the file {source!r} of {action} was not found",
            place=place_of(source) or task.place,
            evidence="looked at " + ", ".join(map(str, looked)),
            hint=f"did you mean {near[0]}?" if near else f"put it into {kind}/ beside the playbook or in the role",
        )


def _search_path(task: Task, play: Play) -> tuple[str, ...]:
    roles = (task.role, *task.role.parents) if task.role is not None else ()
    files = (task.place.file, play.path)
    return (*(role.path for role in roles), *(os.path.dirname(os.path.abspath(file)) for file in files))


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
