"""The modules that run text of the user's as it is: ``raw`` a command line, ``script`` a file of the controller."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

from pydantic import ConfigDict, Field, model_validator

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, lost, script
from orchestrator.modules.builtin.command import OUTPUT_BYTES, output
from orchestrator.modules.builtin.content import upload_of
from orchestrator.modules.builtin.files import FILE_SCRIPTS, worded
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

RAW_SH = script("raw", __file__)


class RawArgs(Args):
    """Whatever else is written for it is passed over, as by Ansible; `orch lint` tells it."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)
    free_form: ClassVar[str | None] = "cmd"
    cmd: Str = Field(min_length=1, description="The command line.")
    executable: Str | None = Field(None, description="The absolute path of the shell to use.")


class ScriptArgs(Args):
    unlisted = frozenset({"decrypt"})
    also_listed = frozenset({"_raw_params"})
    free_form: ClassVar[str | None] = "cmd"
    cmd: Str = Field("", description="The script's path on the controller, then its arguments.")
    chdir: Str | None = Field(None, description="Change into this directory before; absolute.")
    creates: Str | None = Field(None, description="Where this file exists, nothing is run.")
    removes: Str | None = Field(None, description="Where this file does not exist, nothing is run.")
    executable: Str | None = Field(None, description="The interpreter to start the script with.")
    decrypt: Bool = Field(True, description="Open a script that is a vault file.")

    @model_validator(mode="after")
    def _some_script(self) -> Self:
        if not shlex.split(self.cmd):
            raise ValueError("one of the following is required: _raw_params, cmd")
        if self.chdir and not self.chdir.startswith("/"):
            raise ValueError(f"chdir {self.chdir} must be an absolute path for a Unix-aware remote node")
        return self


def ran(reply: Reply, ctx: Context) -> Result:
    """The result of a program that said the command's exit status as ``rc``.

    Ansible gives these commands a terminal where they go over SSH: both streams are ``stdout`` then, lines end as a
    terminal's do, and ssh itself has the last word. The node put the streams together; the rest is done here."""
    if refused := refusal(reply):
        return refused
    rc = int(reply.first("rc") or "-1")
    if not ctx.is_local():
        host = ctx.variables.get("ansible_host") or ctx.host
        last_word = f"Shared connection to {host} closed.\r\n".encode()
        reply = replace(reply, stdout=reply.stdout.replace(b"\n", b"\r\n"), stderr=last_word)
    return Result(
        changed=True,
        failed=rc != 0,
        msg="non-zero return code" if rc else None,
        data={"rc": rc, **output(reply, strip=False)},
    )


def raw_steps(args: RawArgs, ctx: Context) -> Steps:
    if ctx.check:
        return Result(skipped=True)
    values = {"cmd": args.cmd, "executable": args.executable or "", **_streams(ctx)}
    return ran((yield _run("run_raw", values, {})), ctx)


def _streams(ctx: Context) -> dict[str, str]:
    return {"as_one": as_shell(not ctx.is_local())}


def script_steps(args: ScriptArgs, ctx: Context) -> Steps:
    source, *words = shlex.split(args.cmd)
    scripts = (*FILE_SCRIPTS, RAW_SH)
    found: Path | Result
    try:
        found = ctx.find("files", source)
    except PlaybookError as error:
        if not (args.creates or args.removes):
            return lost(error)
        found = lost(error)
    only_asks = ctx.check or isinstance(found, Result)
    guards = {"creates": args.creates or "", "removes": args.removes or "", "check": as_shell(only_asks)}
    place: Reply = yield Run(main="place_script", scripts=scripts, values=guards, repeatable=ctx.check)
    if refused := refusal(place):
        return refused
    if told := place.first("skip"):
        return Result(skipped=True, msg=told, tells_failed=False)
    if isinstance(found, Result):
        return found
    if ctx.check:
        sure = bool(args.creates or args.removes)
        unsure = Result(skipped=True, msg="Check mode is not supported for this task.", tells_failed=False)
        return Result(changed=True) if sure else unsure
    folder = place.first("folder") or ""
    yield upload_of(f"{folder}/{found.name}", found, ctx, decrypt=args.decrypt)
    values = {
        **worded(words),
        "folder": folder,
        "file": found.name,
        "chdir": args.chdir or "",
        "executable": args.executable or "",
        **_streams(ctx),
    }
    return ran((yield _run("with_words run_script", values, ctx.environment)), ctx)


def _run(main: str, values: Mapping[str, str], environment: Mapping[str, str]) -> Run:
    """The program; ``environment`` is that of ``script`` alone: ``raw`` knows none, as in Ansible."""
    scripts = (*FILE_SCRIPTS, RAW_SH)
    return Run(main=main, scripts=scripts, values=values, environment=environment, output_bytes=OUTPUT_BYTES)


RAW = Module("raw", RawArgs, raw_steps, "Runs a command line as it is.", checks="skip")
SCRIPT = Module("script", ScriptArgs, script_steps, "Runs a script of the controller on the node.")
