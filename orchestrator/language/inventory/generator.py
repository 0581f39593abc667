"""The inventory source ``plugin: generator``: a host for each combination of the ``layers``, and the groups above it.

The rules are those of ansible-core 2.19's ``generator`` inventory plugin: names are templates that see one value of
each layer; a group may have ``vars`` and ``parents`` of its own. At most 100,000 hosts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import Any

from orchestrator.language.inventory.assembly import Assembly, Judge, Values
from orchestrator.language.inventory.names import RANGE_LIMIT, hosts_in
from orchestrator.language.load import kind_of
from orchestrator.model.errors import InventoryError
from orchestrator.model.place import Place, place_of

NAMES = ("generator", "ansible.builtin.generator")


def read_generator(data: Mapping[Any, Any], file: str, into: Assembly, judge: Judge) -> None:
    """Add the hosts and groups that ``data``, the configuration in ``file``, stands for."""
    place = Place(file)
    hosts, layers = _mapping(data, "hosts", place), _mapping(data, "layers", place)
    values = [each if isinstance(each, list) else [each] for each in layers.values()]
    if math.prod(map(len, values)) > RANGE_LIMIT:
        raise InventoryError(f"the layers stand for more than {RANGE_LIMIT} hosts", place=place_of(layers) or place)
    for chosen in product(*values):
        known = dict(zip(map(str, layers), chosen, strict=True))
        for host in hosts_in(str(judge.text(hosts.get("name"), known)), place_of(hosts))[0]:
            into.host(host, "ungrouped")
            for group in _groups(host, hosts, known, into, judge):
                into.host(host, group)


def _mapping(data: Mapping[Any, Any], key: str, place: Place) -> Mapping[Any, Any]:
    found = data.get(key)
    if not isinstance(found, Mapping):
        raise InventoryError(f"{key} is a mapping, not {kind_of(found)}", place=place_of(found) or place)
    return found


def _groups(child: str, entry: Mapping[Any, Any], known: Values, into: Assembly, judge: Judge) -> list[str]:
    """The groups right above ``child``, made with their variables and with the groups above them."""
    found = []
    for parent in entry.get("parents") or ():
        name = judge.text(parent.get("name"), known) if parent else None
        if not name:
            raise InventoryError(f"Element {child} has a parent with no name.", place=place_of(parent))
        group = into.group(str(name), place_of(parent))
        for key, value in (parent.get("vars") or {}).items():
            into.group_var(group, key, judge.text(value, known) if isinstance(value, str) else value)
        for above in _groups(group, parent, known, into, judge):
            into.child(above, group, place_of(parent))
        found.append(group)
    return found
