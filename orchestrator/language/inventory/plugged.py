"""Inventory plug-ins of the user's own: what one makes of a source, carried out step by step.

A step is ``group NAME``, ``host NAME GROUP PORT``, ``child PARENT CHILD``, ``set NAME KEY VALUE`` or ``made WHAT RULES
VARIABLES HOST``, where WHAT is compose, groups or keyed_groups as the plug-in ``constructed`` knows them.
"""

from __future__ import annotations

from typing import Any

from orchestrator.language.inventory.assembly import Assembly
from orchestrator.language.inventory.constructed import make
from orchestrator.model.errors import InventoryError
from orchestrator.model.hosts import Inventory
from orchestrator.model.place import Place


def read_plugged(name: str, path: str, into: Assembly) -> bool:
    """Add what the plug-in ``name`` makes of the source ``path``; whether it reads such a source at all."""
    if into.plugins is None or not into.plugins.has(name):
        return False
    steps = into.plugins.steps(name, path, _known(into.inventory))
    for what, *rest in steps or ():
        _STEPS[what](into, Place(path), *rest)
    return steps is not None


def _known(inventory: Inventory) -> dict[str, Any]:
    groups = {
        name: {"hosts": group.hosts, "children": group.children, "vars": group.vars}
        for name, group in inventory.groups.items()
    }
    return {"hosts": {name: host.vars for name, host in inventory.hosts.items()}, "groups": groups}


def _group(into: Assembly, place: Place, name: str) -> None:
    into.group(name, place)


def _host(into: Assembly, place: Place, name: str, group: str | None, port: int | None) -> None:
    into.host(name, into.group(group or "ungrouped", place), port)


def _child(into: Assembly, place: Place, parent: str, child: str) -> None:
    into.child(into.group(parent, place), into.group(child, place), place)


def _set(into: Assembly, place: Place, name: str, key: str, value: Any) -> None:
    if name in into.inventory.groups:
        into.group_var(name, key, value, place)
    else:
        into.host_var(name, key, value, place)


def _made(into: Assembly, place: Place, what: str, rules: dict[str, Any], variables: dict[str, Any], host: str) -> None:
    if into.judge is None:
        raise InventoryError("nobody evaluates expressions here", place=place)
    make(what, rules, {**variables, **into.inventory.hosts[host].vars}, host, into, into.judge)


_STEPS: dict[str, Any] = {"group": _group, "host": _host, "child": _child, "set": _set, "made": _made}
