"""This module sees to Node.js packages, with the npm that the node has."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import worded
from orchestrator.modules.community.packages import TOOL_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

NPM_SH = script("npm", __file__)


class NpmArgs(Args):
    name: Str | None = Field(None, pattern=r"^[\w@][^\s]*$", description="The package; else those of package.json.")
    path: Str | None = Field(None, description="The directory that holds node_modules.")
    version: Str | None = Field(None, pattern=r"^[^-\s]\S*$", description="This version of it.")
    global_: Bool = Field(False, alias="global", description="Install for all.")
    executable: Str | None = Field(None, description="The npm program.")
    state: Literal["present", "absent", "latest"] = Field("present", description="What it is to be.")
    ignore_scripts: Bool = Field(False, description="Run no scripts of packages.")
    unsafe_perm: Bool = Field(False, description="Run scripts as root.")
    ci: Bool = Field(False, description="Install exactly what package-lock.json says: `npm ci`.")
    production: Bool = Field(False, description="Leave out what only development needs.")
    registry: Str | None = Field(None, description="The registry's URL.")
    no_optional: Bool = Field(False, description="Leave out optional packages.")
    no_bin_links: Bool = Field(False, description="Make no links to programs.")
    force: Bool = Field(False, description="Force what npm would refuse.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if not self.path and not self.global_:
            raise ValueError("path must be specified when not using global")
        if self.state == "absent" and not self.name:
            raise ValueError("Package name is required for state=absent")
        return self

    def flags(self) -> list[str]:
        """The options of installing."""
        given = {
            "--global": self.global_,
            "--production": self.production,
            "--ignore-scripts": self.ignore_scripts,
            "--unsafe-perm": self.unsafe_perm,
            "--no-optional": self.no_optional,
            "--no-bin-links": self.no_bin_links,
            "--force": self.force,
        }
        return [word for word, is_given in given.items() if is_given] + (
            ["--registry", self.registry] if self.registry else []
        )

    def change(self) -> list[str]:
        """npm's words for what is wanted."""
        if self.state == "absent":
            return ["uninstall", *self.flags(), "--", self.name or ""]
        if not self.name:
            verb = "ci" if self.ci else "update" if self.state == "latest" else "install"
            return [verb, *self.flags()]
        version = self.version or ("latest" if self.state == "latest" else None)
        return ["install", *self.flags(), "--", f"{self.name}@{version}" if version else self.name]


def tree(text: str) -> dict[str, Any]:
    """The dependencies that `npm ls --json` lists. Raises ValueError for what is no JSON object."""
    listed = json.loads(text or "{}")
    if not isinstance(listed, dict):
        raise ValueError("npm ls did not answer with an object")
    return dict(listed.get("dependencies") or {})


def broken(entry: Any) -> bool:
    """Whether npm itself says that the dependency is not there as it should be."""
    return not isinstance(entry, dict) or bool(entry.get("missing") or entry.get("invalid") or "version" not in entry)


def reached(args: NpmArgs, found: dict[str, Any], outdated: dict[str, Any]) -> bool:
    """Whether what npm lists is what is wanted."""
    if not args.name:
        return not any(broken(entry) and not entry.get("optional") for entry in found.values()) and not (
            args.state == "latest" and outdated
        )
    entry = found.get(args.name)
    is_there = entry is not None and not broken(entry)
    if args.state == "absent":
        return entry is None
    if args.version and args.version[:1].isdigit() and is_there:
        return bool(entry["version"] == args.version)  # type: ignore[index]
    return is_there and not (args.state == "latest" and args.name in outdated)


def _look(args: NpmArgs, ctx: Context, change: list[str]) -> Generator[Run, Reply, bool | Result]:
    """Runs npm with ``change`` where there is one, and tells whether all is as wanted afterwards."""
    reply = yield Run(
        main="with_words npm_main",
        scripts=(*TOOL_SCRIPTS, NPM_SH),
        values={
            **worded(change),
            "executable": args.executable or "",
            "folder_given": args.path or "",
            "globally": as_shell(args.global_),
            "asks_outdated": as_shell(args.state == "latest"),
        },
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    try:
        listed, _, outdated = reply.stdout.decode(errors="replace").partition("\f\n")
        return reached(args, tree(listed), json.loads(outdated or "{}"))
    except ValueError as error:
        return failure(f"Failed to parse NPM output with error {error}", stderr=reply.stderr.decode(errors="replace"))


def steps(args: NpmArgs, ctx: Context) -> Steps:
    before = yield from _look(args, ctx, [])
    if isinstance(before, Result):
        return before
    if before and not args.ci:
        return Result()
    what = args.name or "packages"
    diff = Diff(f"{what}: not {args.state}\n", f"{what}: {args.version or args.state}\n")
    doubts: tuple[str, ...] = ()
    if not ctx.check:
        after = yield from _look(args, ctx, args.change())
        if isinstance(after, Result):
            return after
        if not after:
            doubts = (f"npm reported success, yet {what} is not {args.state}",)
    return Result(changed=True, diff=(diff,), registers_diff=False, warnings=doubts)


NPM = Module("npm", NpmArgs, steps, "Sees to Node.js packages.")
