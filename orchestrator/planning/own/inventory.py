"""Inventory plug-ins of the user's: ``inventory_plugins/`` beside the playbook, in the configured directories and in
collections. What one makes of a source comes back as steps (``language/inventory/plugged.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from orchestrator.language.inventory.names import hosts_in
from orchestrator.language.load import OpenVault
from orchestrator.language.locator import Locator
from orchestrator.model.errors import InventoryError
from orchestrator.model.place import Place, Text
from orchestrator.planning.described import Described
from orchestrator.planning.own.asked import answer_of, described, read_for, told_of, unmarked, values_of
from orchestrator.planning.render import Renderer

SHARED: Mapping[str, Mapping[str, Any]] = {
    "strict": {"type": "bool", "default": False},
    "compose": {"type": "dict", "default": {}},
    "groups": {"type": "dict", "default": {}},
    "keyed_groups": {"type": "list", "default": []},
    "use_extra_vars": {"type": "bool", "default": False},
    "leading_separator": {"type": "bool", "default": True},
    "cache": {
        "type": "bool",
        "default": False,
        "env": [{"name": "ANSIBLE_INVENTORY_CACHE"}],
        "ini": [{"section": "inventory", "key": "cache"}],
    },
    "cache_plugin": {"default": "memory"},
    "cache_timeout": {"type": "int", "default": 3600},
    "cache_connection": {},
    "cache_prefix": {"default": "ansible_inventory_"},
}
"""Options that come with the documentation fragments ``constructed`` and ``inventory_cache`` of ansible-core 2.19."""


def steps(
    locator: Locator,
    ini: Mapping[str, str],
    open_vault: OpenVault | None,
    name: str,
    path: str,
    known: Mapping[str, Any],
) -> list[list[Any]] | None:
    """What the plug-in ``name`` makes of the source ``path`` beside what is ``known``, step by step; None where it does
    not read it. ``ini``: what ansible.cfg says, by ``section:key``. Raises InventoryError where it fails."""
    file = locator.plugin("inventory", name) or ""
    found = described(file, name, "inventory", ini)
    options = replace(found, options={**SHARED, **found.options})
    plugin = {"name": name, "path": file, "options": values_of(options)}
    told = told_of("inventory", locator, plugin=plugin, path=path, inventory=known)
    answer = answer_of(told, partial(_serve, options, open_vault), file, InventoryError)
    return None if answer is None else list(answer)


def _serve(options: Described, open_vault: OpenVault | None, asked: Mapping[str, Any]) -> Any:
    match asked:
        case {"do": "options", "direct": given}:
            direct = unmarked(given, Place(options.plugin))
            return {**direct, **replace(options, direct=direct).values()}
        case {"do": "hosts", "pattern": pattern}:
            return hosts_in(pattern, Place("-i"))
        case {"do": "render", "text": text, "variables": variables}:
            return Renderer(unmarked(variables, Place("-i"))).value(Text(text))
        case {"do": "value", "text": text, "variables": variables}:
            return Renderer(unmarked(variables, Place("-i"))).expression(Text(text))
    return read_for(asked, open_vault)
