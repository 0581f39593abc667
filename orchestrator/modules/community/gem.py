"""This module sees to Ruby gems, with the gem program that the node has."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import worded
from orchestrator.modules.community.packages import bring
from orchestrator.modules.declared import as_shell
from orchestrator.modules.types import Bool, Str

GEM_SH = script("gem", __file__)


class GemArgs(Args):
    name: Str = Field(pattern=r"^\w[\w.-]*$", description="The gem.")
    state: Literal["present", "absent", "latest"] = Field("present", description="What it is to be.")
    version: Str | None = Field(None, pattern=r"^[\w.]+$", description="This version of it.")
    gem_source: Str | None = Field(None, description="A .gem file on the node to install from.")
    repository: Str | None = Field(
        None, validation_alias=AliasChoices("repository", "source"), description="The repository to install from."
    )
    include_dependencies: Bool = Field(True, description="Install what it needs as well.")
    user_install: Bool = Field(True, description="Install for the user rather than for the system.")
    executable: Str | None = Field(None, description="The gem program.")
    install_dir: Str | None = Field(None, description="Install there; needs user_install: false.")
    bindir: Str | None = Field(None, description="Where its programs go.")
    env_shebang: Bool = Field(False, description="Programs start with /usr/bin/env.")
    norc: Bool = Field(True, description="Read no .gemrc.")
    pre_release: Bool = Field(False, description="Prereleases count too.")
    include_doc: Bool = Field(False, description="Install its documentation.")
    build_flags: Str | None = Field(None, description="Flags for building native parts.")
    force: Bool = Field(False, description="Force what gem would refuse.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.version and self.state == "latest":
            raise ValueError("Cannot specify version when state=latest")
        if self.gem_source and self.state == "latest":
            raise ValueError("Cannot maintain state=latest when installing from local source")
        if self.install_dir and self.user_install:
            raise ValueError("install_dir requires user_install=false")
        return self

    def install_words(self) -> list[str]:
        """The options of `gem install`."""
        given: dict[str, bool] = {
            "--ignore-dependencies": not self.include_dependencies,
            "--user-install": self.user_install,
            "--no-user-install": not self.user_install,
            "--env-shebang": self.env_shebang,
            "--prerelease": self.pre_release,
            "--no-document": not self.include_doc,
            "--force": self.force,
        }
        pairs = {
            "--version": self.version,
            "--source": self.repository,
            "--install-dir": self.install_dir,
            "--bindir": self.bindir,
        }
        words = [word for word, is_given in given.items() if is_given]
        return [*words, *(word for name, value in pairs.items() if value for word in (name, value))]


def steps(args: GemArgs, ctx: Context) -> Steps:
    flags = worded(
        [*args.install_words(), args.gem_source or args.name, *(["--", args.build_flags] if args.build_flags else [])]
    )
    values = {
        **flags,
        "state": args.state,
        "version": args.version or "",
        "repository": args.repository or "",
        "executable": args.executable or "",
        "norc": "--norc" if args.norc else "",
        "pre_release": as_shell(args.pre_release),
        "install_dir": args.install_dir or "",
        "force": as_shell(args.force),
        "check": as_shell(ctx.check),
    }
    found = yield from bring(ctx, "gem", {args.name: args.state}, (GEM_SH,), values)
    if isinstance(found, Result):
        return found
    version = args.version or found.before.get("newest")
    told = {"name": args.name, "state": args.state, **({"version": version} if version else {})}
    return Result(changed=bool(found.changed), data=told, diff=found.diff, registers_diff=False, doubts=found.doubts)


GEM = Module("gem", GemArgs, steps, "Sees to Ruby gems.")
