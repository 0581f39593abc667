"""This module keeps which packages the node has, as the fact ``packages``.

Sources: dpkg-query(1), rpm(8), brew(1); the forms of ansible-core 2.19 (``package_facts``), which knows no Homebrew.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, SetFacts, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, refusal
from orchestrator.modules.types import StrList

PACKAGES_SH = script("package_facts", __file__)
MANAGERS: Final = {"apt": "apt", "rpm": "rpm", "dnf": "rpm", "yum": "rpm", "zypper": "rpm", "homebrew": "homebrew"}
"""What a playbook may call them, and who lists the packages."""
FIELDS: Final = {
    "apt": ("name", "version", "arch", "category"),
    "rpm": ("name", "version", "release", "epoch", "arch"),
    "homebrew": ("name", "version"),
}


class PackageFactsArgs(Args):
    manager: StrList = Field(
        default_factory=lambda: ["auto"],
        description="apt, rpm (dnf, yum, zypper), homebrew; auto: those that are there.",
    )
    strategy: Literal["first", "all"] = Field("first", description="`first`: the first that has packages is enough.")


def steps(args: PackageFactsArgs, ctx: Context) -> Steps:
    asked = [each.lower() for each in args.manager]
    if unknown := set(asked) - {"auto", *MANAGERS}:
        return failure(f"Unsupported package managers requested: {', '.join(sorted(unknown))}")
    names = [MANAGERS[each] for each in asked if each != "auto"] + (list(FIELDS) if "auto" in asked else [])
    reply: Reply = yield Run(
        main="list_packages",
        scripts=(PRELUDE, PACKAGES_SH),
        values={"managers": " ".join(dict.fromkeys(names)), "strategy": args.strategy},
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    facts = {"packages": packages_of(reply.stdout.decode(errors="replace"))}
    if not facts["packages"]:
        return failure(f"Could not detect a supported package manager from the following list: {names}")
    return Result(data={"ansible_facts": facts}, effects=(SetFacts(values=facts, discovered=True),))


def packages_of(told: str) -> dict[str, list[dict[str, Any]]]:
    """Packages by their names. ``told``: lines of who lists it and its fields, with tabs between."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in told.splitlines():
        source, *values = line.split("\t")
        package: dict[str, Any] = dict(zip(FIELDS[source], values, strict=False))
        if source == "apt":
            package["origin"] = ""  # which dpkg does not tell
        if "epoch" in package:
            package["epoch"] = int(package["epoch"]) if package["epoch"].isdigit() else None
        found.setdefault(package["name"], []).append({**package, "source": source})
    return found


PACKAGE_FACTS = Module("package_facts", PackageFactsArgs, steps, "Keeps which packages the node has, as facts.")
