"""The module ``setup``: what is known of a node, under Ansible's names."""

from __future__ import annotations

import fnmatch
import platform
import sys
from typing import Any

from pydantic import Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, SetFacts, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.facts import facts_of
from orchestrator.modules.builtin.local_facts import LOCAL_FACTS_SH, local_facts
from orchestrator.modules.builtin.subsets import collectors, owner, unknown
from orchestrator.modules.declared import PRELUDE, refusal
from orchestrator.modules.types import Int, Str, StrList

SETUP_SH = script("setup", __file__)
ALWAYS = ("gather_subset", "module_setup")


class SetupArgs(Args):
    unlisted = frozenset({"parallel"})
    gather_subset: StrList = Field(
        default_factory=lambda: ["all"], description="all, min, hardware, network, env, date_time …; ! leaves out."
    )
    filter: StrList = Field(default_factory=list, description="Globs for the names of facts.")
    gather_timeout: Int = Field(10, ge=1, description="Seconds.")
    fact_path: Str = Field("/etc/ansible/facts.d", description="Where the node's own `*.fact` files are.")
    parallel: Str | None = Field(None, description="Accepted.")


def python_facts() -> dict[str, Any]:
    """The facts about Python, which only this machine has: the one that runs orch stands for it."""
    version = dict(zip(("major", "minor", "micro", "releaselevel", "serial"), sys.version_info, strict=True))
    python = {
        "version": version,
        "version_info": list(sys.version_info),
        "executable": sys.executable,
        "has_sslcontext": True,
        "type": sys.implementation.name,
    }
    return {"ansible_python": python, "ansible_python_version": platform.python_version()}


def kept(name: str, patterns: list[str]) -> bool:
    """Whether a filter names the fact, with or without ``ansible_``."""
    globs = [pattern for pattern in patterns if pattern]
    short = name.removeprefix("ansible_")
    return not globs or any(fnmatch.fnmatch(name, glob) or fnmatch.fnmatch(short, glob) for glob in globs)


def steps(args: SetupArgs, ctx: Context) -> Steps:
    if reason := unknown(args.gather_subset):
        return failure(reason)
    reply: Reply = yield Run(
        main="gather",
        scripts=(PRELUDE, LOCAL_FACTS_SH, SETUP_SH),
        values={"fact_path": args.fact_path},
        environment=ctx.environment,
        repeatable=True,
        timeout_s=max(30.0, float(args.gather_timeout)),
    )
    if refused := refusal(reply):
        return refused
    gathered = collectors(args.gather_subset)
    facts = {f"ansible_{name}": value for name, value in facts_of(dict(reply.said), reply.all("tool")).items()}
    facts |= {"gather_subset": list(args.gather_subset), "module_setup": True}
    facts["ansible_local"] = local_facts(reply)
    if ctx.is_local():
        facts |= python_facts()
    asked = {
        name: value
        for name, value in facts.items()
        if name in ALWAYS or owner(name.removeprefix("ansible_")) in gathered
    }
    facts = {name: value for name, value in asked.items() if kept(name, args.filter)}
    return Result(data={"ansible_facts": facts}, effects=(SetFacts(values=facts, discovered=True),))


SETUP = Module("setup", SetupArgs, steps, "Tells what is known of the node.")
