"""``orch run``: plays playbooks, as ansible-playbook does."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.flags import RunFlags, takes


@takes(RunFlags)
def run(
    flags: RunFlags, playbooks: Annotated[list[str], typer.Argument(help="Playbooks, in order", metavar="PLAYBOOK…")]
) -> int:
    """Run playbooks. Flags mean what they mean to ansible-playbook."""
    from orchestrator.cli import listing, loading, playing, showing
    from orchestrator.language.playbook import load_playbooks
    from orchestrator.report.transcript import Transcript

    where = loading.setting(flags)
    playbook = load_playbooks(playbooks, loading.reading_of(where, playbooks))
    inventory = loading.inventory_of(flags, where)
    if flags.list_hosts or flags.list_tasks or flags.list_tags or flags.syntax_check:
        return listing.listing(playbooks, playbook, inventory, flags)
    options = loading.options_of(flags, where)

    def transcript(width: int) -> Transcript:
        return Transcript(width=width, verbosity=flags.verbose)

    session = playing.Session(
        playbook=playbook,
        inventory=inventory,
        options=options,
        redactor=where.redactor,
        sinks=showing.sinks(transcript, is_json=flags.json, reports=flags.report, redactor=where.redactor),
        warnings=where.warnings(),
        texts=playing.texts_of(playbook),
    )
    return playing.play(session)
