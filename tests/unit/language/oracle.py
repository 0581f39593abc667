"""Ansible itself, asked in this process or by its own command: what it makes of the same files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ansible import context
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook import Playbook
from ansible.plugins.loader import init_plugin_loader
from ansible.utils.context_objects import CLIArgs
from ansible.vars.manager import VariableManager

KEYWORDS = (
    "become become_user become_method become_flags ignore_errors run_once delegate_to delegate_facts remote_user "
    "connection port check_mode diff ignore_unreachable debugger"
).split()
"""Those whose default is None with Ansible too, so that "nobody said" looks the same."""


@cache
def start() -> None:
    """Make Ansible ready."""
    context.CLIARGS = CLIArgs({"tags": [], "skip_tags": []})
    init_plugin_loader([])


def inventory_list(sources: Sequence[str | Path], directory: Path) -> dict[str, Any]:
    """What ``ansible-inventory --list`` prints, as data."""
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "--list"]
    for source in sources:
        command += ["-i", str(source)]
    environ = {**os.environ, "HOME": str(directory), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, cwd=directory, env=environ, check=True)
    listed: dict[str, Any] = json.loads(done.stdout)
    return listed


def manager(path: Path) -> InventoryManager:
    """Ansible's inventory manager over one source."""
    start()
    return InventoryManager(loader=DataLoader(), sources=[str(path)])


def tasks_of(path: Path) -> Iterator[dict[str, Any]]:
    """Every task of every play in running order, with the keywords that hold for it; then every handler."""
    start()
    loader = DataLoader()
    variables = VariableManager(loader=loader, inventory=InventoryManager(loader=loader, sources=["localhost,"]))
    loader.set_basedir(str(path.parent))
    for play in Playbook.load(str(path), variable_manager=variables, loader=loader).get_plays():
        for block in (*play.compile(), *play.compile_roles_handlers(), *play.handlers):
            yield from (_told(task) for task in _flat(block) if not task.implicit)


def _told(task: Any) -> dict[str, Any]:
    role = task._role
    return {
        **{key: getattr(task, key) for key in KEYWORDS},
        "action": task.action,
        "name": task.name or None,
        "when": list(dict.fromkeys(task.when)),  # inside roles Ansible repeats them
        "tags": sorted(set(map(str, task.tags))),
        "environment": list(task.environment),
        "notify": _as_list(task.notify),
        "vars": dict(task.get_vars()),
        "include_params": {key: value for key, value in task.get_include_params().items() if "parent_role" not in key},
        "role": role.get_name() if role else None,
        "role_vars": dict(role.get_vars(task.get_dep_chain())) if role else None,
        "role_defaults": dict(role.get_default_vars(task.get_dep_chain())) if role else None,
        "loop": task.loop,
        "loop_with": task.loop_with,
        "listen": list(dict.fromkeys(getattr(task, "listen", []))),
        "args": {key: value for key, value in task.args.items() if key != "_variable_params"},
    }


def _flat(block: Any) -> Iterator[Any]:
    for each in (*block.block, *block.rescue, *block.always):
        if hasattr(each, "rescue"):
            yield from _flat(each)
        else:
            yield each


def _as_list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
