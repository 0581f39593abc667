"""Inventories: sources of every kind to ``model.hosts.Inventory``, and patterns to host names."""

from orchestrator.language.inventory.assembly import ordered_members, reconcile
from orchestrator.language.inventory.patterns import select
from orchestrator.language.inventory.sources import (
    Brought,
    VarsKind,
    Wanted,
    load_beside,
    load_inventory,
    load_vars_dir,
)

__all__ = [
    "Brought",
    "VarsKind",
    "Wanted",
    "load_beside",
    "load_inventory",
    "load_vars_dir",
    "ordered_members",
    "reconcile",
    "select",
]
