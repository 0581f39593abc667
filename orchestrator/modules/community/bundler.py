"""This module installs what a Gemfile asks for, with Bundler."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Tool, call, calling
from orchestrator.modules.types import Bool, Str, StrList


class BundlerArgs(Args):
    executable: Str | None = Field(None, description="The bundle program; words behind it are its first arguments.")
    state: Literal["present", "latest"] = Field("present", description="Install, or update.")
    chdir: Str | None = Field(None, description="The directory to work in.")
    exclude_groups: StrList = Field(default_factory=list, description="Groups of gems to leave out.")
    clean: Bool = Field(False, description="Remove gems that are not asked for.")
    gemfile: Str | None = Field(None, description="The Gemfile, where it has another name.")
    local: Bool = Field(False, description="Only from what is there already.")
    deployment_mode: Bool = Field(False, description="As Gemfile.lock says, below vendor/bundle.")
    user_install: Bool = Field(True, description="For this user rather than for the system.")
    gem_path: Str | None = Field(None, description="Install there.")
    binstub_directory: Str | None = Field(None, description="Where starters of programs go.")
    extra_args: Str | None = Field(None, description="Further words of the command.")

    def words(self) -> list[str]:
        """Bundler's command."""
        local = ["--local"] if self.local else []
        more = self.extra_args.split(" ") if self.extra_args else []
        if self.state == "latest":
            return ["update", *local, *more]
        pairs = {
            "--without": ":".join(self.exclude_groups), "--clean": self.clean, "--gemfile": self.gemfile,
            "--local": self.local, "--deployment": self.deployment_mode, "--system": not self.user_install,
            "--path": self.gem_path, "--binstubs": self.binstub_directory,
        }  # fmt: skip
        given = [word for name, value in pairs.items() if value for word in (name, value) if word is not True]
        return ["install", *map(str, given), *more]


@calling
def steps(args: BundlerArgs, ctx: Context) -> Steps:
    program, *first = args.executable.split(" ") if args.executable else [""]
    bundle = Tool("bundle", "Ruby brings it: gem install bundler", executable=program or None)
    words = ["check"] if ctx.check else args.words()
    called = yield from call(ctx, bundle, *first, *words, folder=args.chdir, must=not ctx.check)
    changed = called.rc != 0 if ctx.check else "Installing" in called.stdout
    return Result(changed=changed, data={"state": args.state, **called.told("stdout", "stderr")})


BUNDLER = Module("bundler", BundlerArgs, steps, "Installs what a Gemfile asks for.")
