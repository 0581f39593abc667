"""This module tells how a node's services stand. Of a Mac Ansible's module tells nothing, and neither does this."""

from __future__ import annotations

import re

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, SetFacts
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, refusal

SERVICES_SH = script("service_facts", __file__)
NONE = "Failed to find any services. This can be due to privileges or some other configuration issue."
LINE = re.compile(r"^\s*\[ (?P<state>[+-]) \]\s+(?P<name>.+)$", re.M)
"""A service as `service --status-all` lists it; one that cannot tell how it stands (`?`) is left out."""


class ServiceFactsArgs(Args):
    """There are none."""


def services(listed: str) -> dict[str, dict[str, str]]:
    """Each service of System V's init in ``listed``, and how it stands."""
    states = {"+": "running", "-": "stopped"}
    return {
        found["name"]: {"name": found["name"], "state": states[found["state"]], "source": "sysv"}
        for found in LINE.finditer(listed)
    }


def steps(args: ServiceFactsArgs, ctx: Context) -> Steps:
    reply: Reply = yield Run(
        main="list_services", scripts=(PRELUDE, SERVICES_SH), environment=ctx.environment, repeatable=True
    )
    if refused := refusal(reply):
        return refused
    found = services(reply.stdout.decode(errors="replace"))
    if not found:
        return Result(skipped=True, msg=NONE)
    facts = {"services": found}
    return Result(data={"ansible_facts": facts}, effects=(SetFacts(values=facts, discovered=True),))


SERVICE_FACTS = Module("service_facts", ServiceFactsArgs, steps, "Tells how a node's services stand.")
