"""This module runs a command of Composer, the package manager of PHP."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Generator, Sequence
from typing import Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Called, Tool, call, calling, refuse
from orchestrator.modules.types import AsSaid, Bool, Str

NOTHING = ("Nothing to install or update", "Nothing to install, update or remove")
OPTIONS = {
    "prefer_source": "prefer-source", "prefer_dist": "prefer-dist", "no_dev": "no-dev", "no_scripts": "no-scripts",
    "no_plugins": "no-plugins", "apcu_autoloader": "acpu-autoloader", "optimize_autoloader": "optimize-autoloader",
    "classmap_authoritative": "classmap-authoritative", "ignore_platform_reqs": "ignore-platform-reqs",
}  # fmt: skip
"""Arguments and what Composer calls them; one is spelt as community.general's module spells it."""


class ComposerArgs(Args):
    command: Str = Field("install", description="The command.")
    arguments: Str = Field("", description="Its words.")
    executable: Str | None = Field(
        None, validation_alias=AliasChoices("executable", "php_path"), description="The php program."
    )
    working_dir: Str | None = Field(None, description="The project; needed unless global_command is on.")
    global_command: Bool = Field(False, description="Run it for all projects.")
    prefer_source: Bool = Field(False, description="Prefer sources.")
    prefer_dist: Bool = Field(False, description="Prefer archives.")
    no_dev: Bool = Field(True, description="Leave out what only development needs.")
    no_scripts: Bool = Field(False, description="Run no scripts.")
    no_plugins: Bool = Field(False, description="Use no plug-ins.")
    apcu_autoloader: Bool = Field(False, description="Keep what was found in APCu.")
    optimize_autoloader: Bool = Field(True, description="Make the autoloader fast.")
    classmap_authoritative: Bool = Field(False, description="Load classes from the class map only.")
    ignore_platform_reqs: Bool = Field(False, description="Pass over what packages need of PHP.")
    composer_executable: Str | None = Field(None, description="The composer program.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if re.search(r"\s", self.command):
            raise AsSaid("Use the 'arguments' param for passing arguments with the 'command'")
        if not self.global_command and self.working_dir is None:
            raise ValueError("global_command is False but all of the following are missing: working_dir")
        return self


@calling
def steps(args: ComposerArgs, ctx: Context) -> Steps:
    told = yield from _composer(args, ctx, ["help", args.command], ["--no-interaction", "--format=json"])
    if told.rc:
        raise refuse(_line(told.stderr))
    known = json.loads(told.stdout)["definition"]["options"]
    wanted = ["no-ansi", "no-interaction", "no-progress", *(OPTIONS[name] for name in OPTIONS if getattr(args, name))]
    options = [f"--{option}" for option in wanted if option in known]
    if ctx.check and "dry-run" not in known:
        return Result(skipped=True, msg=f"command '{args.command}' does not support check mode, skipping")
    dry = ["--dry-run"] if ctx.check else []
    called = yield from _composer(args, ctx, [args.command], [*options, *dry], shlex.split(args.arguments))
    if called.rc:
        raise refuse(_line(called.stderr), stdout=called.stderr, stdout_lines=called.stderr.splitlines())
    text = called.stdout + called.stderr
    changed = not any(nothing in text for nothing in NOTHING)
    return Result(changed=changed, msg=_line(text), data={"stdout": text, "stdout_lines": text.splitlines()})


def _composer(
    args: ComposerArgs, ctx: Context, command: Sequence[str], options: Sequence[str], words: Sequence[str] = ()
) -> Generator[Run, Reply, Called]:
    """Composer with that command: by the php that is named, else by the one that it finds itself."""
    where = [] if args.global_command else ["--working-dir", args.working_dir or ""]
    before = ["global"] if args.global_command else []
    said = [*before, *command, *options, *where, *words]
    remedy = "Homebrew brings it: brew install composer"
    if args.executable:
        composer = args.composer_executable or "/usr/local/bin/composer"
        return (yield from call(ctx, Tool("php", remedy, args.executable), composer, *said, must=False))
    return (yield from call(ctx, Tool("composer", remedy, args.composer_executable), *said, must=False))


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


COMPOSER = Module("composer", ComposerArgs, steps, "Runs a command of Composer.")
