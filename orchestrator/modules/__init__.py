"""What a task can be. ``find`` resolves a module's name, short or full, through one explicit table."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from orchestrator.modules.table import ALIASES, TABLE

if TYPE_CHECKING:
    from orchestrator.modules.base import Module

COLLECTIONS = ("ansible.builtin", "ansible.legacy", "community.general", "ansible.posix", "orch")


def canonical(name: str) -> str | None:
    """The table's name for ``name`` (``ansible.builtin.copy`` → ``copy``), or None for an unknown module."""
    prefix, _, short = name.rpartition(".")
    if prefix and prefix not in COLLECTIONS:
        return None
    short = ALIASES.get(short, short)
    return short if short in TABLE else None


def find(name: str) -> Module[Any] | None:
    """The module called ``name``, imported on first use; None where there is none."""
    short = canonical(name)
    if short is None:
        return None
    path, _, attribute = TABLE[short].partition(":")
    module: Module[Any] = getattr(import_module(f"orchestrator.modules.{path}"), attribute)
    return module


def names() -> list[str]:
    """All module names, sorted."""
    return sorted(TABLE)
