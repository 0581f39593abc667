"""What a task can be. ``find`` resolves a module's name, short or full, through one explicit table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.modules.table import HOSTLESS, LINUX_ONLY, NOT_HERE, TABLE

if TYPE_CHECKING:
    from orchestrator.modules.base import Module

COLLECTIONS = ("ansible.builtin", "ansible.legacy", "community.general", "ansible.posix", "orch")


def canonical(name: str) -> str | None:
    """The table's name for ``name`` (``ansible.builtin.copy`` → ``copy``), or None for an unknown module.

    A full name may have a row of its own, where a collection's module is another one than ours of the short name.
    """
    if name in TABLE:
        return name
    prefix, _, short = name.rpartition(".")
    if (not prefix or prefix in COLLECTIONS) and (short in TABLE or short in LINUX_ONLY or short in NOT_HERE):
        return short
    return elsewhere().get(name)


@cache
def elsewhere() -> Mapping[str, str]:
    """The modules of collections that are not here: from the names that playbooks may write to their full names."""
    found: dict[str, str] = {}
    collection = ""
    for line in (Path(__file__).parent / "community/elsewhere.txt").read_text(encoding="utf-8").splitlines():
        if line.endswith(":"):
            collection = line[:-1]
        elif not line.startswith("#"):
            for word in line.split():
                full = f"{collection}.{word.rstrip('*')}"
                found |= {full: full, **({word[:-1]: full} if word.endswith("*") else {})}
    return found


POSIX = frozenset({"authorized_key", "synchronize", "sysctl"})


def full_name(short: str) -> str:
    """The name by which Ansible knows our module ``short`` in full; that of another one as it is."""
    row = TABLE.get(short, "")
    if "." in short or not row:
        return short
    if not row.startswith("community."):
        return f"ansible.builtin.{short}"
    collection = {"openssh_keypair": "community.crypto"}.get(short, "community.general")
    return f"{'ansible.posix' if short in POSIX else collection}.{short}"


def works_on_host(name: str) -> bool:
    """Whether ``name`` is a module that touches the node; nothing is imported to tell."""
    short = canonical(name)
    return short in TABLE and short not in HOSTLESS


def spellings() -> frozenset[str]:
    """Every way to name a module of this table in a playbook: short, or with a collection before it."""
    short = {*TABLE, *LINUX_ONLY, *NOT_HERE}
    return frozenset({*short, *(f"{prefix}.{name}" for prefix in COLLECTIONS for name in short if "." not in name)})


def find(name: str) -> Module[Any] | None:
    """The module called ``name``, imported on first use; None where there is none."""
    short = canonical(name)
    if short is None:
        return None
    if short not in TABLE:
        from orchestrator.modules.community.elsewhere import refusing

        return refusing(short)
    return _imported(TABLE[short])


@cache
def _imported(row: str) -> Module[Any]:
    path, _, attribute = row.partition(":")
    module: Module[Any] = getattr(import_module(f"orchestrator.modules.{path}"), attribute)
    return module


def names() -> list[str]:
    """All module names, sorted."""
    return sorted(TABLE)
