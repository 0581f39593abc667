"""``orch run``: plays playbooks, as ansible-playbook does."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.flags import RunFlags, takes

Playbooks = Annotated[list[str], typer.Argument(help="Playbooks, in order", metavar="PLAYBOOK…", show_default=False)]


@takes(RunFlags)
def run(flags: RunFlags, playbooks: Playbooks) -> int:
    """Run playbooks. Flags mean what they mean to ansible-playbook."""
    return play_files(flags, playbooks)


def play_files(flags: RunFlags, playbooks: list[str]) -> int:
    """Read, check, list or play the files; the exit status."""
    from orchestrator.cli import loading, playing, showing
    from orchestrator.engine import preflight
    from orchestrator.report.transcript import Transcript

    where = loading.setting(flags)
    playbook = loading.playbook_of(playbooks, where)
    inventory = loading.inventory_of(flags, where)
    if flags.list_hosts or flags.list_tasks or flags.list_tags or flags.syntax_check:
        from orchestrator.cli import listing

        return listing.show(playbooks, inventory, flags, where)
    preflight.check(playbook)
    options = loading.options_of(flags, where)

    def transcript(width: int) -> Transcript:
        return Transcript(width=width, verbosity=flags.verbose)

    session = playing.Session(
        playbook=playbook,
        inventory=inventory,
        options=options,
        redactor=where.redactor,
        shown=showing.shown(transcript, is_json=flags.json, reports=flags.report, redactor=where.redactor),
        command=playing.command_line(where.redactor),
        warnings=tuple(where.warnings),
        reading=loading.reading_of(where),
        reload_inventory=lambda: loading.inventory_of(flags, where),
    )
    return playing.play(session)
