"""This module sees to one variable of a user's crontab."""

from __future__ import annotations

import shlex
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, called, not_foretold
from orchestrator.modules.community.cron import crontab_file, read_crontab, write_crontab
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import AsSaid, Bool, Str

KEEPS = {"keeps_file": "true"}


class CronvarArgs(Args):
    name: Str = Field(description="The variable.")
    value: Str | None = Field(None, description="Its value.")
    user: Str | None = Field(None, pattern=r"^[A-Za-z_][\w.-]*$", description="Whose crontab; others' need root.")
    cron_file: Str | None = Field(None, description="This file instead, below /etc/cron.d unless it has a path.")
    insertafter: Str | None = Field(None, description="Behind this variable.")
    insertbefore: Str | None = Field(None, description="Before this variable.")
    state: Literal["absent", "present"] = Field("present", description="Whether it is to be there.")
    backup: Bool = Field(False, description="Keep the old crontab in a file.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.insertafter is not None and self.insertbefore is not None:
            raise ValueError("parameters are mutually exclusive: insertbefore|insertafter")
        if self.value is None and self.state == "present":
            raise AsSaid("You must specify 'value' to insert a new cron variable")
        return self


def variable(line: str) -> tuple[str, str] | None:
    """Name and value where ``line`` sets a variable, the value's words without what separates them."""
    lexer = shlex.shlex(line)
    lexer.wordchars = "".join(chr(code) for code in range(128) if chr(code) not in "='\"")
    try:
        name, sign, value = lexer.get_token(), lexer.get_token(), "".join(lexer)
    except ValueError:
        return None
    return (name or "", value) if sign == "=" else None


def changed(lines: list[str], args: CronvarArgs) -> list[str]:
    """The crontab's lines with the variable, or without."""
    found = {number: named for number, line in enumerate(lines) if (named := variable(line))}
    mine = [number for number, (name, _) in found.items() if name == args.name]
    if args.state == "absent":
        return [line for number, line in enumerate(lines) if number not in mine]
    old = found[mine[0]][1] if mine else None
    value = '""' if args.value == "" and old != "" else args.value
    new = f"{args.name}={value}"
    if mine:
        return lines if old == value else [new if number in mine else line for number, line in enumerate(lines)]
    if args.insertafter is None and args.insertbefore is None:
        return [new, *lines]
    beside: list[str] = []
    for number, line in enumerate(lines):
        name = found.get(number, ("", ""))[0]
        before = [new] if name and name == args.insertbefore else []
        after = [new] if name and name == args.insertafter else []
        beside += [*before, line, *after]
    return beside


def steps(args: CronvarArgs, ctx: Context) -> Steps:
    if ctx.check:
        return not_foretold(called(ctx, "cronvar"))
    file = crontab_file(args.cron_file)
    reply = yield from read_crontab(ctx, args.user, file, **KEEPS)
    if refused := refusal(reply):
        return refused
    old = reply.stdout.decode(errors="surrogateescape")
    lines = old.splitlines()
    after = changed(lines, args)
    told: dict[str, Any] = {"vars": [named[0] for line in after if (named := variable(line))]}
    if args.cron_file:
        told["cron_file"] = args.cron_file
    missed = args.state == "present" and args.name not in told["vars"]
    if lines == after:
        return Result(changed=missed, data=told)
    reply = yield from write_crontab(
        ctx, args.user, file, "".join(f"{line}\n" for line in after), old, args.backup, **KEEPS
    )
    if refused := refusal(reply):
        return refused
    if backup := reply.first("backup_file"):
        told["backup_file"] = backup
    return Result(changed=True, data=told)


CRONVAR = Module("cronvar", CronvarArgs, steps, "Sees to a variable of a user's crontab.", checks="skip")
