"""Inventories as mappings: YAML, JSON and TOML files, and what inventory scripts print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.language.inventory.assembly import Assembly
from orchestrator.language.inventory.names import check_host_name, hosts_in
from orchestrator.language.keywords import did_you_mean
from orchestrator.language.load import kind_of
from orchestrator.model.errors import InventoryError
from orchestrator.model.place import Place, Text, place_of

_PARTS = ("vars", "children", "hosts")


def read_mapping(data: Any, file: str, into: Assembly) -> None:
    """Add what a YAML or TOML inventory says: groups by name, each with ``hosts``, ``vars`` and ``children``."""
    place = place_of(data) or Place(file)
    if not isinstance(data, dict):
        what = "is empty" if not data else f"holds a {kind_of(data)}"
        raise InventoryError(f"the inventory {what}, it should be a mapping of groups", place=place)
    if data.get("plugin"):
        raise InventoryError(
            f"this configures the inventory plugin {data['plugin']!r}, which is not supported",
            place=place,
            hint="save what `ansible-inventory --list -i THIS --export` prints, or use an inventory script",
        )
    for name, group in data.items():
        _group(name, group, into, place_of(name) or place)


def _group(name: Any, data: Any, into: Assembly, place: Place) -> str | None:
    if data is not None and not isinstance(data, dict):
        into.warn(f"{place}: skipping '{name}', as this is not a valid group definition")
        return None
    group = into.group(name, place)
    parts = {key: _part(key, value, name, place) for key, value in (data or {}).items()}
    for key in parts:
        if key not in _PARTS:
            hint = did_you_mean(str(key), _PARTS)
            known = 'only "vars", "children" and "hosts" are valid'
            tail = f" ({hint})" if hint else ""
            into.warn(f"{place_of(key) or place}: skipping unexpected key ({key}) in group ({group}), {known}{tail}")
    for key, value in (parts.get("vars") or {}).items():
        into.group_var(group, key, value)
    for pattern, variables in (parts.get("hosts") or {}).items():
        _hosts(pattern, variables, group, into, place_of(pattern) or place)
    for child, inner in (parts.get("children") or {}).items():
        where = place_of(child) or place
        if below := _group(child, inner, into, where):
            into.child(group, below, where)
    return group


def _part(key: Any, value: Any, group: Any, place: Place) -> Any:
    """One part of a group as a mapping; a lone text counts as a mapping with that one key, TOML's children
    are a list.
    """
    if key not in _PARTS or value is None or isinstance(value, dict):
        return value
    if isinstance(value, str):
        return {value: None}
    if key == "children" and isinstance(value, list) and place.file.endswith(".toml"):
        return dict.fromkeys(value)
    hint = "write the hosts as keys, each followed by a colon" if key == "hosts" else None
    raise InventoryError(
        f'"{key}" of group {group!r} is a mapping, not {kind_of(value)}',
        place=place_of(key) or place,
        hint=hint,
    )


def _hosts(pattern: Any, variables: Any, group: str, into: Assembly, place: Place) -> None:
    names, port = hosts_in(pattern, place)
    if variables is not None and not isinstance(variables, dict):
        raise InventoryError(f"the variables of host {pattern!r} are a mapping, not {kind_of(variables)}", place=place)
    for name in names:
        into.host(name, group, port)
        for key, value in (variables or {}).items():
            into.host_var(name, key, value, place_of(key))


def read_script_output(data: Any, file: str, into: Assembly) -> list[str] | None:
    """Add what an inventory script's ``--list`` printed.

    Returns the hosts whose variables are still to be asked for by ``--host``, or None where
    ``_meta.hostvars`` gave them.
    """
    place = Place(file)
    if not isinstance(data, dict):
        raise InventoryError(f"the script printed a {kind_of(data)}, not a JSON object", place=place)
    meta = data.get("_meta")
    hostvars = meta.get("hostvars") if isinstance(meta, dict) else None
    if meta is not None and not isinstance(hostvars, dict):
        raise InventoryError("_meta.hostvars of the script's output is not an object", place=place)
    named: dict[str, None] = {}
    children: list[tuple[str, Any]] = []
    for name, group in data.items():
        if name != "_meta":
            named.update(dict.fromkeys(_script_group(name, group, into, children, place)))
    for parent, child in children:
        into.child(parent, into.group(child, place), place)
    if hostvars is None:
        return list(named)
    for host in named:
        set_host_vars(host, hostvars.get(host) or {}, into, place)
    return None


def set_host_vars(host: str, variables: Any, into: Assembly, place: Place) -> None:
    """Set the variables of one host, as a script gave them."""
    if not isinstance(variables, Mapping):
        raise InventoryError(f"the script's variables of host {host!r} are not an object", place=place)
    for key, value in variables.items():
        into.host_var(host, key, value, place)


def _script_group(name: Any, data: Any, into: Assembly, children: list[tuple[str, Any]], place: Place) -> list[str]:
    group = into.group(name, place)
    if not isinstance(data, dict):
        data = {"hosts": data}
    elif not any(part in data for part in _PARTS):
        data = {"hosts": [Text(group)], "vars": data}
    hosts, variables = data.get("hosts", []), data.get("vars", {})
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        raise InventoryError(f"{group}.hosts of the script's output is not a list of names", place=place)
    if not isinstance(variables, dict):
        raise InventoryError(f"{group}.vars of the script's output is not an object", place=place)
    for host in hosts:
        check_host_name(host, place)
        into.host(host, group)
    for key, value in variables.items():
        into.group_var(group, key, value, place)
    children += [(group, child) for child in data.get("children") or []]
    return [str.__str__(host) for host in hosts]
