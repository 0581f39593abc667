"""``orch resume``: finishes a run that was cut off, wherever its directory is."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Annotated

import typer

from orchestrator.cli.flags import HostFlags, option, takes

RunName = Annotated[str, typer.Argument(help="A run's id, a beginning of it, or 'last'", metavar="RUN")]
Anyway = Annotated[
    bool, option("--changed-files-anyway", help="Go on although playbooks or the inventory have changed")
]
TakeOver = Annotated[
    bool, option("--take-over", help="Go on although the process that wrote it, on another machine, did not end it")
]


@takes(HostFlags)
def resume(flags: HostFlags, run: RunName = "last", anyway: Anyway = False, take_over: TakeOver = False) -> int:
    """Finish a run that was cut off: what is done stays done, the rest is handed out."""
    from orchestrator.cli import again, loading, playing
    from orchestrator.cli import exec as adhoc
    from orchestrator.cli.run import session_of
    from orchestrator.journal.home import state_dir
    from orchestrator.journal.reading import open_run

    recorded = open_run(state_dir(), run)
    started, past, last = again.past_of(recorded)
    kept = again.invocation_of(started)
    run_flags = again.flags_of(kept, _absolute(flags))
    os.chdir(again.directory_of(kept))
    where = loading.setting(run_flags)
    inventory = loading.inventory_of(run_flags, where)
    if kept.task:
        playbook = adhoc.one_task(*kept.task, locator=where.locator)
    else:
        playbook = loading.playbook_of(kept.playbooks, where)
    if not anyway:
        again.check_unchanged(started, kept, playbook, None if flags.inventory else inventory)
    if kept.task:
        session = adhoc.session_of(run_flags, where, playbook, inventory, kept.task)
    else:
        session = session_of(run_flags, kept.playbooks, where, playbook, inventory)
    if again.leaves_hosts(started, past, inventory, kept.flags.get("limit"), flags.limit):
        session = replace(session, options=replace(session.options, leaves_hosts=True))
    return playing.play(session, playing.Before(recorded.run_id, past, last, is_taken_over=take_over))


def _absolute(flags: HostFlags) -> HostFlags:
    """Paths given now are relative to where we are now. Raises UserError for an inventory that is not there."""
    for source in flags.inventory or []:
        if "," not in source and not os.path.exists(source):
            from orchestrator.model.errors import UserError

            raise UserError(f"there is no inventory {source}", evidence=f"looked in {os.getcwd()}")
    sources = [os.path.abspath(each) if os.path.exists(each) else each for each in flags.inventory or []]
    registry = os.path.abspath(flags.secrets) if flags.secrets else None
    return replace(flags, inventory=sources or None, secrets=registry)
