"""This module sees to packages, by Homebrew on macOS and apt on Debian."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules import canonical
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILES
from orchestrator.modules.declared import State, declare
from orchestrator.modules.types import Str, StrList

PACKAGE_SH = script("package", __file__)


class PackageArgs(Args):
    name: StrList = Field(description="The packages.")
    state: Literal["present", "installed", "absent", "removed", "latest"] = Field(
        "present", description="What they are to be."
    )
    use: Str = Field("auto", description="Held against the modules there are; the node is asked all the same.")

    @field_validator("name")
    @classmethod
    def _are_names(cls, value: list[str]) -> list[str]:
        for name in value:
            if not re.fullmatch(r"[\w.@/+:=~][\w.@/+:=~-]*", name):
                raise ValueError(f"{name!r} is not a package's name")
        return value


class PackageState(State):
    state: str | None = None


def steps(args: PackageArgs, ctx: Context) -> Steps:
    manager = args.use if args.use != "auto" else str(ctx.variables.get("ansible_package_use") or "auto")
    if manager != "auto" and canonical(manager) is None:
        return failure(f'Could not find a matching action for the "{manager}" package manager.').but(gave_up=True)
    if not args.name:
        return Result()
    state = {"installed": "present", "removed": "absent"}.get(args.state, args.state)
    values = {"state": state, "names": " ".join(args.name)}
    seen = yield from declare(ctx, PackageState, (FILES, PACKAGE_SH), {"state": state}, values)
    if isinstance(seen, Result):
        return seen
    return seen.result(name=list(args.name), state=state)


PACKAGE = Module("package", PackageArgs, steps, "Sees to packages.")
