"""This module sees to Node.js packages with Yarn 1."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Called, Tool, call, calling, places, refuse
from orchestrator.modules.types import AsSaid, Bool, Str


class YarnArgs(Args):
    name: Str | None = Field(None, description="The package; else those of package.json.")
    path: Str | None = Field(None, description="The directory that holds package.json.")
    version: Str | None = Field(None, description="This version of it.")
    production: Bool = Field(False, description="Leave out what only development needs.")
    executable: Str | None = Field(None, description="The yarn program; words behind it are its first arguments.")
    registry: Str | None = Field(None, description="The registry's URL.")
    state: Literal["present", "absent", "latest"] = Field("present", description="What it is to be.")
    ignore_scripts: Bool = Field(False, description="Run no scripts of packages.")
    global_: Bool = Field(False, alias="global", description="Install for all.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.path is None and not self.global_:
            raise AsSaid("Path must be specified when not using global arg")
        if self.path and self.global_:
            raise AsSaid("Cannot specify path if doing global installation")
        if self.state == "absent" and not self.name:
            raise AsSaid("Package must be explicitly named when uninstalling.")
        return self

    def wanted(self) -> str:
        """The package with its version, as `yarn add` takes it."""
        version = "latest" if self.state == "latest" else self.version
        return f"{self.name}@{version}" if version else self.name or ""


def _yarn(
    args: YarnArgs, ctx: Context, *words: str, must: bool = True, everywhere: bool = True
) -> Generator[Run, Reply, Called]:
    """Yarn with these words. ``everywhere``: for all, where the task asks for that."""
    program, *first = args.executable.split(" ") if args.executable else [""]
    tool = Tool("yarn", "Node.js brings it: npm install --global yarn", program or None)
    is_global = args.global_ and everywhere
    flags = [
        *(["--production"] if args.production else []),
        *(["--ignore-scripts"] if args.ignore_scripts else []),
        *(["--registry", args.registry] if args.registry else []),
    ]
    said = [*first, *(["global"] if is_global else []), *words, *flags]
    return (yield from call(ctx, tool, *said, folder=None if is_global else args.path, must=must))


def _rows(called: Called) -> list[dict[str, Any]]:
    """What Yarn prints with --json, a line each. Raises Refused where it tells an error."""
    try:
        errors = [json.loads(line)["type"] == "error" for line in called.stderr.splitlines()]
        rows: list[dict[str, Any]] = [json.loads(line) for line in called.stdout.splitlines() if line]
    except (ValueError, LookupError, TypeError):
        raise refuse(f"Unexpected stderr output from Yarn: {called.stderr}", stderr=called.stderr) from None
    if any(errors):
        raise refuse(called.stderr)
    return rows


def _place(args: YarnArgs, ctx: Context) -> Generator[Run, Reply, YarnArgs]:
    """The arguments with the directory that they mean on the node. Raises Refused where it holds no package.json."""
    path = args.path
    if args.global_:
        path = (yield from _yarn(args, ctx, "dir")).stdout.strip()
    root, manifest, lock = yield from places(ctx, path or "", f"{path}/package.json", f"{path}/yarn.lock")
    if not args.global_ and root.kind not in ("absent", "directory"):
        raise refuse(f"Path provided {path} is not a directory")
    if manifest.kind != "file" and (lock.kind == "file" or not (args.global_ or ctx.check)):
        raise refuse("Package.json does not exist in provided path.")
    return args.model_copy(update={"path": root.path if lock.kind == "file" else None})


@calling
def steps(args: YarnArgs, ctx: Context) -> Steps:
    seen = yield from _place(args, ctx)
    has_lock = seen.path is not None
    there: set[str] = set()
    outdated: list[str] = []
    if args.name and has_lock:
        listed = yield from _yarn(seen, ctx, "list", "--depth=0", "--json", must=False, everywhere=False)
        trees = (tree for row in _rows(listed) if row["type"] == "tree" for tree in row["data"]["trees"])
        there = {tree["name"].rpartition("@")[0] for tree in trees}
    if args.name and has_lock and args.state == "latest":
        told = yield from _yarn(seen, ctx, "outdated", "--json", must=False, everywhere=False)
        outdated = [line[0] for row in _rows(told)[1:2] for line in row["data"].get("body", [])]
    is_there = args.name in there
    commands: list[list[str]] = []
    if args.state == "absent":
        commands = [["remove", args.name or ""]] if is_there else []
    elif not args.name:
        commands = [["install", "--non-interactive"]]
    else:
        commands = [] if is_there else [["add", args.wanted()]]
        commands += [["upgrade", "--latest"]] if outdated else []
    told_last: dict[str, str | None] = {"out": "", "err": ""}
    for command in commands:
        if ctx.check:
            told_last = {"out": None, "err": None}
            continue
        done = yield from _yarn(args, ctx, *command)
        told_last = {"out": done.stdout, "err": done.stderr}
    return Result(changed=bool(commands), data=told_last)


YARN = Module("yarn", YarnArgs, steps, "Sees to Node.js packages with Yarn.")
