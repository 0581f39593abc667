"""Modules that a Mac has no use for, or that are not here: known, so that a playbook for several systems runs, and
refused when reached.

A task for Debian behind `when: ansible_os_family == "Debian"` is skipped on a Mac, as it should be. One that is not
skipped fails with the reason.
"""

from __future__ import annotations

from pydantic import ConfigDict

from orchestrator.model.program import Steps
from orchestrator.model.results import failure
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.table import LINUX_ONLY, NOT_HERE


class AnyArgs(Args):
    model_config = ConfigDict(extra="allow")


def refusing(name: str) -> Module[AnyArgs]:
    """The module ``name``, which fails where it is reached."""

    def steps(args: AnyArgs, ctx: Context) -> Steps:
        return failure(why(name))
        yield  # a generator, as all modules are

    return Module(name, AnyArgs, steps, "Not here: fails where it is reached.", needs_host=False)


def why(name: str) -> str:
    """Why a task that names this module, which is not here, fails, and what to do."""
    if name in NOT_HERE:
        return f"there is no module {name} here; use {NOT_HERE[name]}"
    if name not in LINUX_ONLY:
        return f"there is no module {name} here; a command task can do its work, or a module of your own"
    hint = f"; on a Mac use {LINUX_ONLY[name]}" if LINUX_ONLY[name] else ""
    return f"{name} is Linux-only, not for a Mac{hint}. Guard it with when: ansible_system == 'Linux'"
