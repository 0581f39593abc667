"""This module answers ``pong`` where a node can run programs at all."""

from __future__ import annotations

from pydantic import Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import Str


class PingArgs(Args):
    data: Str = Field("pong", description="What to answer; ``crash`` fails on purpose.")


def steps(args: PingArgs, ctx: Context) -> Steps:
    if args.data == "crash":
        return failure("Task failed: Module failed: boom")
    reply: Reply = yield Run(main=":", repeatable=True)
    return refusal(reply) or Result(data={"ping": args.data})


PING = Module("ping", PingArgs, steps, "Tries to run a trivial program on a node and answers `pong`.")
