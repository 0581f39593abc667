"""``orch lint``: every mistake in playbooks, with its line, before anything runs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.flags import InventoryFlags, takes
from orchestrator.cli.last_write import say

if TYPE_CHECKING:
    from orchestrator.cli.loading import Setting
    from orchestrator.language.tree import Playbook, Task
    from orchestrator.model.errors import OrchestratorError, UserError

Playbooks = Annotated[list[str], typer.Argument(help="Playbooks", metavar="PLAYBOOK…", show_default=False)]


@takes(InventoryFlags)
def lint(flags: InventoryFlags, playbooks: Playbooks) -> int:
    """Find mistakes in playbooks and in what they import; exit status 1 where there is one. Advice does not count."""
    from orchestrator.cli import loading, mistakes
    from orchestrator.model.errors import UserError

    where = loading.setting(flags)
    wrong: list[OrchestratorError] = []
    advice: list[str] = []
    if flags.inventory:
        try:
            strict = replace(where, config=replace(where.config, inventory_any_unparsed_is_failed=True))
            wrong += mistakes.in_inventory(loading.inventory_of(flags, strict))
        except UserError as error:
            wrong.append(error)
    for path in playbooks:
        playbook, found = _read(path, where)
        wrong += found
        if playbook is not None:
            wrong += mistakes.all_in(playbook, loading.reading_of(where))
            advice += _advice(playbook)
    told = dict.fromkeys(map(str, sorted(wrong, key=_position)))
    for each in told:
        say(each)
    for text in dict.fromkeys([*advice, *where.warnings]):
        say(f"advice: {text}")
    count = "1 mistake" if len(told) == 1 else f"{len(told)} mistakes"
    pieces = "1 piece" if len(advice) == 1 else f"{len(advice)} pieces"
    print(f"{count}, {pieces} of advice", file=sys.stderr)
    return 1 if wrong else 0


def _read(path: str, where: Setting) -> tuple[Playbook | None, list[UserError]]:
    """What of the file can be read, and what cannot."""
    from orchestrator.cli import loading
    from orchestrator.language.reading import PlaybookErrors
    from orchestrator.model.errors import UserError

    found: list[UserError] = []
    try:
        return loading.playbook_of([path], where, mistake=found.append), found
    except PlaybookErrors as several:
        return several.read, [*found, several.first, *several.others]
    except UserError as error:
        return None, [*found, error]


def _position(error: OrchestratorError) -> tuple[str, int, int]:
    place = error.place
    return (place.file, place.line, place.column) if place is not None else ("", 0, 0)


def _advice(playbook: Playbook) -> list[str]:
    from orchestrator.cli.exposed import exposed
    from orchestrator.engine.handlers import tasks_in

    found = list(exposed(playbook))
    for play in playbook.plays:
        sections = (*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks, *play.role_handlers, *play.handlers)
        found += [text for task in tasks_in(sections) for text in _of(task)]
    return found


def _of(task: Task) -> Iterable[str]:
    """What is allowed, and worth a second look."""
    from orchestrator.modules import canonical
    from orchestrator.modules.community.elsewhere import why
    from orchestrator.modules.table import TABLE

    action = canonical(str(task.action))
    if action is not None and action not in TABLE and not task.keywords.when:
        yield f"{task.place}: {why(action)}"
    if action in ("command", "shell", "raw", "script") and task.changed_when is None and not _is_guarded(task):
        yield f"{task.place}: {action} always reports a change: guard it with creates or removes, or say changed_when"
    if task.name is None and action not in ("meta", "import_tasks", "import_role", "include_tasks", "include_role"):
        yield f"{task.place}: a task without a name is hard to find in a report"


def _is_guarded(task: Task) -> bool:
    args = task.args
    return (
        any(word in args for word in ("creates", "removes"))
        if isinstance(args, dict)
        else "creates=" in args or "removes=" in args
    )
