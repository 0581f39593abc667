"""Files and roles that tasks name, that lie on this machine, and that are not there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.engine.arguments import written_arguments
from orchestrator.language.keywords import near_file
from orchestrator.language.load import is_template
from orchestrator.language.nodes import find_tasks_file
from orchestrator.language.reading import Options, Reading
from orchestrator.language.roles import find_role
from orchestrator.language.tree import Play, Task
from orchestrator.model.errors import ArgsError, MissingFile, PlaybookError
from orchestrator.model.place import place_of
from orchestrator.modules import canonical, find
from orchestrator.planning.surroundings import Surroundings

NAMES_A_FILE = {"copy": "files", "template": "templates", "script": "files", "unarchive": "files", "assemble": "files"}


def missing(task: Task, play: Play, how: Options) -> Iterator[MissingFile]:
    """What ``task`` names and nobody has; names in templates are passed over."""
    action = canonical(str(task.action)) or ""
    if is_template(task.action) or action not in (*NAMES_A_FILE, "include_tasks", "include_role"):
        return
    try:
        args = written_arguments(task, find(action))  # type: ignore[arg-type]  # it is in the table
        if not isinstance(args, Mapping):
            return
        if action in NAMES_A_FILE:
            yield from _missing_file(args, task, play, action)
        else:
            _look_for_included(args, task, play, how, action)
    except MissingFile as error:
        yield error
    except (PlaybookError, ArgsError):
        return  # told already


def _look_for_included(args: Mapping[str, Any], task: Task, play: Play, how: Options, action: str) -> None:
    """Raise MissingFile where the file or role is not there that an include asks for."""
    names = ("name", "role") if action == "include_role" else ("_raw_params", "file")
    name = next((args[each] for each in names if isinstance(args.get(each), str)), None)
    if name is None or is_template(name):
        return
    basedir = os.path.dirname(play.path)
    if action == "include_tasks":
        find_tasks_file(name, place=task.place, role=task.role, basedir=basedir, is_handler=task.is_handler)
        return
    place, among = place_of(name) or task.place, task.keywords.collections
    find_role(name, Reading(how), basedir=basedir, beside=None, collections=among, place=place)


def _missing_file(args: Mapping[str, Any], task: Task, play: Play, action: str) -> Iterator[MissingFile]:
    """``src`` of a file that lies on this machine, and is not there."""
    source = args.get("src")
    remote = args.get("remote_src", action == "assemble")
    if not isinstance(source, str) or is_template(source) or "://" in source or remote not in (False, "no", "false"):
        return
    kind = NAMES_A_FILE[action]
    places = Surroundings(search_path=_search_path(task, play))
    if places.find(source, kind) is None:
        looked = places.candidates(source, kind)
        there = [name for path in looked if path.parent.is_dir() for name in os.listdir(path.parent)]
        yield MissingFile(
            f"the file {source!r} of {action} was not found",
            place=place_of(source) or task.place,
            evidence="looked at " + ", ".join(map(str, looked)),
            hint=near_file(source, there) or f"put it into {kind}/ beside the playbook or in the role",
        )


def _search_path(task: Task, play: Play) -> tuple[str, ...]:
    roles = (task.role, *task.role.parents) if task.role is not None else ()
    files = (task.place.file, play.path)
    return (*(role.path for role in roles), *(os.path.dirname(os.path.abspath(file)) for file in files))
