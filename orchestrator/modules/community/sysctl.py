"""This module sees to a kernel setting: in a file, and in the running kernel where that is asked for."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from orchestrator.model.lenient import FALSE, TRUE
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.edit import EditArgs, Edited, edit
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

SYSCTL_SH = script("sysctl", __file__)


class SysctlArgs(Args):
    name: Str = Field(
        pattern=r"^([A-Za-z_][\w./@:-]*)?$", validation_alias=AliasChoices("name", "key"), description="The setting."
    )
    value: Str | None = Field(None, validation_alias=AliasChoices("value", "val"), description="Its value.")
    state: Literal["present", "absent"] = Field("present", description="Whether the file is to have it.")
    sysctl_file: Str = Field("/etc/sysctl.conf", min_length=1, description="The file.")
    sysctl_set: Bool = Field(False, description="Also set it in the running kernel.")
    ignoreerrors: Bool = Field(False, description="A setting that the kernel does not know is no failure.")
    reload: Bool = Field(
        True, description="Linux takes what a changed file says; a Mac's sysctl reads no file: use sysctl_set."
    )

    @field_validator("value")
    @classmethod
    def _switches_are_numbers(cls, value: str | None) -> str | None:
        """What says yes or no is 1 or 0."""
        word = (value or "").strip().lower()
        return "1" if word in TRUE else "0" if word in FALSE else value

    @model_validator(mode="after")
    def _has_value(self) -> Self:
        if self.state == "present" and "value" not in self.model_fields_set:
            raise ValueError("state is present but all of the following are missing: value")
        return self

    def refusal(self) -> str | None:
        """What is missing, in Ansible's words."""
        if self.state == "present" and self.value is None:
            return "value cannot be None"
        if not self.name:
            return "name cannot be blank"
        return "value cannot be blank" if self.state == "present" and self.value == "" else None


def changed(content: str, args: SysctlArgs) -> str:
    """The file with the setting once, or without it."""
    lines = content.splitlines()
    mine = [n for n, line in enumerate(lines) if re.match(rf"\s*{re.escape(args.name)}\s*=", line)]
    wanted = f"{args.name}={(args.value or '').strip()}"
    if args.state == "present" and len(mine) == 1 and "".join(lines[mine[0]].split()) == "".join(wanted.split()):
        return content
    first = mine[0] if mine and args.state == "present" else None
    kept = [wanted if n == first else line for n, line in enumerate(lines) if n == first or n not in mine]
    if args.state == "present" and first is None:
        kept.append(wanted)
    return content if kept == lines else "".join(f"{line}\n" for line in kept)


def _set(args: SysctlArgs, ctx: Context) -> Steps:
    reply: Reply = yield Run(
        main="sysctl_set",
        scripts=(*FILE_SCRIPTS, SYSCTL_SH),
        values={
            "setting": args.name,
            "value": (args.value or "").strip(),
            "ignore": as_shell(args.ignoreerrors),
            "check": as_shell(ctx.check),
        },
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    is_changed = reply.first("changed") is not None
    diff = (Diff(f"{args.name}={reply.first('before')}\n", f"{args.name}={args.value}\n", "kernel", "kernel"),)
    return Result(changed=is_changed, diff=diff if is_changed else ())


def _reload(args: SysctlArgs, ctx: Context) -> Run:
    return Run(
        main="sysctl_reload",
        scripts=(*FILE_SCRIPTS, SYSCTL_SH),
        values={"file": args.sysctl_file, "ignore": as_shell(args.ignoreerrors), "check": as_shell(ctx.check)},
        environment=ctx.environment,
        repeatable=True,
    )


def steps(args: SysctlArgs, ctx: Context) -> Steps:
    def change(old: bytes | None) -> Edited:
        text = (old or b"").decode(errors="surrogateescape")
        new = changed(text, args)
        return Edited(None if new == text else new.encode(errors="surrogateescape"))

    if missing := args.refusal():
        return failure(missing)
    kernel = Result()
    if args.sysctl_set and args.state == "present":
        kernel = yield from _set(args, ctx)
        if kernel.failed:
            return kernel
    result = yield from edit(EditArgs(path=args.sysctl_file), ctx, change)
    if result.failed:
        return result
    if args.reload and result.changed:
        reply = yield _reload(args, ctx)
        if refused := refusal(reply):
            return refused
    diff = (*kernel.diff, *result.diff)
    return Result(changed=result.changed or kernel.changed, diff=diff, registers_diff=False)


SYSCTL = Module("sysctl", SysctlArgs, steps, "Sees to a kernel setting.")
