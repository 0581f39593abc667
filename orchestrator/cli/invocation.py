"""How a run was begun: what the journal keeps of it, and how ``orch resume`` begins it again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from orchestrator.cli.flags import HostFlags, RunFlags
from orchestrator.cli.loading import PASSWORDS
from orchestrator.language.tree import Playbook
from orchestrator.model.errors import UserError
from orchestrator.model.events import RunStarted
from orchestrator.model.hosts import Group, Host, Inventory
from orchestrator.secrets.redact import STARS


def recorded(flags: RunFlags, playbooks: Sequence[str], inventory: Inventory) -> dict[str, Any]:
    """What to keep of a run's beginning, as plain data."""
    return {
        "directory": os.getcwd(),
        "playbooks": list(playbooks),
        "flags": {name: value for name, value in asdict(flags).items() if value},
        "inventory": digest(inventory),
    }


def digest(inventory: Inventory) -> str:
    """Equal for inventories with the same hosts, groups and variables; passwords and sealed values are left out."""
    hosts = {name: _plain(each) for name, each in inventory.hosts.items()}
    groups = {name: [*_plain(each), each.hosts, each.children] for name, each in inventory.groups.items()}
    text = json.dumps([hosts, groups], sort_keys=True, default=lambda value: type(value).__name__)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _plain(owner: Host | Group) -> list[dict[str, Any]]:
    return [
        {str(name): value for name, value in each.items() if name not in PASSWORDS}
        for each in (owner.vars, owner.file_vars)
    ]


def again(started: RunStarted, given: HostFlags) -> tuple[RunFlags, list[str]]:
    """The flags and playbooks of a run that began so; what is ``given`` now wins. Raises UserError."""
    if not started.invocation:
        raise UserError(
            f"{started.run} cannot be resumed: it was not begun by `orch run`",
            hint="give the same command again; it changes only what differs",
        )
    kept: Mapping[str, Any] = started.invocation["flags"]
    now = {each.name: getattr(given, each.name) for each in fields(given)}
    flags = {**kept, **{name: value for name, value in now.items() if value}}
    if hidden := [name for name, value in flags.items() if STARS in json.dumps(value)]:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in hidden)
        raise UserError(f"the journal does not hold the secret in {words}", hint="give it again")
    known = {each.name for each in fields(RunFlags)}
    playbooks = [str(each) for each in started.invocation["playbooks"]]
    return RunFlags(**{name: value for name, value in flags.items() if name in known}), playbooks


def check_unchanged(started: RunStarted, playbook: Playbook, inventory: Inventory) -> None:
    """Raises UserError where the files are not those that the run began with."""
    before, now = dict(started.playbooks), dict(playbook.files)
    changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
    if digest(inventory) != started.invocation["inventory"]:
        changed.append("the inventory")
    if changed:
        raise UserError(
            f"files have changed since {started.run} began",
            evidence=", ".join(changed),
            hint="put them back, or begin a new run; --changed-files-anyway goes on with what they say now",
        )
