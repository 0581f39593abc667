"""This module sees to one setting of git; another reads settings. Both as community.general 11 has them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Str

GIT_CONFIG_SH = script("git_config", __file__)
Scope = Literal["file", "local", "global", "system"]
NO_VALUE = (
    "If state=present, a value must be specified. "
    "Use the community.general.git_config_info module to read a config value."
)


class GitConfigArgs(Args):
    name: Str = Field(pattern="^[^-]", description="The setting, as in user.email.")
    value: Str | None = Field(None, description="Its value.")
    state: Literal["present", "absent"] = Field("present", description="Whether it is to be set.")
    scope: Scope | None = Field(
        None, description="Which configuration, system unless said; local needs repo, file needs file."
    )
    repo: Str | None = Field(None, description="The working copy.")
    file: Str | None = Field(None, description="The configuration file.")
    add_mode: Literal["add", "replace-all"] = Field(
        "replace-all", description="add: a further value beside those that are there."
    )

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        for scope, needs in (("local", "repo"), ("file", "file")):
            if self.scope == scope and not getattr(self, needs):
                raise ValueError(f"scope is {scope} but all of the following are missing: {needs}")
        if self.state == "present" and self.value is None:
            raise ValueError("state is present but all of the following are missing: value")
        return self

    def goal(self) -> str:
        """What the script is to do: set, add or unset."""
        return "unset" if self.state == "absent" else "add" if self.add_mode == "add" else "set"


class GitConfigInfoArgs(Args):
    name: Str | None = Field(None, pattern="^[^-]", description="The setting; else all of them.")
    scope: Scope = Field("system", description="Which configuration; local and file need path.")
    path: Str | None = Field(None, description="The working copy, or the configuration file.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.scope in ("local", "file") and not self.path:
            raise ValueError(f"scope is {self.scope} but all of the following are missing: path")
        return self


def steps(args: GitConfigArgs, ctx: Context) -> Steps:
    if args.state == "present" and not args.value:
        return failure(NO_VALUE)
    wanted = args.value or ""
    values = {"goal": args.goal(), "value": wanted, "check": as_shell(ctx.check)}
    reply = yield _run(args.name, args.scope or "system", args.repo, args.file, values, args.goal() != "add", ctx)
    if refused := refusal(reply):
        return refused
    before = reply.all("before")
    if reply.first("changed") is None:
        return Result(msg="no setting to unset" if args.goal() == "unset" else "")
    after = {"unset": [], "set": [wanted], "add": [*before, wanted]}[args.goal()]
    is_so = ctx.check or reply.all("after") == after
    doubts = () if is_so else (f"git reported success, yet {args.name} is {reply.all('after')}",)
    title = _command(args, reply)
    told = {"before": _shown(before), "after": _shown(after), "before_header": title, "after_header": title}
    diff = Diff("".join(told["before"]), "".join(told["after"]), title, title)
    return Result(changed=True, msg="setting changed", data={"diff": told}, diff=(diff,), doubts=doubts)


def _command(args: GitConfigArgs, reply: Reply) -> str:
    """The command that git was given, as the diff is headed in Ansible."""
    where = f"-f {reply.first('file')}" if args.scope == "file" else f"--{args.scope or 'system'}"
    verb = {"unset": "--unset-all", "set": "--replace-all", "add": "--add"}[args.goal()]
    value = "" if args.goal() == "unset" else f" {args.value}"
    return f"{reply.first('git') or 'git'} config --includes {where} {verb} {args.name}{value}"


def _run(
    name: str, scope: str, repo: str | None, file: str | None, values: dict[str, str], repeatable: bool, ctx: Context
) -> Run:
    where = {"scope": scope, "repo": repo or "", "file_given": file or ""}
    return Run(
        main="git_config_main",
        scripts=(*FILE_SCRIPTS, GIT_CONFIG_SH),
        values={"setting": name, **where, **values},
        environment=ctx.environment,
        repeatable=repeatable,
    )


def _shown(values: list[str]) -> str | list[str]:
    """Values as the module's registered diff tells them: a line, or a list of several."""
    return values if len(values) > 1 else "".join(values) + "\n"


def look(args: GitConfigInfoArgs, ctx: Context) -> Steps:
    """The values of one setting, or all settings with theirs."""
    values = {"goal": "read", "value": "", "check": "false"}
    reply: Reply = yield _run(args.name or "", args.scope, args.path, args.path, values, True, ctx)
    if refused := refusal(reply):
        return refused
    told = reply.stdout.decode(errors="replace")
    entries = told.strip("\0").split("\0") if told else []
    if args.name:
        return Result(
            msg="", data={"config_value": entries[0] if entries else "", "config_values": {args.name: entries}}
        )
    found: dict[str, list[str]] = {}
    for entry in entries:
        setting, _, value = entry.partition("\n")
        found.setdefault(setting, []).append(value)
    return Result(msg="", data={"config_value": "", "config_values": found})


GIT_CONFIG = Module("git_config", GitConfigArgs, steps, "Sees to one setting of git.")
GIT_CONFIG_INFO = Module(
    "git_config_info",
    GitConfigInfoArgs,
    look,
    "Reads settings of git.",
    returns={"config_value": "The setting's first value.", "config_values": "From settings to all their values."},
)
