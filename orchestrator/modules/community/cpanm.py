"""This module installs modules of Perl, with cpanm."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, not_foretold
from orchestrator.modules.community.calling import PLAIN, Tool, call, calling, places, refuse
from orchestrator.modules.types import AsSaid, Bool, Str

PERL = Tool("perl", "macOS has it.")


class CpanmArgs(Args):
    name: Str | None = Field(None, validation_alias=AliasChoices("name", "pkg"), description="The module.")
    version: Str | None = Field(None, description="This version of it, or one that fits (~1.2, @1.2).")
    from_path: Str | None = Field(None, description="A directory or file to install from.")
    notest: Bool = Field(False, description="Run no tests.")
    locallib: Str | None = Field(None, description="Install below this directory.")
    mirror: Str | None = Field(None, description="The mirror to ask.")
    mirror_only: Bool = Field(False, description="And no other.")
    installdeps: Bool = Field(False, description="Only what it needs.")
    install_recommendations: Bool | None = Field(None, description="What it recommends as well.")
    install_suggestions: Bool | None = Field(None, description="What it suggests as well.")
    executable: Str | None = Field(None, description="The cpanm program.")
    mode: Literal["compatibility", "new"] = Field("new", description="compatibility: as older versions had it.")
    name_check: Str | None = Field(None, description="Nothing is done where this module is there.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.name is None and self.from_path is None:
            raise ValueError("one of the following is required: name, from_path")
        if self.mode == "compatibility" and self.name_check:
            raise AsSaid("Parameter name_check can only be used with mode=new")
        if self.mode == "new" and self.name and self.from_path:
            raise AsSaid("Parameters 'name' and 'from_path' are mutually exclusive when 'mode=new'")
        return self

    def flags(self) -> list[str]:
        """The options of cpanm."""
        pairs = {"--local-lib": self.locallib, "--mirror": self.mirror}
        given = {"--mirror-only": self.mirror_only, "--installdeps": self.installdeps}
        optional = {"recommends": self.install_recommendations, "suggests": self.install_suggestions}
        return [
            *(["--notest"] if self.notest else []),
            *(word for name, value in pairs.items() if value for word in (name, value)),
            *(name for name, is_given in given.items() if is_given),
            *(
                f"--with{'' if is_wanted else 'out'}-{name}"
                for name, is_wanted in optional.items()
                if is_wanted is not None
            ),
        ]


@calling
def steps(args: CpanmArgs, ctx: Context) -> Steps:
    if ctx.check:
        return not_foretold("community.general.cpanm")
    cpanm = Tool("cpanm", "Homebrew brings it: brew install cpanminus", args.executable)
    told = yield from call(ctx, cpanm, "--version")
    first = told.stdout.split("\n")[0]
    version = re.search(r"version\s+([\d.]+)\s+", first)
    if not version:
        raise refuse(f"Failed to determine version number. First line of output: {first}")
    data = {"name": args.name, "version": args.version, "cpanm_version": version[1], "binary": told.cmd[0]}
    if (yield from _is_there(args, ctx)):
        return Result(data=data)
    wanted = args.from_path or args.name or ""
    if args.mode == "new":
        wanted = yield from _specified(args, ctx, wanted)
    done = yield from call(ctx, cpanm, *args.flags(), wanted)
    changed = not any("is up to date" in stream for stream in (done.stdout, done.stderr))
    return Result(changed=changed, data=data)


def _is_there(args: CpanmArgs, ctx: Context) -> Generator[Run, Reply, bool]:
    """Whether Perl finds the module that is not to be installed again."""
    name = args.name if args.mode == "compatibility" else args.name_check
    if not name or name.endswith(".tar.gz"):
        return False
    library = {"PERL5LIB": f"{args.locallib}/lib/perl5"} if args.locallib else {}
    use = f"use {name}{f' {args.version}' if args.version else ''};"
    told = yield from call(ctx, PERL, "-le", use, environment={**PLAIN, **library}, must=False)
    return told.rc == 0


def _specified(args: CpanmArgs, ctx: Context, wanted: str) -> Generator[Run, Reply, str]:
    """What to install, with the version as cpanm takes it. Raises Refused where no version can be said."""
    version = args.version
    if version is None:
        return wanted
    if wanted.endswith(".tar.gz"):
        raise refuse("parameter 'version' must not be used when installing from a file")
    [place] = yield from places(ctx, wanted)
    if place.kind == "directory":
        raise refuse("parameter 'version' must not be used when installing from a directory")
    if wanted.endswith(".git"):
        if version.startswith("~"):
            raise refuse("operator '~' not allowed in version parameter when installing from git repository")
        return f"{wanted}{version}" if version.startswith("@") else f"{wanted}@{version}"
    return f"{wanted}{version}" if version[:1] in ("@", "~") else f"{wanted}~{version}"


CPANM = Module("cpanm", CpanmArgs, steps, "Installs modules of Perl.", checks="skip")
