"""This module sees to a service that Homebrew keeps: `brew services`."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from typing import Any, Literal

from pydantic import AliasChoices, Field, field_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import PLAIN, Tool, call, calling, refuse
from orchestrator.modules.community.homebrew import BREW_PATH
from orchestrator.modules.types import AsSaid, Str

DONE = {"present": "started", "absent": "stopped", "restarted": "restarted"}
VERBS = {"present": "start", "absent": "stop", "restarted": "restart"}


class ServicesArgs(Args):
    name: Str = Field(validation_alias=AliasChoices("name", "formula"), description="The formula.")
    state: Literal["present", "absent", "restarted"] = Field("present", description="What it is to be.")
    path: Str = Field(BREW_PATH, description="Where brew is looked for: directories with colons in between.")

    @field_validator("name")
    @classmethod
    def _is_formula(cls, value: str) -> str:
        if not re.fullmatch(r"[\w@][\w.@/+-]*", value):
            raise AsSaid(f"Invalid package name: {value}")
        return value


@calling
def steps(args: ServicesArgs, ctx: Context) -> Steps:
    brew = Tool("brew", "Homebrew brings it: https://brew.sh", folders=args.path.replace(":", " "))
    there = yield from _info(args, ctx, brew)
    done = DONE[args.state]
    if args.state != "restarted" and there["running"] == (args.state == "present"):
        is_up = "running" if args.state == "present" else "stopped"
        return Result(msg=f"Service already {is_up}", data=there)
    if ctx.check:
        return Result(changed=True, msg=f"Service would be {done}", data=there)
    yield from call(ctx, brew, "services", VERBS[args.state], args.name, environment=QUIET)
    there = yield from _info(args, ctx, brew)
    msg = f"Running: {there['running']}, Changed: True, PID: {there['pid']}"
    return Result(changed=True, msg=msg, data=there)


QUIET = {**PLAIN, "HOMEBREW_NO_AUTO_UPDATE": "1", "HOMEBREW_NO_ENV_HINTS": "1", "HOMEBREW_NO_ANALYTICS": "1"}


def _info(args: ServicesArgs, ctx: Context, brew: Tool) -> Generator[Run, Reply, dict[str, Any]]:
    """Whether the service runs, and its process."""
    told = yield from call(ctx, brew, "services", "info", args.name, "--json", environment=QUIET)
    try:
        service = json.loads(told.stdout)[0]
        return {"running": service["status"] == "started", "pid": service["pid"]}
    except (ValueError, LookupError, TypeError):
        raise refuse(f"Failed to parse JSON output:\n{told.stdout}") from None


HOMEBREW_SERVICES = Module("homebrew_services", ServicesArgs, steps, "Sees to a service that Homebrew keeps.")
