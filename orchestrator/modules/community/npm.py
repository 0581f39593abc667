"""This module sees to Node.js packages, with the npm that the node has."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import worded_lists
from orchestrator.modules.community.packages import TOOL_SCRIPTS
from orchestrator.modules.declared import refusal
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

    def flags(self, verb: str, spec: str | None) -> list[str]:
        """npm's options for ``verb`` and ``spec`` among them, in the order in which Ansible gives them."""
        given = {
            "--global": self.global_,
            "--production": self.production and verb in ("install", "update", "ci"),
            "--ignore-scripts": self.ignore_scripts,
            "--unsafe-perm": self.unsafe_perm,
        }
        last = {"--no-optional": self.no_optional, "--no-bin-links": self.no_bin_links, "--force": self.force}
        return [
            *(word for word, is_given in given.items() if is_given),
            *([spec] if spec else []),
            *(["--registry", self.registry] if self.registry else []),
            *(word for word, is_given in last.items() if is_given),
        ]

    def spec(self) -> str | None:
        """The package with the version that is wanted."""
        return f"{self.name}@{self.version}" if self.name and self.version and self.state != "absent" else self.name

    def change(self, verb: str) -> list[str]:
        """npm's words for ``verb``."""
        return [verb, *self.flags(verb, self.spec())]


def tree(text: str) -> dict[str, Any] | None:
    """The dependencies that `npm list --json` tells; None where it tells none. Raises ValueError for no JSON object."""
    listed = json.loads(text or "{}")
    if not isinstance(listed, dict):
        raise ValueError("npm list did not answer with an object")
    return listed.get("dependencies")


def broken(entry: Any) -> bool:
    """Whether npm itself says that the dependency is not there as it should be."""
    return not isinstance(entry, dict) or bool(entry.get("missing") or entry.get("invalid"))


def there(found: dict[str, Any]) -> set[str]:
    """The names of what is there, without and with its version."""
    whole = {name: entry for name, entry in found.items() if not broken(entry)}
    return {*whole, *(f"{name}@{entry['version']}" for name, entry in whole.items() if entry.get("version"))}


def called_for(args: NpmArgs, found: dict[str, Any] | None, outdated: str) -> list[str]:
    """npm's verbs that bring about what is wanted, by what it lists and what it says is outdated."""
    if args.ci:
        return ["ci"]
    if args.state == "absent":
        return ["uninstall"] if args.name in there(found or {}) else []
    lacks = found is None or any(map(broken, found.values()))
    if lacks or (args.name and args.spec() not in there(found or {})):
        return ["install", *(["update"] if args.state == "latest" and outdated.strip() else [])]
    return ["update"] if args.state == "latest" and outdated.strip() else []


def _look(args: NpmArgs, ctx: Context, verb: str = "") -> Generator[Run, Reply, list[str] | Result]:
    """Runs npm with ``verb`` where there is one, and tells the verbs that are called for afterwards."""
    reply = yield Run(
        main="npm_main",
        scripts=(*TOOL_SCRIPTS, NPM_SH),
        values={
            **worded_lists(
                words=args.change(verb) if verb else [],
                list_words=["list", "--json", "--long", *args.flags("list", None)],
                outdated_words=["outdated", *args.flags("outdated", args.spec())] if args.state == "latest" else [],
            ),
            "executable": args.executable or "",
            "folder_given": args.path or "",
        },
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    try:
        listed, _, outdated = reply.stdout.decode(errors="replace").partition("\f\n")
        return called_for(args, tree(listed), outdated)
    except ValueError as error:
        return failure(f"Failed to parse NPM output with error {error}", stderr=reply.stderr.decode(errors="replace"))


def steps(args: NpmArgs, ctx: Context) -> Steps:
    verbs = yield from _look(args, ctx)
    if isinstance(verbs, Result):
        return verbs
    left: list[str] | Result = []
    for verb in [] if ctx.check else verbs:
        left = yield from _look(args, ctx, verb)
        if isinstance(left, Result):
            return left
    what = args.name or "packages"
    is_doubtful = bool(left) and not args.ci
    return Result(
        changed=bool(verbs),
        diff=(Diff(f"{what}: not {args.state}\n", f"{what}: {args.version or args.state}\n"),) if verbs else (),
        registers_diff=False,
        doubts=(f"npm reported success, yet {what} is not {args.state}",) if is_doubtful else (),
    )


NPM = Module("npm", NpmArgs, steps, "Sees to Node.js packages.")
