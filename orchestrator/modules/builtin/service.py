"""This module sees to a service, under whichever of launchd, systemd and init scripts the node has."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, State, as_shell, declare, refusal
from orchestrator.modules.types import Bool, Int, Str

SERVICE_SH = script("service", __file__)
SETTLE_S = 15.0
"""How long a service may take to come up or go down after its tool returned."""


class ServiceArgs(Args):
    name: Str = Field(pattern=r"^\w[\w.@:-]*$", description="The service; on macOS the job's label.")
    state: Literal["started", "stopped", "reloaded", "restarted"] | None = Field(None, description="What it is to be.")
    enabled: Bool | None = Field(None, description="Whether it starts with the system.")
    sleep: Int | None = Field(None, description="Accepted.")
    pattern: Str | None = Field(None, description="Accepted.")
    runlevel: Str = Field("default", description="Accepted.")
    arguments: Str = Field("", validation_alias=AliasChoices("arguments", "args"), description="Accepted.")
    use: Str = Field("auto", description="Accepted: the node is asked.")
    daemon_reload: Bool = Field(
        False, validation_alias=AliasChoices("daemon_reload", "daemon-reload"), description="Accepted."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.state is None and self.enabled is None:
            raise ValueError("one of the following is required: state, enabled")
        return self


class ServiceState(State):
    state: str | None = None
    enabled: str | None = None


def steps(args: ServiceArgs, ctx: Context) -> Steps:
    again = args.state in ("restarted", "reloaded")
    wanted: dict[str, Any] = {"enabled": args.enabled, "state": None if again else args.state}
    values = {
        "name": args.name,
        "state_wanted": args.state or "",
        "enabled_wanted": as_shell(args.enabled) if args.enabled is not None else "",
    }
    seen = yield from declare(ctx, ServiceState, (SERVICE_SH,), wanted, values, settle_s=SETTLE_S)
    if isinstance(seen, Result):
        return seen
    told: dict[str, Any] = {"name": args.name}
    if args.enabled is not None:
        told["enabled"] = args.enabled
    if args.state:
        told["state"] = "started" if again else args.state
    result = seen.result(**told)
    if not again or ctx.check:
        return result.but(changed=result.changed or again)
    scripts = (PRELUDE, SERVICE_SH)
    reply: Reply = yield Run(main="again", scripts=scripts, values=values, environment=ctx.environment)
    return refusal(reply) or result.but(changed=True)


SERVICE = Module("service", ServiceArgs, steps, "Sees to a service.")
