"""This module sees to one entry of a user's crontab; a comment with its name stands above it.

macOS still runs crontabs, though a program under cron has no access to protected folders; launchd is its own way.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Generator
from typing import Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

CRON_SH = script("cron", __file__)
VARIABLE = re.compile(r"([A-Za-z_]\w*)=")
MARK = "#Ansible: "
Special = Literal["reboot", "yearly", "annually", "monthly", "weekly", "daily", "hourly"]


class CronArgs(Args):
    name: Str = Field(min_length=1, description="The entry's name; with env: the variable's.")
    job: Str | None = Field(None, validation_alias=AliasChoices("job", "value"), description="The command line.")
    state: Literal["present", "absent"] = Field("present", description="Whether it is to be there.")
    user: Str | None = Field(None, pattern=r"^[A-Za-z_][\w.-]*$", description="Whose crontab; others' need root.")
    minute: Str = Field("*", pattern=r"^\S+$", description="Minute.")
    hour: Str = Field("*", pattern=r"^\S+$", description="Hour.")
    day: Str = Field(
        "*", pattern=r"^\S+$", validation_alias=AliasChoices("day", "dom"), description="Day of the month."
    )
    month: Str = Field("*", pattern=r"^\S+$", description="Month.")
    weekday: Str = Field("*", pattern=r"^\S+$", validation_alias=AliasChoices("weekday", "dow"), description="Weekday.")
    special_time: Special | None = Field(None, description="A nickname instead of the five fields.")
    disabled: Bool = Field(False, description="Leave the entry there as a comment.")
    env: Bool = Field(False, description="Set a variable of the crontab rather than an entry.")
    insertafter: Str | None = Field(None, description="env: behind this variable.")
    insertbefore: Str | None = Field(None, description="env: before this variable.")
    backup: Bool = Field(False, description="Keep the old crontab in a file.")
    cron_file: Str | None = Field(
        None,
        description="This file instead of a crontab, below /etc/cron.d unless it has a path; macOS's cron reads none.",
    )

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.insertafter and self.insertbefore:
            raise ValueError("parameters are mutually exclusive: insertafter|insertbefore")
        if self.cron_file == "/etc/crontab":
            raise ValueError("Will not manage /etc/crontab via cron_file, see documentation.")
        if self.cron_file and not self.user and self.state == "present":
            raise ValueError("To use cron_file=... parameter you must specify user=... as well")
        if self.state == "present" and self.job is None:
            raise ValueError("You must specify 'job' to install a new cron job or variable")
        if "\n" in f"{self.name}{self.job}":
            raise ValueError("name and job have no line break")
        if self.special_time and [self.minute, self.hour, self.day, self.month, self.weekday] != ["*"] * 5:
            raise ValueError("You cannot combine special_time with any of the time or day/date parameters.")
        return self

    def line(self) -> str:
        if self.env:
            return f'{self.name}="{self.job}"'
        when = (
            f"@{self.special_time}"
            if self.special_time
            else " ".join((self.minute, self.hour, self.day, self.month, self.weekday))
        )
        who = f"{self.user} " if self.cron_file else ""
        return f"{'#' if self.disabled else ''}{when} {who}{self.job}"


def changed(lines: list[str], args: CronArgs) -> list[str]:
    """The crontab's lines with the entry, or without. Raises LookupError for a neighbour that is not there."""
    return _with_variable(lines, args) if args.env else _with_entry(lines, args)


def _with_entry(lines: list[str], args: CronArgs) -> list[str]:
    mark = f"{MARK}{args.name}"
    new = [mark, args.line()] if args.state == "present" else []
    if mark not in lines:
        return [*lines, *new]
    place = lines.index(mark)
    return [*lines[:place], *new, *lines[place + 2 :]]


def _with_variable(lines: list[str], args: CronArgs) -> list[str]:
    def place_of(name: str) -> int | None:
        return next((number for number, line in enumerate(lines) if line.startswith(f"{name}=")), None)

    place = place_of(args.name)
    new = [args.line()] if args.state == "present" else []
    if place is not None:
        return [*lines[:place], *new, *lines[place + 1 :]]
    other = args.insertafter or args.insertbefore
    if not new or not other:
        return [*new, *lines]
    if (start := place_of(other)) is None:
        raise LookupError(f"Variable named '{other}' not found.")
    start += bool(args.insertafter)
    return [*lines[:start], *new, *lines[start:]]


def names_in(lines: list[str]) -> list[str]:
    return [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]


def variables_in(lines: list[str]) -> list[str]:
    return [match[1] for line in lines if (match := VARIABLE.match(line))]


def crontab_file(given: str | None) -> str:
    """The file that ``cron_file`` means; empty for a user's crontab."""
    return posixpath.join("/etc/cron.d", given) if given else ""


def read_crontab(ctx: Context, user: str | None, file: str, **more: str) -> Generator[Run, Reply, Reply]:
    """The crontab on stdout; ``more`` are further values of cron.sh."""
    return (yield _program(ctx, "cron_read", user, file, **more))


def write_crontab(
    ctx: Context, user: str | None, file: str, content: str, expected: str, backup: bool, **more: str
) -> Generator[Run, Reply, Reply]:
    """Writes ``content``, if the crontab is still as ``expected``; says ``backup_file`` where one was asked for."""
    given = {"content": content, "expected": expected, "backup": as_shell(backup), **more}
    return (yield _program(ctx, "cron_write", user, file, **given))


def _program(ctx: Context, main: str, user: str | None, file: str, **more: str) -> Run:
    bare = {"owner": user or "", "file": file, "content": "", "expected": "", "backup": "", "keeps_file": "false"}
    return Run(
        main=main,
        scripts=(*FILE_SCRIPTS, CRON_SH),
        values={**bare, **more},
        environment=ctx.environment,
        repeatable=True,
    )


def steps(args: CronArgs, ctx: Context) -> Steps:
    file = crontab_file(args.cron_file)
    reply = yield from read_crontab(ctx, args.user, file)
    if refused := refusal(reply):
        return refused
    old = reply.stdout.decode(errors="surrogateescape")
    before = old.splitlines()
    try:
        after = changed(before, args)
    except LookupError as error:
        return failure(str(error))
    new = "".join(f"{line}\n" for line in after)
    told: dict[str, object] = {"jobs": names_in(after), "envs": variables_in(after)}
    title = file or "crontab"
    if args.cron_file:
        told["cron_file"] = args.cron_file
        if before and not new.strip():
            told = {"cron_file": args.cron_file, "state": args.state}
    if before == after:
        return Result(data=told)
    if not ctx.check:
        reply = yield from write_crontab(ctx, args.user, file, new, old, args.backup)
        if refused := refusal(reply):
            return refused
        if backup := reply.first("backup_file"):
            told["backup_file"] = backup
    return Result(changed=True, data=told, diff=(Diff(old, new, title, title if "jobs" in told else "/dev/null"),))


CRON = Module("cron", CronArgs, steps, "Sees to an entry of a user's crontab.")
