"""``orch exec``: one module on some hosts, as the command ``ansible`` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.flags import HostFlags, takes

if TYPE_CHECKING:
    from orchestrator.cli.loading import Setting
    from orchestrator.cli.playing import Session
    from orchestrator.language.locator import Locator
    from orchestrator.language.tree import Playbook
    from orchestrator.model.hosts import Inventory
    from orchestrator.report.lines import Teller

WRITTEN = "<command line>"
Pattern = Annotated[str, typer.Argument(help="Which hosts: a name, group or pattern", metavar="PATTERN")]
ModuleName = Annotated[str, typer.Option("-m", "--module-name", help="The module", metavar="MODULE")]
ModuleArgs = Annotated[
    str, typer.Option("-a", "--args", help="Its arguments: key=value, JSON, or free text", metavar="ARGS")
]


@takes(HostFlags)
def exec_(flags: HostFlags, pattern: Pattern, module: ModuleName = "command", args: ModuleArgs = "") -> int:
    """Run one module on some hosts."""
    from orchestrator.cli import loading, playing

    where = loading.setting(flags)
    playbook, inventory = one_task(pattern, module, args, locator=where.locator), loading.inventory_of(flags, where)
    return playing.play(session_of(flags, where, playbook, inventory, (pattern, module, args)))


def session_of(
    flags: HostFlags, where: Setting, playbook: Playbook, inventory: Inventory, task: Sequence[str]
) -> Session:
    """A session of ``orch exec``. ``task``: pattern, module and arguments, for a resumption."""
    from orchestrator.cli import invocation
    from orchestrator.report.adhoc import AdHoc

    def adhoc(width: int) -> AdHoc:
        return AdHoc(verbosity=flags.verbose)

    return session(flags, where, playbook, adhoc, inventory, invocation.recorded(flags, (), inventory, task))


def session(
    flags: HostFlags,
    where: Setting,
    playbook: Playbook,
    make_teller: Callable[[int], Teller],
    inventory: Inventory | None = None,
    invocation: Mapping[str, Any] | None = None,
) -> Session:
    """A session that plays ``playbook`` on the hosts that ``flags`` know. ``invocation``: how to begin it again."""
    from orchestrator.cli import loading, playing, showing

    return playing.Session(
        playbook=playbook,
        inventory=inventory or loading.inventory_of(flags, where),
        options=loading.options_of(flags, where),
        redactor=where.redactor,
        shown=showing.shown(make_teller, is_json=flags.json, reports=flags.report, redactor=where.redactor),
        command=playing.command_line(where.redactor),
        warnings=tuple(where.warnings),
        evidence=where.evidence,
        reading=loading.reading_of(where),
        reload_inventory=lambda: loading.inventory_of(flags, where),
        invocation=invocation or {},
    )


def one_task(pattern: str, module: str, args: str, *, locator: Locator | None = None) -> Playbook:
    """A playbook of one play with one task. Raises UserError for a module that neither we nor ``locator`` know."""
    import difflib

    from orchestrator.language.tree import Keywords, Play, Playbook, Task
    from orchestrator.model.errors import UserError
    from orchestrator.model.place import Place, Text
    from orchestrator.modules import canonical, names

    if canonical(module) is None and not (locator and locator.find(module)):
        near = difflib.get_close_matches(module, names(), 3)
        hint = f"did you mean {' or '.join(near)}?" if near else "orch doc --list shows them"
        raise UserError(f"there is no module {module}", hint=hint)
    place = Place(WRITTEN)
    keywords = Keywords()
    task = Task(
        key="1.tasks.0",
        place=place,
        action=module,
        args=_args(args, place),
        keywords=keywords,
        outer=keywords,
        name=module,
    )
    play = Play(
        index=1, place=place, name=Text(module, place), hosts=Text(pattern, place), keywords=keywords, path=WRITTEN,
        gather_facts=False, tasks=(task,),
    )  # fmt: skip
    return Playbook(plays=(play,))


def _args(args: str, place: Any) -> Any:
    from orchestrator.language.load import load_text
    from orchestrator.model.errors import UserError
    from orchestrator.model.place import Text

    if not args.strip().startswith("{"):
        return Text(args, place)
    loaded = load_text(args, WRITTEN, error=UserError)
    return loaded if isinstance(loaded, dict) else Text(args, place)
