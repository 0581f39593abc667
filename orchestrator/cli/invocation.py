"""How a run was begun: what the journal keeps of it, so that ``orch resume`` can begin it again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from orchestrator.cli.flags import HostFlags
from orchestrator.cli.loading import PASSWORDS
from orchestrator.model.hosts import Group, Host, Inventory


def recorded(
    flags: HostFlags, playbooks: Sequence[str], inventory: Inventory, task: Sequence[str] = ()
) -> dict[str, Any]:
    """What to keep of a run's beginning, as plain data. ``task``: pattern, module and arguments of ``orch exec``."""
    return {
        "directory": os.getcwd(),
        "playbooks": list(playbooks),
        "task": list(task),
        "flags": {name: value for name, value in asdict(flags).items() if value and name != "run_limit"},
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
