"""This module reads a file of the node, as base64."""

from __future__ import annotations

import base64

from pydantic import AliasChoices, Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.edit import SCRIPTS
from orchestrator.modules.builtin.files import last_stat
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import Str

SLURP_SH = script("slurp", __file__)


class SlurpArgs(Args):
    src: Str = Field(min_length=1, validation_alias=AliasChoices("src", "path"), description="The file.")


def steps(args: SlurpArgs, ctx: Context) -> Steps:
    values = {"path_given": args.src}
    reply: Reply = yield Run(
        main="slurp_file",
        scripts=(*SCRIPTS, SLURP_SH),
        values=values,
        environment=ctx.environment,
        repeatable=True,
    )
    where = reply.first("named") or args.src
    if refused := refusal(reply):
        if (refused.msg or "").endswith("is a directory !"):
            return failure(f"Source is a directory and must be a file: {where}")
        if (refused.msg or "").startswith("cannot read"):
            return failure(f"File is not readable: {where}")
        return refused
    if last_stat(reply) is None:
        return failure(f"File not found: {where}")
    if "stdout" in reply.capped:
        return failure(f"{args.src} is too large to be read into a variable; use fetch")
    content = base64.b64encode(reply.stdout).decode()
    return Result(data={"content": content, "source": where, "encoding": "base64"})


SLURP = Module("slurp", SlurpArgs, steps, "Reads a file of the node.")
