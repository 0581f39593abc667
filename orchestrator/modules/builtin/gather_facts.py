"""The module ``gather_facts``: ``setup``, or the modules that ``facts_modules`` names, and what all of them tell.

Source: the action ``gather_facts`` of ansible-core 2.19 and its setting FACTS_MODULES.
"""

from __future__ import annotations

from typing import Any, Final

from orchestrator.model.program import Steps
from orchestrator.model.results import GATHERED, Result, SetFacts, failure
from orchestrator.modules.base import Context, Module
from orchestrator.modules.builtin.setup import SetupArgs, steps

SETUPS: Final = frozenset({"setup", "ansible.builtin.setup", "ansible.legacy.setup"})
OF_SETUP: Final = frozenset({"gather_subset", "gather_timeout", "filter", "fact_path", "parallel"})
_VENDORS: Final = {
    "arista": "eos",
    "cisco": "asa ios iosxr nxos",
    "community.network": "ironware",
    "extreme": "exos slxos voss",
    "frr": "frr",
    "junipernetworks": "junos",
    "vyos": "vyos",
}
NETWORKS: Final = {
    name: module
    for vendor, systems in _VENDORS.items()
    for system in systems.split()
    for within in (vendor if "." in vendor else f"{vendor}.{system}",)
    for name, module in (
        (system, f"ansible.legacy.{system}_facts"),
        (f"{within}.{system}", f"{within}.{system}_facts"),
    )
}
"""``ansible_network_os`` → the module that knows such a device."""


class GatherArgs(SetupArgs):
    pass


def chosen(ctx: Context) -> list[str]:
    """The modules that tell facts. Raises ValueError where nobody knows a network device of that kind."""
    said = ctx.variables.get("ansible_facts_modules") or ctx.setting("FACTS_MODULES") or ["smart"]
    names = [each.strip() for each in said.split(",")] if isinstance(said, str) else [str(each) for each in said]
    if "smart" not in names:
        return names
    names = [each for each in names if each != "smart"]
    if system := ctx.variables.get("ansible_network_os"):
        if system in NETWORKS:
            return [*names, NETWORKS[system]]
        if not names:
            raise ValueError(f"No fact modules available and no fact module was found for the network OS {system}")
        return names
    return names if SETUPS & {*names} else [*names, "ansible.legacy.setup"]


def gather(args: GatherArgs, ctx: Context) -> Steps:
    try:
        names = chosen(ctx)
    except ValueError as error:
        return failure(f"{error}; the setting facts_modules names one")
    facts: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    warnings: list[str] = []
    for name in names:
        result = yield from _one(name, args, ctx)
        warnings += result.warnings
        if result.failed:
            failed[name] = result.as_vars()
        elif not result.skipped:
            facts = merged(facts, result.data.get("ansible_facts") or {})
    facts[GATHERED] = True
    told = SetFacts(values=facts, discovered=True)
    result = Result(data={"ansible_facts": facts}, effects=(told,), warnings=tuple(warnings))
    if not failed:
        return result
    said = f"The following modules failed to execute: {', '.join(failed)}."
    return result.but(failed=True, msg=said, data={**result.data, "failed_modules": failed})


def _one(name: str, args: GatherArgs, ctx: Context) -> Steps:
    if name == "ansible.legacy.setup":
        return (yield from steps(args, ctx))
    given = {key: value for key, value in args.model_dump(exclude_unset=True).items() if value is not None}
    if name not in SETUPS:
        given = {key: value for key, value in given.items() if key not in OF_SETUP}
    return (yield from ctx.hand_on(name, given, check=ctx.check, with_defaults=True))


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """``new`` over ``old``: mappings one in another, lists behind one another with nothing in both told twice."""
    found = dict(old)
    for name, value in new.items():
        before = found.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            value = merged(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            value = [*(each for each in before if each not in value), *value]
        found[name] = value
    return found


GATHER_FACTS = Module("gather_facts", GatherArgs, gather, "Tells what is known of the node.")
