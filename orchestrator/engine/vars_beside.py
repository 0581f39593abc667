"""The variables that stand in group_vars/ and host_vars/, or come of plug-ins, beside the playbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any

from orchestrator.language.inventory import Brought, VarsKind, load_vars_dir
from orchestrator.language.load import OpenVault
from orchestrator.language.reading import Combine, combine
from orchestrator.model.hosts import Inventory
from orchestrator.planning.variables import Beside


def beside(
    here: str, inventory: Inventory, how: Combine, open_vault: OpenVault | None, brought: Brought | None
) -> Beside:
    """Those of the playbook's directory ``here``, unless an inventory lies there, whose groups and hosts have them
    already. A host that no inventory names (an implicit localhost) has those beside the inventories here as well."""
    is_apart = here not in inventory.directories
    entities: dict[VarsKind, Iterable[str]] = {"group_vars": inventory.groups, "host_vars": inventory.hosts}
    told = cache(lambda kind: brought(here, kind, entities[kind], is_task=True) if brought else {})

    def of(kind: VarsKind, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = {}
        if name not in entities[kind]:
            for directory in inventory.directories:
                found = combine(dict(found), dict(inside(directory, kind, name)), how)
        return combine(dict(found), dict(inside(here, kind, name)), how) if is_apart else found

    def inside(directory: str, kind: VarsKind, name: str) -> Mapping[str, Any]:
        found = load_vars_dir(directory, kind, name, open_vault=open_vault, hash_behaviour=how)
        if brought is None:
            return found
        is_task = directory == here and is_apart
        more = told(kind) if is_task and name in told(kind) else brought(directory, kind, [name], is_task=is_task)
        return combine(found, dict(more[name]), how)

    of_group, of_host = cache(partial(of, "group_vars")), cache(partial(of, "host_vars"))
    for group in inventory.groups:
        of_group(group)  # mistakes in them are found before the run
    return Beside(groups=of_group, hosts=of_host)
