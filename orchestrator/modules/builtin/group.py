"""This module sees to a group of the node."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import State, declare, shell_values
from orchestrator.modules.types import Bool, Int, Str

GROUP_SH = script("group", __file__)


class GroupArgs(Args):
    name: Str = Field(pattern=r"^[A-Za-z_][\w.-]*$", description="The group.")
    state: Literal["present", "absent"] = Field("present", description="Whether it is to be there.")
    gid: Int | None = Field(None, ge=0, description="Its number.")
    system: Bool = Field(False, description="A system group.")
    force: Bool = Field(False, description="Accepted.")
    local: Bool = Field(False, description="Accepted: only local groups are seen to.")
    non_unique: Bool = Field(False, description="Its number may be another's too.")


class GroupState(State):
    state: str | None = None
    gid: str | None = None


def steps(args: GroupArgs, ctx: Context) -> Steps:
    gid = str(args.gid) if args.state == "present" and args.gid is not None else None
    wanted = {"state": args.state, "gid": gid}
    seen = yield from declare(ctx, GroupState, (GROUP_SH,), wanted, shell_values(args))
    if isinstance(seen, Result):
        return seen
    data: dict[str, Any] = {"name": args.name, "state": args.state, "system": args.system}
    number = seen.after.model_dump()["gid"]
    if args.state == "present" and number:
        data["gid"] = int(number)
    return seen.result(**data)


GROUP = Module("group", GroupArgs, steps, "Sees to a group.")
