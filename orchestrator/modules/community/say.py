"""This module lets the node say something aloud, with say(1) of macOS or espeak."""

from __future__ import annotations

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Tool, call, calling
from orchestrator.modules.types import Str

SPEAKER = Tool("say espeak espeak-ng", "macOS has say(1); on Linux install espeak-ng.")


class SayArgs(Args):
    msg: Str = Field(description="What to say.")
    voice: Str | None = Field(None, description="Which voice says it; on a Mac only.")


@calling
def steps(args: SayArgs, ctx: Context) -> Steps:
    system = yield from call(ctx, Tool("uname", ""))
    if not ctx.check:
        voice = ["-v", args.voice] if args.voice and system.stdout.strip() == "Darwin" else []
        yield from call(ctx, SPEAKER, args.msg, *voice, repeatable=False)
    return Result(changed=not ctx.check, msg=args.msg)


SAY = Module("say", SayArgs, steps, "Says something aloud.")
