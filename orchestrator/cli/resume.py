"""``orch resume``: finishes a run that was cut off, wherever its directory is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.flags import HostFlags, option, takes

if TYPE_CHECKING:
    from orchestrator.journal.reading import Recorded
    from orchestrator.model.events import RunStarted

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
    from orchestrator.cli import invocation, loading, playing
    from orchestrator.cli.run import session_of
    from orchestrator.engine.resume import Past
    from orchestrator.journal.home import state_dir
    from orchestrator.journal.reading import open_run

    recorded = open_run(state_dir(), run)
    started = _started(recorded)
    run_flags, playbooks = invocation.again(started, _absolute(flags))
    if os.path.isdir(directory := started.invocation["directory"]):
        os.chdir(directory)  # the paths of its command line are relative to it
    where = loading.setting(run_flags)
    playbook = loading.playbook_of(playbooks, where)
    inventory = loading.inventory_of(run_flags, where)
    if not anyway:
        invocation.check_unchanged(started, playbook, inventory)
    session = session_of(run_flags, playbooks, where, playbook, inventory)
    past = Past.of(entry.event for entry in recorded.events())
    return playing.play(session, playing.Before(recorded.run_id, past, is_taken_over=take_over))


def _started(recorded: Recorded) -> RunStarted:
    """How the run began. Raises UserError where it cannot be resumed, or has nothing left to do."""
    from orchestrator.model.errors import UserError
    from orchestrator.model.events import RunEnded, RunStarted

    started: RunStarted | None = None
    ended: RunEnded | None = None
    for entry in recorded.events():
        match entry.event:
            case RunStarted() as event:
                started, ended = started or event, None
            case RunEnded() as event:
                ended = event
    if started is None:
        raise UserError(f"{recorded.run_id} was cut off before it began", hint="begin it again: nothing was touched")
    # Hosts that were unreachable, or whose outcome is unknown (status 4 and above), are worth another look.
    if ended is not None and ended.reason is None and ended.status < 4:
        raise UserError(
            f"{recorded.run_id} came to its end, with status {ended.status}", hint="orch run begins another"
        )
    return started


def _absolute(flags: HostFlags) -> HostFlags:
    """Inventory paths given now are relative to where we are now."""
    from dataclasses import replace

    sources = [os.path.abspath(each) if os.path.exists(each) else each for each in flags.inventory or []]
    return replace(flags, inventory=sources or None)
