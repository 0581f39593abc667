"""This module sees to one rule of sudo, in a file of its own below /etc/sudoers.d."""

from __future__ import annotations

import posixpath
from typing import Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str, StrList

SUDOERS_SH = script("sudoers", __file__)
INVALID = "Failed to validate sudoers rule:\n"


class SudoersArgs(Args):
    name: Str = Field(min_length=1, description="The file's name.")
    state: Literal["present", "absent"] = Field("present", description="Whether the rule is to be there.")
    user: Str | None = Field(None, description="Whom it is for.")
    group: Str | None = Field(None, description="The group that it is for.")
    commands: StrList | None = Field(None, description="What may be run; ALL for everything.")
    host: Str = Field("ALL", description="The host that it is for.")
    runas: Str | None = Field(None, description="As whom commands may be run.")
    nopassword: Bool = Field(True, description="No password is asked.")
    noexec: Bool = Field(False, description="Commands may run no other ones.")
    setenv: Bool = Field(False, description="The environment may be kept.")
    sudoers_path: Str = Field("/etc/sudoers.d", description="The directory of the file.")
    validation: Literal["absent", "detect", "required"] = Field(
        "detect", description="Whether visudo judges the rule: never, where it is there, or always."
    )

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.user is not None and self.group is not None:
            raise ValueError("parameters are mutually exclusive: user|group")
        if self.state == "present" and self.commands is None:
            raise ValueError("state is present but all of the following are missing: commands")
        return self

    def rule(self) -> str:
        """The file's only line."""
        who = self.user or f"%{self.group}"
        runas = "" if self.runas is None else f"({self.runas})"
        words = (("NOEXEC:", self.noexec), ("NOPASSWD:", self.nopassword), ("SETENV:", self.setenv))
        tags = "".join(tag for tag, is_set in words if is_set)
        return f"{who} {self.host}={runas}{tags} {', '.join(self.commands or ())}\n"


def steps(args: SudoersArgs, ctx: Context) -> Steps:
    if args.state == "present" and not (args.user or args.group):
        return failure("one of the following is required: user, group")
    reply: Reply = yield Run(
        main="sudoers_main",
        scripts=(*FILE_SCRIPTS, SUDOERS_SH),
        values={
            "file": posixpath.join(args.sudoers_path, args.name),
            "content": args.rule() if args.state == "present" else "",
            "state": args.state,
            "validation": args.validation,
            "check": as_shell(ctx.check),
        },
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        _, is_judged, why = (refused.msg or "").partition(INVALID)
        return refused.but(data={**refused.data, "stdout": "", "stderr": f"{why}\n"}) if is_judged else refused
    return Result(changed=reply.first("changed") is not None)


SUDOERS = Module("sudoers", SudoersArgs, steps, "Sees to one rule of sudo, in a file of its own.")
