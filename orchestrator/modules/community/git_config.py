"""This module sees to one setting of git, or reads it."""

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


class GitConfigArgs(Args):
    name: Str = Field(pattern="^[^-]", description="The setting, as in user.email.")
    value: Str | None = Field(None, description="Its value; left out: the setting is only read.")
    state: Literal["present", "absent"] = Field("present", description="Whether it is to be set.")
    scope: Literal["file", "local", "global", "system"] | None = Field(
        None, description="Which configuration; local needs repo, file needs file."
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
        if self.state == "absent" and self.value:
            raise ValueError("state is absent, so value goes without saying")
        return self

    def where(self) -> str:
        """The scope, guessed where it is left out: a file or a working copy that is named is meant."""
        return self.scope or ("file" if self.file else "local" if self.repo else "any")

    def goal(self) -> str:
        """What the script is to do: read, set, add or unset."""
        if self.state == "absent":
            return "unset"
        return "read" if self.value is None else "add" if self.add_mode == "add" else "set"


def steps(args: GitConfigArgs, ctx: Context) -> Steps:
    values = {
        "goal": args.goal(),
        "setting": args.name or "",
        "value": args.value or "",
        "scope": args.where(),
        "repo": args.repo or "",
        "file_given": args.file or "",
        "check": as_shell(ctx.check),
    }
    reply: Reply = yield Run(
        main="git_config_main",
        scripts=(*FILE_SCRIPTS, GIT_CONFIG_SH),
        values=values,
        environment=ctx.environment,
        repeatable=args.goal() != "add",
    )
    if refused := refusal(reply):
        return refused
    before = reply.all("before")
    if args.goal() == "read":
        return Result(msg="", data={"config_value": before[-1] if before else "", "config_values": before})
    if reply.first("changed") is None:
        return Result(msg="no setting to unset" if args.goal() == "unset" else "")
    after = {"unset": [], "set": [args.value or ""], "add": [*before, args.value or ""]}[args.goal()]
    if not ctx.check and reply.all("after") != after:
        return failure(f"git reported success, yet {args.name} is {reply.all('after')}")
    diff = Diff(_lines(args, before), _lines(args, after), f"{args.name} before", f"{args.name} after")
    return Result(changed=True, msg="setting changed", diff=(diff,))


def _lines(args: GitConfigArgs, values: list[str]) -> str:
    return "".join(f"{args.name}={value}\n" for value in values)


GIT_CONFIG = Module(
    "git_config",
    GitConfigArgs,
    steps,
    "Sees to one setting of git.",
    returns={"config_value": "The value, where the setting is only read.", "config_values": "All its values."},
)
