"""This module sees to programs in Rust, with the cargo that the node has."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from typing import Literal

from pydantic import Field, field_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Called, Tool, call, calling, places, refuse
from orchestrator.modules.types import AsSaid, Bool, Str, StrList

LISTED = re.compile(r"^([\w\-]+) v(\S+).*:$", re.MULTILINE)


class CargoArgs(Args):
    name: StrList = Field(description="The packages.")
    executable: Str | None = Field(None, description="The cargo program.")
    path: Str | None = Field(None, description="Install below this directory, which must be there.")
    state: Literal["present", "absent", "latest"] = Field("present", description="What they are to be.")
    version: Str | None = Field(None, description="This version of them.")
    locked: Bool = Field(False, description="As the package's own Cargo.lock says.")
    directory: Str | None = Field(None, description="The source to install from, a directory of the node.")
    features: StrList = Field(default_factory=list, description="Features to build with.")

    @field_validator("name")
    @classmethod
    def _are_some(cls, value: list[str]) -> list[str]:
        if not value:
            raise AsSaid("Package name must be specified")
        return value

    @property
    def tool(self) -> Tool:
        return Tool("cargo", "Rust brings it: brew install rust", executable=self.executable)


@calling
def steps(args: CargoArgs, ctx: Context) -> Steps:
    given = [path for path in (args.directory, args.path) if path]
    for place, word in zip((yield from places(ctx, *given)), given, strict=True) if given else ():
        if place.kind != "directory":
            told = (
                "Source directory does not exist" if word == args.directory else f"Path {place.path} is not a directory"
            )
            raise refuse(told)
        args = args.model_copy(update={"directory" if word == args.directory else "path": place.path})
    there = yield from _installed(args, ctx)
    wanted = yield from _to_do(args, ctx, there)
    if not wanted:
        return Result(data={"stdout": None, "stdout_lines": [], "stderr": None, "stderr_lines": []})
    if ctx.check:
        return Result(changed=True, data={"stdout": "", "stdout_lines": [], "stderr": "", "stderr_lines": []})
    words = ["uninstall", *wanted] if args.state == "absent" else _install(args, wanted)
    called = yield from call(ctx, args.tool, *words)
    return Result(changed=True, data=called.told("stdout", "stderr"))


def _install(args: CargoArgs, wanted: list[str]) -> list[str]:
    locked = ["--locked"] if args.locked else []
    root = ["--root", args.path] if args.path else []
    version = ["--version", args.version] if args.version else []
    source = ["--path", args.directory] if args.directory else []
    features = ["--features", ",".join(args.features)] if args.features else []
    return ["install", *wanted, *locked, *root, *version, *source, *features]


def _installed(args: CargoArgs, ctx: Context) -> Generator[Run, Reply, dict[str, str]]:
    """The versions of the packages that are there."""
    root = ["--root", args.path] if args.path else []
    listed = yield from call(ctx, args.tool, "install", "--list", *root, must=False)
    return dict(LISTED.findall(listed.stdout))


def _to_do(args: CargoArgs, ctx: Context, there: dict[str, str]) -> Generator[Run, Reply, list[str]]:
    """The packages that are not as wanted."""
    if args.state == "absent":
        return [name for name in args.name if name in there]
    wanted: list[str] = []
    for name in args.name:
        version = args.version
        if args.state == "latest" and name in there:
            version = yield from _newest(args, ctx, name)
        if name not in there or (version and version != there[name]):
            wanted.append(name)
    return wanted


def _newest(args: CargoArgs, ctx: Context, name: str) -> Generator[Run, Reply, str]:
    """The version that could be had: of the source directory, or the registry's."""
    called: Called
    if args.directory:
        manifest = f"{args.directory.rstrip('/')}/Cargo.toml"
        words = ("metadata", "--format-version", "1", "--no-deps", "--manifest-path", manifest)
        called = yield from call(ctx, args.tool, *words, must=False)
        packages = {each["name"]: str(each["version"]) for each in json.loads(called.stdout)["packages"]}
        if name not in packages:
            raise refuse(f"Package {name} not defined in source, found: {list(packages)}")
        return packages[name]
    called = yield from call(ctx, args.tool, "search", name, "--limit", "1", must=False)
    found = re.search('"(.+)"', called.stdout)
    if not found:
        raise refuse(f"No published version for package {name} found")
    return found[1]


CARGO = Module("cargo", CargoArgs, steps, "Sees to programs in Rust.")
