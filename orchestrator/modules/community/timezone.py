"""This module sees to the node's time zone."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.modules.declared import State, declare
from orchestrator.modules.types import Str

TIMEZONE_SH = script("timezone", __file__)


class TimezoneArgs(Args):
    name: Str | None = Field(None, pattern=r"^[A-Za-z][\w/+-]*$", description="The zone, as Europe/Berlin.")
    hwclock: Literal["local", "UTC"] | None = Field(None, description="Refused: a Mac's clock always holds UTC.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.hwclock:
            raise ValueError("hwclock is not supported on macOS: the hardware clock always holds UTC")
        if not self.name:
            raise ValueError("one of the following is required: hwclock, name")
        return self


class Zone(State):
    name: str | None = None


def steps(args: TimezoneArgs, ctx: Context) -> Steps:
    seen = yield from declare(
        ctx, Zone, (*FILE_SCRIPTS[1:], TIMEZONE_SH), {"name": args.name}, {"name": args.name or ""}
    )
    if isinstance(seen, Result):
        return seen
    was, now = seen.before, seen.after
    diff = {"before": {"name": getattr(was, "name", None)}, "after": {"name": getattr(now, "name", None)}}
    return seen.result(diff=diff)


TIMEZONE = Module("timezone", TimezoneArgs, steps, "Sees to the node's time zone.")
