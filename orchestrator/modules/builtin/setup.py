"""The modules ``setup`` and ``gather_facts``: what is known of a node, under Ansible's names."""

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
from orchestrator.modules.declared import PRELUDE, refusal
from orchestrator.modules.types import Int, Str, StrList

SETUP_SH = script("setup", __file__)
SUBSETS = {
    "min": (
        "distribution", "os_family", "system", "kernel", "machine", "architecture", "hostname", "nodename", "fqdn",
        "domain", "user_", "real_", "effective_", "env", "date_time", "python", "pkg_mgr", "service_mgr", "lsb",
        "userspace", "gather_subset", "module_setup", "osversion", "osrevision", "local", "dns", "fips", "selinux",
        "apparmor", "loadavg",
    ),
    "hardware": ("processor", "mem", "model", "uptime", "product", "swap"),
    "network": ("default_ipv4", "default_ipv6", "all_ipv4", "all_ipv6", "interfaces"),
    "virtual": ("virtualization",),
}  # fmt: skip
ALWAYS = ("gather_subset", "module_setup")
OTHERS = frozenset(
    "all apparmor caps chroot cmdline devices dns facter fibre_channel_wwn fips is_chroot iscsi loadavg machine_id "
    "mounts nvme ohai platform real_user_id selinux ssh_host_key_dsa_public ssh_host_key_ecdsa_public "
    "ssh_host_key_ed25519_public ssh_host_key_rsa_public ssh_host_pub_keys ssh_pub_keys system_capabilities "
    "system_capabilities_enforced systemd user vendor".split()
)
"""Words of ``gather_subset`` that Ansible knows and for which there is nothing of its own here."""


class SetupArgs(Args):
    unlisted = frozenset({"parallel"})
    gather_subset: StrList = Field(
        default_factory=lambda: ["all"], description="all, min, hardware, network, virtual; ! leaves out."
    )
    filter: StrList = Field(default_factory=list, description="Globs for the names of facts.")
    gather_timeout: Int = Field(10, ge=1, description="Seconds.")
    fact_path: Str = Field("/etc/ansible/facts.d", description="Where the node's own `*.fact` files are.")
    parallel: Str | None = Field(None, description="Accepted.")


def chosen(subsets: list[str]) -> set[str]:
    """The subsets that are asked for; ``min`` is always there unless ``!min`` (with ``!all``) takes it away."""
    wanted = {owner(word) or word for word in subsets if not word.startswith("!")}
    unwanted = {word[1:] for word in subsets if word.startswith("!")}
    known = set(SUBSETS)
    if "all" in wanted or (not wanted and "all" not in unwanted):
        wanted = known
    return ((wanted | {"min"}) & known) - unwanted


def belongs(name: str, subsets: set[str]) -> bool:
    """Whether the fact ``name`` is of one of the subsets; a fact that no subset claims belongs to the network."""
    return (owner(name.removeprefix("ansible_")) or "network") in subsets


def owner(name: str) -> str | None:
    """The subset whose fact ``name`` is, if any claims it."""
    return next((subset for subset, starts in SUBSETS.items() if name.startswith(starts)), None)


def unknown_subset(subsets: list[str]) -> str | None:
    """Why ``subsets`` cannot be gathered, in Ansible's words; None where they can."""
    for word in subsets:
        if not word.startswith("!") and word not in OTHERS and word not in SUBSETS and owner(word) is None:
            known = ", ".join(sorted({*OTHERS, *SUBSETS} - {"all"}))
            return f"Bad subset '{word}' given to Ansible. gather_subset options allowed: all, {known}"
    return None


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
    if reason := unknown_subset(args.gather_subset):
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
    subsets = chosen(args.gather_subset)
    facts = {f"ansible_{name}": value for name, value in facts_of(dict(reply.said), reply.all("tool")).items()}
    facts |= {"gather_subset": list(args.gather_subset), "module_setup": True}
    facts["ansible_local"] = local_facts(reply)
    if ctx.is_local():
        facts |= python_facts()
    asked = {name: value for name, value in facts.items() if name in ALWAYS or belongs(name, subsets)}
    facts = {name: value for name, value in asked.items() if kept(name, args.filter)}
    return Result(data={"ansible_facts": facts}, effects=(SetFacts(values=facts, discovered=True),))


SETUP = Module("setup", SetupArgs, steps, "Tells what is known of the node.")
GATHER_FACTS = Module("gather_facts", SetupArgs, steps, "Tells what is known of the node.")
