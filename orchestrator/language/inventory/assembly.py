"""Putting an inventory together: the rules that hold whatever source a host, group or variable comes from."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from orchestrator.language.inventory.names import check_connection_var, check_group_name
from orchestrator.language.load import OpenVault
from orchestrator.language.reading import Combine, combine
from orchestrator.model.errors import InventoryError
from orchestrator.model.frozen import frozen
from orchestrator.model.hosts import Group, Host, Inventory
from orchestrator.model.place import Place, Text, place_of

Values = Mapping[str, Any]
LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")
_INVALID = re.compile(r"^[\d\W]|[^\w]")
"""What Ansible replaces in the name of a group (``force_valid_group_names``)."""
Warn = Callable[[str], None]


@frozen
class Judge:
    """How expressions are judged; who loads an inventory lends it, since templates are not known here.

    ``value`` evaluates an expression, ``holds`` a condition, ``text`` renders a template; each raises UserError.
    """

    value: Callable[[Text, Values], Any]
    holds: Callable[[Any, Values], bool]
    text: Callable[[Any, Values], Any]
    extra_vars: Values


class Plugins(Protocol):
    """Inventory plug-ins of the user's, in Python; who loads an inventory lends them."""

    def has(self, name: str) -> bool:
        """Whether there is a plug-in of this name."""
        ...

    def steps(self, name: str, path: str, known: Mapping[str, Any]) -> list[list[Any]] | None:
        """What the plug-in makes of the source ``path``; None where it does not read it. Raises UserError."""
        ...


@dataclass(slots=True)
class Assembly:
    """An inventory in the making. ``source`` is the one being read: the first that names a host is its
    inventory_file.
    """

    inventory: Inventory
    warn: Warn
    open_vault: OpenVault | None = None
    hash_behaviour: Combine = "replace"
    judge: Judge | None = None
    makes_valid: bool = False
    plugins: Plugins | None = None
    source: str = ""
    _members: dict[str, set[str]] = field(default_factory=dict)

    def group(self, name: str, place: Place | None = None) -> str:
        """The group ``name`` exists; the name it goes by is returned."""
        check_group_name(name, place or place_of(name))
        known = _INVALID.sub("_", name) if self.makes_valid else str.__str__(name)
        self.inventory.group(known)
        return known

    def host(self, name: str, group: str, port: int | None = None) -> None:
        """The host ``name`` exists and belongs to ``group``."""
        name = str.__str__(name)
        if name not in self.inventory.hosts:
            host = self.inventory.host(name)
            if port is not None:
                host.vars["ansible_port"] = port
            host.vars["inventory_file"] = self.source
            host.vars["inventory_dir"] = _directory_of(self.source)
        if group not in self._members:
            self._members[group] = set(self.inventory.groups[group].hosts)
        members = self._members[group]
        if name not in members:
            members.add(name)
            self.inventory.groups[group].hosts.append(name)

    def child(self, parent: str, child: str, place: Place | None = None) -> None:
        """The group ``child`` stands below ``parent``. Raises where that would make a circle."""
        if child in self.inventory.groups[parent].children:
            return
        if parent == child or parent in _descendants(self.inventory, child):
            raise InventoryError(f"group {child!r} cannot be below {parent!r}: that makes a circle", place=place)
        self.inventory.groups[parent].children.append(child)

    def host_var(self, host: str, key: Any, value: Any, place: Place | None = None) -> None:
        check_connection_var(str(key), value, place or place_of(value) or place_of(key))
        self._set(self.inventory.hosts[host], key, value)

    def group_var(self, group: str, key: Any, value: Any, place: Place | None = None) -> None:
        check_connection_var(str(key), value, place or place_of(value) or place_of(key))
        if key == "ansible_group_priority":
            self.inventory.groups[group].priority = _priority(value, place or place_of(key))
        else:
            self._set(self.inventory.groups[group], key, value)

    def _set(self, entity: Host | Group, key: Any, value: Any) -> None:
        mine = entity.vars.get(key)
        if isinstance(mine, Mapping) and isinstance(value, Mapping):
            value = combine(mine, value, self.hash_behaviour) if self.hash_behaviour == "merge" else value
        entity.vars[str.__str__(key) if isinstance(key, Text) else key] = value


def _directory_of(source: str) -> str:
    """Where ``source`` lies; the text ``None`` for a list of hosts (so ansible-core 2.19, however odd)."""
    if os.path.isdir(source):
        return os.path.abspath(source)
    return os.path.dirname(os.path.abspath(source)) if os.path.isfile(source) else "None"


def _priority(value: Any, place: Place | None) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as cause:
        raise InventoryError(f"ansible_group_priority is a whole number, not {value!r}", place=place) from cause


def _descendants(inventory: Inventory, group: str) -> set[str]:
    found: set[str] = set()
    waiting = [group]
    while waiting:
        for child in inventory.groups[waiting.pop()].children:
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def reconcile(inventory: Inventory, warn: Warn | None = None) -> None:
    """Make the rules hold that every inventory follows; to be called after hosts or groups were added.

    Groups without a parent stand below ``all``; hosts without a group of their own are in ``ungrouped``,
    others are not.
    """
    top = inventory.groups["all"]
    below = {child for group in inventory.groups.values() for child in group.children}
    for name in ("ungrouped", *inventory.groups):
        if name not in ("all", *top.children) and name not in below:
            top.children.append(name)
    grouped = {
        host for name, group in inventory.groups.items() if name not in ("all", "ungrouped") for host in group.hosts
    }
    ungrouped = inventory.groups["ungrouped"]
    listed = dict.fromkeys((*(host for host in ungrouped.hosts if host not in grouped), *inventory.hosts))
    ungrouped.hosts = [host for host in listed if host not in grouped]
    for name in inventory.groups.keys() & inventory.hosts.keys():
        if warn:
            warn(f"Found both group and host with same name: {name}")


def ordered_members(inventory: Inventory, group: str) -> list[str]:
    """The hosts in and below ``group`` in Ansible's order: the group's own first, then those of its children,
    level by level.
    """
    ordered: dict[str, None] = {}
    level, seen = [group], {group}
    while level:
        below: list[str] = []
        for name in level:
            ordered.update(dict.fromkeys(inventory.groups[name].hosts))
            for child in inventory.groups[name].children:
                if child not in seen and child in inventory.groups:
                    seen.add(child)
                    below.append(child)
        level = below
    return list(ordered)
