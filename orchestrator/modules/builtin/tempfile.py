"""This module creates a temporary file or directory of its own name."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, called, not_foretold, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, last_stat
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import Str

TEMPFILE_SH = script("tempfile", __file__)


class TempfileArgs(Args):
    state: Literal["file", "directory"] = Field("file", description="What to create.")
    path: Str | None = Field(None, description="Where; else the node's directory for such things.")
    prefix: Str = Field("ansible.", description="How the name starts.")
    suffix: Str = Field("", description="How the name ends.")


def steps(args: TempfileArgs, ctx: Context) -> Steps:
    if ctx.check:
        return not_foretold(called(ctx, "tempfile"))
    for name, part in (("prefix", args.prefix), ("suffix", args.suffix)):
        if "/" in part:
            return failure(f"{name} must be a valid file name component")
    values = {"state": args.state, "path_given": args.path or "", "prefix": args.prefix, "suffix": args.suffix}
    reply: Reply = yield Run(
        main="make_temporary", scripts=(*FILE_SCRIPTS, TEMPFILE_SH), values=values, environment=ctx.environment
    )
    if refused := refusal(reply):
        return refused
    stat = last_stat(reply)
    return Result(changed=True, data={"path": reply.first("path"), **(stat.info() if stat else {})})


TEMPFILE = Module("tempfile", TempfileArgs, steps, "Creates a temporary file or directory.", checks="skip")
