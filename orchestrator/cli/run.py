"""``orch run``: plays playbooks, as ansible-playbook does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.flags import RunFlags, takes

if TYPE_CHECKING:
    from orchestrator.cli.loading import Setting
    from orchestrator.cli.playing import Session
    from orchestrator.language.tree import Playbook
    from orchestrator.model.hosts import Inventory

Playbooks = Annotated[list[str], typer.Argument(help="Playbooks, in order", metavar="PLAYBOOK…", show_default=False)]


@takes(RunFlags)
def run(flags: RunFlags, playbooks: Playbooks) -> int:
    """Run playbooks. Flags mean what they mean to ansible-playbook."""
    return play_files(flags, playbooks)


def play_files(flags: RunFlags, playbooks: list[str], memory: Path | None = None) -> int:
    """Read, check, list or play the files; the exit status. ``memory``: see ``playing.Session``."""
    from orchestrator.cli import loading, playing

    where = loading.setting(flags)
    playbook = loading.playbook_of(playbooks, where)
    inventory = loading.inventory_of(flags, where)
    loading.check_limit(inventory, flags.limit)
    if flags.is_listing:
        from orchestrator.cli import listing

        return listing.show(playbooks, inventory, flags, where)
    return playing.play(session_of(flags, playbooks, where, playbook, inventory, memory))


def session_of(
    flags: RunFlags,
    playbooks: list[str],
    where: Setting,
    playbook: Playbook,
    inventory: Inventory,
    memory: Path | None = None,
) -> Session:
    """All that a run of ``playbook`` needs. Raises PlaybookErrors for what can be seen to be wrong in it."""
    from orchestrator.cli import invocation, loading, playing, showing
    from orchestrator.engine import preflight
    from orchestrator.report.transcript import Transcript

    preflight.check(playbook, where.locator)
    options = loading.options_of(flags, where)
    telling = showing.telling_of(where.config)

    def transcript(width: int) -> Transcript:
        return Transcript(width=width, verbosity=flags.verbose, telling=telling)

    return playing.Session(
        playbook=playbook,
        inventory=inventory,
        options=options,
        redactor=where.redactor,
        shown=showing.shown(
            transcript,
            is_json=flags.json,
            reports=flags.report,
            redactor=where.redactor,
            log=where.config.log_path,
        ),
        command=playing.command_line(where.redactor),
        warnings=tuple(where.warnings),
        evidence=where.evidence,
        reading=loading.reading_of(where),
        reload_inventory=lambda: loading.inventory_of(flags, where),
        memory=memory,
        invocation=invocation.recorded(flags, playbooks, inventory),
    )
