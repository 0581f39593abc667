"""A run that begins again: from what its journal says, checked, to flags and playbooks."""

from __future__ import annotations

import json
import os
from dataclasses import fields

from pydantic import BaseModel, ValidationError

from orchestrator.cli.flags import HostFlags, RunFlags
from orchestrator.cli.invocation import digest
from orchestrator.engine.resume import Past
from orchestrator.journal.reading import Recorded
from orchestrator.language.inventory.patterns import select
from orchestrator.language.tree import Playbook
from orchestrator.model.errors import UserError
from orchestrator.model.events import RunEnded, RunStarted
from orchestrator.model.hosts import Inventory
from orchestrator.secrets.redact import STARS

KEYS_SAY_THE_TASK = 2
"""The first format whose keys are those of tasks, wherever they stand (design note 0005)."""
CHANGED = "it was changed after it was written; a backup is better"


class Invocation(BaseModel):
    """What a journal says of a run's beginning."""

    directory: str
    playbooks: list[str]
    task: list[str] = []
    """Pattern, module and arguments of ``orch exec``, which has no playbook."""
    flags: dict[str, bool | int | str | list[str]]
    inventory: str


def past_of(recorded: Recorded) -> tuple[RunStarted, Past, int]:
    """How the run began, what was done, and the number of the last event of that.

    Raises UserError where nothing can be resumed, or nothing is left to do.
    """
    last = recorded.last()  # before the events: another process may be writing
    events = [entry.event for entry in recorded.events()]
    started = next((each for each in events if isinstance(each, RunStarted)), None)
    if started is None:
        raise UserError(f"{recorded.run_id} was cut off before it began", hint="begin it again: nothing was touched")
    ends = [each for each in events if isinstance(each, RunEnded | RunStarted)]
    if isinstance(end := ends[-1], RunEnded) and not end.leaves_work:
        raise UserError(f"{recorded.run_id} came to its end, with status {end.status}", hint="orch run begins another")
    if recorded.format < KEYS_SAY_THE_TASK:
        raise UserError(
            f"{recorded.run_id} was begun by an older orch, which knew tasks by their places in files",
            evidence="what was done could be mistaken for something else",
            hint="finish it with that version, or begin another run",
        )
    try:
        return started, Past.of(events), last
    except (TypeError, ValueError, AttributeError) as error:
        raise UserError(f"the journal of {recorded.run_id} is broken: {error}", hint=CHANGED) from error


def directory_of(kept: Invocation) -> str:
    """Where the paths of the run's command line lead to its playbooks: where it was begun, or where we are, since on
    another machine they lie elsewhere. Raises UserError where they are in neither."""
    for directory in (kept.directory, os.getcwd()):
        if os.path.isdir(directory) and all(os.path.exists(os.path.join(directory, each)) for each in kept.playbooks):
            return directory
    raise UserError(
        f"the playbook of this run is not here: {', '.join(kept.playbooks)}",
        evidence=f"it was begun in {kept.directory}; looked there{_and_here(kept.directory)}",
        hint="go to a directory that holds it and what it needs, then resume again",
    )


def _and_here(directory: str) -> str:
    here = os.getcwd()
    return "" if os.path.realpath(directory) == here else f" and in {here}"


def invocation_of(started: RunStarted) -> Invocation:
    """How the run was begun. Raises UserError where the journal does not say it."""
    if not started.invocation:
        raise UserError(
            f"{started.run} cannot be resumed: it was not begun by `orch run` or `orch exec`",
            hint="give the same command again; it changes only what differs",
        )
    try:
        return Invocation.model_validate(started.invocation)
    except ValidationError as error:
        raise UserError(
            f"the journal of {started.run} does not say how it was begun", evidence=str(error), hint=CHANGED
        ) from error


def flags_of(kept: Invocation, given: HostFlags) -> RunFlags:
    """The flags of the run; what is ``given`` now wins. Raises UserError where a secret in them is needed again."""
    now = {each.name: getattr(given, each.name) for each in fields(given)}
    flags = {**kept.flags, **{name: value for name, value in now.items() if value}}
    if hidden := [name for name, value in flags.items() if STARS in json.dumps(value)]:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in hidden)
        raise UserError(f"the journal does not hold the secret in {words}", hint="give it again")
    if STARS in "".join(kept.task):
        raise UserError("the journal does not hold the secret in -a", hint="give the same command again")
    known = {each.name for each in fields(RunFlags)}
    return RunFlags(**{name: value for name, value in flags.items() if name in known})


def leaves_hosts(started: RunStarted, past: Past, inventory: Inventory, before: object, now: str | None) -> bool:
    """Whether hosts of the run are left to a later process: by the limit of ``now``, where that is narrower than the
    limit of ``before``, or since an inventory given now has not got them."""
    there = set(select(inventory, "all", now))
    limited = now is not None and not set(select(inventory, "all", str(before) if before else None)) <= there
    return limited or bool(past.hosts.intersection(started.hosts) - there)


def check_unchanged(started: RunStarted, kept: Invocation, playbook: Playbook, inventory: Inventory | None) -> None:
    """Raises UserError where the files are not those that the run began with. ``inventory``: None where another one was
    named, which is meant to differ."""
    before, now = dict(started.playbooks), dict(playbook.files)
    changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
    if inventory is not None and digest(inventory) != kept.inventory:
        changed.append("the inventory")
    if changed:
        raise UserError(
            f"files have changed since {started.run} began",
            evidence=", ".join(changed),
            hint="put them back, or begin a new run; --changed-files-anyway goes on with what they say now",
        )
