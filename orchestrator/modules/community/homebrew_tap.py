"""This module sees to Homebrew's taps: further repositories of packages."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.community.homebrew import BREW_PATH, BREW_SH
from orchestrator.modules.community.packages import bring
from orchestrator.modules.types import AsSaid, Str, StrList

TAP_SH = script("homebrew_tap", __file__)


class TapArgs(Args):
    name: StrList = Field(validation_alias=AliasChoices("name", "tap"), description="USER/REPOSITORY.")
    url: Str | None = Field(None, pattern="^[^-]", description="Where the repository of a single tap is cloned from.")
    state: Literal["present", "absent"] = Field("present", description="What they are to be.")
    path: Str = Field(BREW_PATH, description="Where brew is looked for, after PATH.")

    @field_validator("name")
    @classmethod
    def _are_taps(cls, value: list[str]) -> list[str]:
        for name in value:
            if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name):
                raise AsSaid(f"added: 0, unchanged: 0, error: not a valid tap: {name}")
        return value

    @model_validator(mode="after")
    def _one_url(self) -> Self:
        if self.url and len(self.name) > 1:
            raise ValueError("List of multiple taps may not be provided with 'url' option.")
        if self.url and self.state == "absent":
            raise ValueError("url goes with a single tap that is to be present")
        return self


def listed_as(name: str) -> str:
    """The name as `brew tap` lists it: in lower case, without the repository's homebrew- prefix."""
    user, _, repository = name.lower().partition("/")
    return f"{user}/{repository.removeprefix('homebrew-')}"


def steps(args: TapArgs, ctx: Context) -> Steps:
    wanted = dict.fromkeys((listed_as(name) for name in args.name), args.state)
    values = {"state": args.state, "url": args.url or "", "brew_folders": args.path, "sudo_password": ""}
    found = yield from bring(ctx, "tap", wanted, (BREW_SH, TAP_SH), values)
    if isinstance(found, Result):
        return found
    msg: str | None
    if ctx.check and wanted:
        msg = None
    elif args.url:
        msg = f"{'successfully' if found.changed else 'already'} tapped: {args.name[0]}"
    else:
        word = "added" if args.state == "present" else "removed"
        msg = f"{word}: {len(found.changed)}, unchanged: {len(found.unchanged)}"
    return Result(changed=bool(found.changed), msg=msg, diff=found.diff, registers_diff=False, doubts=found.doubts)


HOMEBREW_TAP = Module("homebrew_tap", TapArgs, steps, "Sees to Homebrew taps.")
