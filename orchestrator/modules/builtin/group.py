"""This module sees to a group of the node."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import State, declare, shell_values
from orchestrator.modules.types import Bool, Int, Str

GROUP_SH = script("group", __file__)


class GroupArgs(Args):
    name: Str = Field(pattern=r"^[A-Za-z_][\w.-]*$", description="The group.")
    state: Literal["absent", "present"] = Field("present", description="Whether it is to be there.")
    gid: Int | None = Field(None, ge=0, description="Its number.")
    system: Bool = Field(False, description="A system group.")
    force: Bool = Field(False, description="Linux: remove it though it is a user's primary group.")
    local: Bool = Field(False, description="Accepted: only local groups are seen to.")
    non_unique: Bool = Field(False, description="Its number may be another's too.")
    gid_min: Int | None = Field(None, description="Linux: the least number for a new group.")
    gid_max: Int | None = Field(None, description="Linux: the greatest.")

    @model_validator(mode="after")
    def _has_number(self) -> Self:
        if self.non_unique and self.gid is None:
            raise ValueError("non_unique is True but all of the following are missing: gid")
        for name in ("gid_min", "gid_max"):
            if self.local and getattr(self, name) is not None:
                raise ValueError(f"'{name}' can not be used with 'local'")
        if self.local and self.force:
            raise ValueError("force is not a valid option for local, force=True and local=True are mutually exclusive")
        return self


class GroupState(State):
    state: str | None = None
    gid: str | None = None


def steps(args: GroupArgs, ctx: Context) -> Steps:
    gid = str(args.gid) if args.state == "present" and args.gid is not None else None
    wanted = {"state": args.state, "gid": gid}
    seen = yield from declare(ctx, GroupState, (GROUP_SH,), wanted, shell_values(args))
    if isinstance(seen, Result):
        return seen.but(data={**seen.data, "name": args.name})
    if ctx.check and "state" in seen.changed:
        return seen.result()
    data: dict[str, Any] = {"name": args.name, "state": args.state}
    if args.state == "present":
        number = (seen.before if ctx.check else seen.after).model_dump()["gid"]
        data |= {"system": args.system, **({"gid": int(number)} if number else {})}
    return seen.result(**data)


GROUP = Module("group", GroupArgs, steps, "Sees to a group.")
