"""This module sees to Python packages, with a pip that the node has."""

from __future__ import annotations

import shlex
from typing import Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.command import output
from orchestrator.modules.builtin.files import FILE_SCRIPTS, worded
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str, StrList

PIP_SH = script("pip", __file__)


class PipArgs(Args):
    name: StrList = Field(default_factory=list, description="The packages, with or without versions; or URLs.")
    version: Str | None = Field(None, description="The version of a single package.")
    requirements: Str | None = Field(None, description="A requirements file of the node.")
    state: Literal["present", "absent", "latest", "forcereinstall"] = Field(
        "present", description="What they are to be."
    )
    virtualenv: Str | None = Field(None, description="A virtual environment, made where there is none.")
    virtualenv_command: Str = Field("python3 -m venv", description="What makes it.")
    virtualenv_python: Str | None = Field(None, description="Accepted where virtualenv_command names the Python.")
    virtualenv_site_packages: Bool = Field(False, description="It sees the system's packages.")
    extra_args: Str | None = Field(
        None, description="Further arguments of pip, in a shell's quotes where they hold blanks."
    )
    editable: Bool = Field(False, description="Install in editable mode.")
    executable: Str | None = Field(None, description="The pip to use.")
    chdir: Str | None = Field(None, description="Change into this directory before.")
    umask: Str | None = Field(None, pattern="^[0-7]{3,4}$", description="The umask of new files.")
    break_system_packages: Bool = Field(False, description="Let pip change a Python that a package manager owns.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if "name" not in self.model_fields_set and not self.requirements:
            raise ValueError("one of the following is required: name, requirements")
        if self.executable and self.virtualenv:
            raise ValueError("parameters are mutually exclusive: executable|virtualenv")
        if self.version and len(self.name) > 1:
            raise ValueError("'version' argument is ambiguous when installing multiple package distributions.")
        if self.version and self.state == "latest":
            raise ValueError("version is incompatible with state=latest")
        if any(name.startswith("-") for name in self.name):
            raise ValueError("a package's name does not start with a dash; use extra_args")
        return self

    def words(self) -> list[str]:
        """The packages as pip takes them."""
        names = [f"{self.name[0]}=={self.version}"] if self.version and self.name else list(self.name)
        return [word for name in names for word in (("-e", name) if self.editable else (name,))]


def steps(args: PipArgs, ctx: Context) -> Steps:
    if not args.name and not args.requirements:
        return Result(warnings=("No valid name or requirements file found.",))
    try:
        extra = shlex.split(args.extra_args or "")
    except ValueError as error:
        return failure(f"extra_args: {error}")
    extra += ["--break-system-packages"] if args.break_system_packages else []
    values = {
        **worded(args.words()),
        "state": args.state,
        "requirements": args.requirements or "",
        "virtualenv": args.virtualenv or "",
        "virtualenv_command": args.virtualenv_command,
        "site_packages": as_shell(args.virtualenv_site_packages),
        "executable": args.executable or "",
        "extra_args": "\n".join(extra),
        "chdir": args.chdir or "",
        "umask_given": args.umask or "",
        "check": as_shell(ctx.check),
    }
    reply: Reply = yield Run(
        main="with_words pip_main",
        scripts=(*FILE_SCRIPTS, PIP_SH),
        values=values,
        environment=ctx.environment,
        repeatable=True,
    )
    told = {
        "name": list(args.name),
        "requirements": args.requirements,
        "virtualenv": args.virtualenv,
        "version": args.version,
    }
    if refused := refusal(reply):
        return refused.but(data={**refused.data, **told, **output(reply)})
    return Result(changed=reply.first("changed") is not None, data={**told, "state": args.state, **output(reply)})


PIP = Module("pip", PipArgs, steps, "Sees to Python packages.")
