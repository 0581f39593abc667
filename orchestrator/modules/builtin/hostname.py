"""This module sees to the node's own name; on macOS to all three of them."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import State, declare
from orchestrator.modules.types import Str

HOSTNAME_SH = script("hostname", __file__)


class HostnameArgs(Args):
    name: Str = Field(min_length=1, max_length=253, pattern=r"^[^\s]+$", description="The name.")
    use: (
        Literal[
            "alpine", "debian", "freebsd", "generic", "macos", "macosx", "darwin", "openbsd", "openrc", "redhat",
            "sles", "solaris", "systemd",
        ]
        | None
    ) = Field(None, description="Accepted: the system is asked.")  # fmt: skip


class HostnameState(State):
    name: str | None = None
    computer_name: str | None = None
    local_host_name: str | None = None


def local_name(name: str) -> str:
    """The name as Bonjour takes it: letters, digits and dashes."""
    return re.sub(r"-+", "-", re.sub(r"[^A-Za-z0-9-]", "-", name.replace("'", ""))).strip("-")


def steps(args: HostnameArgs, ctx: Context) -> Steps:
    wanted = {"name": args.name, "computer_name": args.name, "local_host_name": local_name(args.name)}
    seen = yield from declare(ctx, HostnameState, (HOSTNAME_SH,), wanted, {**wanted})
    if isinstance(seen, Result):
        return seen
    short, _, domain = args.name.partition(".")
    facts = {
        "ansible_hostname": short,
        "ansible_nodename": args.name,
        "ansible_fqdn": args.name,
        "ansible_domain": domain,
    }
    return seen.result(name=args.name, ansible_facts=facts)


HOSTNAME = Module("hostname", HostnameArgs, steps, "Sees to the node's name.")
