"""``orch inventory``: what the inventory says, in the forms of ansible-inventory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.flags import InventoryFlags, takes
from orchestrator.cli.last_write import say

if TYPE_CHECKING:
    from orchestrator.model.hosts import Inventory

MAGIC = frozenset({"inventory_dir", "inventory_file", "inventory_hostname", "inventory_hostname_short"})
"""Variables that ansible-inventory does not show either."""

app = typer.Typer(help="What the inventory says: list, graph, host.", no_args_is_help=True)


@app.command("list")
@takes(InventoryFlags)
def list_(flags: InventoryFlags) -> int:
    """All groups and hosts with their variables, as JSON in the form of 'ansible-inventory --list'."""
    inventory = _load(flags)
    wanted = _limited(inventory, flags)
    groups: dict[str, Any] = {}
    for name in _walk(inventory, "all"):
        if entry := _group(inventory, name, wanted):
            groups[name] = entry
    hostvars = {host: found for host in wanted if (found := variables(inventory, host))}
    return _print({**groups, "_meta": {"hostvars": hostvars, "profile": "inventory_legacy"}})


@app.command("graph")
@takes(InventoryFlags)
def graph(
    flags: InventoryFlags,
    group: Annotated[str, typer.Argument(help="Begin at this group")] = "all",
    vars: Annotated[bool, typer.Option("--vars", help="Show variables, too")] = False,
) -> int:
    """The groups as a tree."""
    from orchestrator.model.errors import UserError

    inventory = _load(flags)
    if group not in inventory.groups:
        raise UserError(f"there is no group {group}", evidence=f"there are: {', '.join(sorted(inventory.groups))}")
    say("\n".join(_tree(inventory, group, 0, vars)))
    return 0


@app.command("host")
@takes(InventoryFlags)
def host(flags: InventoryFlags, name: Annotated[str, typer.Argument(help="The host", metavar="HOST")]) -> int:
    """One host's variables as JSON."""
    import difflib

    from orchestrator.model.errors import UserError

    inventory = _load(flags)
    if name not in inventory.hosts:
        near = difflib.get_close_matches(name, inventory.hosts, 3)
        raise UserError(f"there is no host {name}", hint=f"did you mean {' or '.join(near)}?" if near else None)
    return _print(variables(inventory, name))


def variables(inventory: Inventory, host: str) -> dict[str, Any]:
    """The host's variables from all groups and files, nearest last, as written (templates stay)."""
    found: dict[str, Any] = {}
    groups = inventory.groups_of(host)
    # Ansible's precedence: all groups' own variables below all groups' files, the host's above them.
    for group in groups:
        found.update(group.vars)
    for group in groups:
        found.update(group.file_vars)
    found.update(inventory.hosts[host].vars)
    found.update(inventory.hosts[host].file_vars)
    return {name: value for name, value in found.items() if name not in MAGIC}


def _load(flags: InventoryFlags) -> Inventory:
    from orchestrator.cli import loading

    return loading.inventory_of(flags, loading.setting(flags))


def _limited(inventory: Inventory, flags: InventoryFlags) -> list[str]:
    from orchestrator.language.inventory import select

    return select(inventory, "all", flags.limit) if flags.limit else list(inventory.hosts)


def _walk(inventory: Inventory, name: str, seen: set[str] | None = None) -> Iterator[str]:
    seen = set() if seen is None else seen
    if name in seen:
        return
    seen.add(name)
    yield name
    for child in inventory.groups[name].children:
        yield from _walk(inventory, child, seen)


def _group(inventory: Inventory, name: str, wanted: list[str]) -> dict[str, Any]:
    group = inventory.groups[name]
    entry: dict[str, Any] = {"children": list(group.children)}
    if name != "all":
        entry["hosts"] = [host for host in group.hosts if host in wanted]
    return {key: value for key, value in entry.items() if value}


def _tree(inventory: Inventory, name: str, depth: int, with_vars: bool) -> Iterator[str]:
    group = inventory.groups[name]
    yield _branch(f"@{name}:", depth)
    for child in group.children:
        yield from _tree(inventory, child, depth + 1, with_vars)
    for host in group.hosts if name != "all" else []:
        yield _branch(host, depth + 1)
        if with_vars:
            yield from _leaves(variables(inventory, host), depth + 2)
    if with_vars:
        yield from _leaves({**group.vars, **group.file_vars}, depth + 1)


def _leaves(found: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key in sorted(found):
        yield _branch(f"{{{key} = {found[key]}}}", depth)


def _branch(text: str, depth: int) -> str:
    return f"{'  |' * depth}--{text}" if depth else text


def _print(data: Mapping[str, Any]) -> int:
    import json

    from orchestrator.report.safe import safe

    say(safe(json.dumps(data, ensure_ascii=False, indent=4, sort_keys=True, default=str)))
    return 0
