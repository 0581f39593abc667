"""This module makes a target of a makefile, if make says that there is something to do."""

from __future__ import annotations

import shlex
from typing import Any, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import worded
from orchestrator.modules.community.packages import TOOL_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Dict, Int, Str, StrList

MAKE_SH = script("make", __file__)


class MakeArgs(Args):
    chdir: Str = Field(min_length=1, description="The directory to work in.")
    target: Str | None = Field(None, description="What to make; else the makefile's first target.")
    targets: StrList | None = Field(None, description="Several targets.")
    params: Dict | None = Field(None, description="Variables of make; one without a value is a word of its own.")
    file: Str | None = Field(None, description="The makefile, where it has another name.")
    make: Str | None = Field(None, description="The program; else gmake, or make.")
    jobs: Int | None = Field(None, description="How many jobs may run at once.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.target is not None and self.targets is not None:
            raise ValueError("parameters are mutually exclusive: target|targets")
        return self

    def words(self) -> list[str]:
        """The words behind make's name."""
        jobs = [] if self.jobs is None else ["-j", str(self.jobs)]
        file = [] if self.file is None else ["-f", self.file]
        targets = [self.target] if self.target else self.targets or []
        params = [name if value is None else f"{name}={value}" for name, value in (self.params or {}).items()]
        return [*jobs, *file, *targets, *params]


def steps(args: MakeArgs, ctx: Context) -> Steps:
    reply: Reply = yield Run(
        main="with_words make_main",
        scripts=(*TOOL_SCRIPTS, MAKE_SH),
        values={
            **worded(args.words()),
            "executable": args.make or "",
            "folder_given": args.chdir,
            "check": as_shell(ctx.check),
        },
        environment=ctx.environment,
    )
    if refused := refusal(reply):
        return refused
    said = {name: getattr(reply, name).decode(errors="replace").rstrip("\r\n") for name in ("stdout", "stderr")}
    told: dict[str, Any] = {
        name: getattr(args, name) for name in ("target", "targets", "params", "chdir", "file", "jobs")
    }
    command = shlex.join([reply.first("tool") or "make", *args.words()])
    rc = int(reply.first("rc") or 0)
    if rc:
        return Result(failed=True, msg=said["stderr"], data={**said, "rc": rc, "cmd": command})
    return Result(changed=reply.first("changed") is not None, data={**said, **told, "command": command})


MAKE = Module("make", MakeArgs, steps, "Makes a target of a makefile.")
