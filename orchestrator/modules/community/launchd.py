"""This module is `launchd` as community.general has it: a service by name, its plist found where macOS keeps them.

It does its work through our own `launchd`, so a restart is budgeted and proven here too. ``enabled`` is launchd's own
override (`launchctl enable`), where community.general rewrites RunAtLoad in the plist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.modules.declared import refusal
from orchestrator.modules.macos.launchd import LaunchdArgs, launchd_steps
from orchestrator.modules.types import Bool, Str

FIND_SH = script("launchd_plists", __file__)
OURS: Mapping[str, tuple[str, ...]] = {
    "started": ("running",),
    "stopped": ("stopped",),
    "restarted": ("restarted",),
    "reloaded": ("unloaded", "loaded"),
    "unloaded": ("unloaded",),
}


STARTED_S = 1.0
"""How long a service that was started is watched; a restart gets the full proof of our own module."""


class ServiceArgs(Args):
    name: Str = Field(pattern=r"^[\w.@-]+$", description="The service's label.")
    plist: Str | None = Field(None, pattern=r"^[^/]+$", description="The plist's file name; else NAME.plist.")
    state: Literal["reloaded", "restarted", "started", "stopped", "unloaded"] | None = Field(
        None, description="What it is to be; reloaded and restarted always change."
    )
    enabled: Bool | None = Field(None, description="Whether it may start at boot or login.")
    force_stop: Bool = Field(
        False,
        validation_alias=AliasChoices("force_stop", "force-stop"),
        description="stopped: unload it, since launchd would start it again otherwise.",
    )

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if self.state is None and self.enabled is None:
            raise ValueError("one of the following is required: state, enabled")
        return self

    def goals(self) -> tuple[str | None, ...]:
        """Our own states, one after the other."""
        if self.state == "stopped" and self.force_stop:
            return ("unloaded",)
        return OURS[self.state] if self.state else (None,)


def _state(data: Mapping[str, Any], pid: Any) -> str:
    """community.general's word for a job's state."""
    if not data.get("loaded"):
        return "unloaded"
    return "started" if pid else "stopped"


def steps(args: ServiceArgs, ctx: Context) -> Steps:
    reply: Reply = yield Run(
        main="find_plist",
        scripts=(*FILE_SCRIPTS, FIND_SH),
        values={"file": args.plist or f"{args.name}.plist"},
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    plist = reply.first("plist") or ""
    if not plist:
        return _missing(args, ctx, reply.all("looked"))
    domain = "system" if "/LaunchDaemons/" in plist else "gui"
    results: list[Result] = []
    for goal in args.goals():
        ours = LaunchdArgs.model_validate(
            {
                "label": args.name,
                "domain": domain,
                "plist": plist,
                "state": goal,
                "enabled": args.enabled,
                "observe_s": STARTED_S if args.state == "started" else None,
            }
        )
        result = yield from launchd_steps(ours, ctx)
        if result.failed:
            return result
        results.append(result)
    return _joined(args, plist, results)


def _missing(args: ServiceArgs, ctx: Context, looked: list[str]) -> Result:
    """No plist: in check mode a task before this one may be what brings it."""
    what = f"Unable to find the plist file {args.plist or f'{args.name}.plist'} for service {args.name}"
    if ctx.check and args.state != "unloaded":
        return Result(changed=True, msg=f"{what}; foretold as if it were there by then")
    return failure(what, looked_in=looked)


def _joined(args: ServiceArgs, plist: str, results: list[Result]) -> Result:
    first, last = results[0].data, results[-1].data
    before = {**first, "loaded": first.get("runs_before") is not None or first.get("pid_before") is not None}
    status = {
        "current_pid": last.get("pid"),
        "current_state": _state(last, last.get("pid")),
        "previous_pid": first.get("pid_before"),
        "previous_state": _state(before, first.get("pid_before")),
        "status_code": None,
    }
    changed = any(result.changed for result in results) or args.state == "reloaded"
    diff = tuple(diff for result in results for diff in result.diff)
    return Result(changed=changed, msg=results[-1].msg, data={**last, "status": status, "plist": plist}, diff=diff)


LAUNCHD = Module(
    "community.general.launchd",
    ServiceArgs,
    steps,
    "Manages a launchd service with the arguments of community.general; `launchd` alone is our own, richer module.",
    returns={"status": "current_state, current_pid, previous_state, previous_pid."},
)
