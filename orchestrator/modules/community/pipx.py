"""This module sees to Python programs, each in an environment of its own, with the pipx that the node has."""

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
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import Bool, Str, StrList

PIPX_SH = script("pipx", __file__)
STATES = {"install": "present", "uninstall": "absent"}


class PipxArgs(Args):
    name: Str | None = Field(None, pattern=r"^[A-Za-z0-9][\w.\[\],-]*$", description="The program's package.")
    state: Literal[
        "present", "install", "absent", "uninstall", "uninstall_all", "inject", "upgrade", "upgrade_all", "reinstall",
        "reinstall_all", "latest",
    ] = Field("present", description="What it is to be; reinstall always changes.")  # fmt: skip
    source: Str | None = Field(
        None, pattern="^[^-]", description="What pipx installs from, with a version for instance."
    )
    inject_packages: StrList = Field(default_factory=list, description="Packages to add to the program's environment.")
    install_apps: Bool = Field(False, description="inject: their programs count too.")
    install_deps: Bool = Field(False, description="The programs of what it needs count too.")
    include_injected: Bool = Field(False, description="upgrade: what was injected as well.")
    force: Bool = Field(False, description="Force what pipx would refuse.")
    index_url: Str | None = Field(None, description="The package index.")
    python: Str | None = Field(None, description="The Python to use.")
    executable: Str | None = Field(None, description="The pipx program.")
    editable: Bool = Field(False, description="Install in editable mode.")
    system_site_packages: Bool = Field(False, description="It sees the system's packages.")
    suffix: Str | None = Field(None, description="What to append to the names of its programs.")
    pip_args: Str | None = Field(None, description="Further arguments of pip.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if not self.state.endswith("_all") and not self.name:
            raise ValueError(f"state is {self.state} but all of the following are missing: name")
        if self.state == "inject" and not self.inject_packages:
            raise ValueError("state is inject but all of the following are missing: inject_packages")
        return self

    def called(self) -> str:
        """The name under which pipx lists it."""
        return (self.name or "").partition("[")[0].lower().replace("_", "-") + (self.suffix or "")

    def wanted(self) -> str:
        return STATES.get(self.state, self.state)


def change(args: PipxArgs, verb: str) -> list[str]:
    """pipx's words for ``verb``."""
    flags = [*(["--force"] if args.force else []), *(["--include-deps"] if args.install_deps else [])]
    index = ["--index-url", args.index_url] if args.index_url else []
    pip = [f"--pip-args={args.pip_args}"] if args.pip_args else []
    match verb:
        case "install":
            more = [f"--python={args.python}"] if args.python else []
            more += ["--editable"] if args.editable else []
            more += ["--system-site-packages"] if args.system_site_packages else []
            more += [f"--suffix={args.suffix}"] if args.suffix else []
            return ["install", *flags, *index, *pip, *more, args.source or args.name or ""]
        case "inject":
            apps = ["--include-apps"] if args.install_apps else []
            return ["inject", *flags, *index, *pip, *apps, args.called(), *args.inject_packages]
        case "upgrade" | "upgrade-all":
            injected = ["--include-injected"] if args.include_injected else []
            force = ["--force"] if args.force else []
            return [verb, *force, *injected, *index, *([args.called()] if verb == "upgrade" else [])]
        case "uninstall" | "reinstall":
            return [verb, args.called()]
    return [verb]


def installed(text: str) -> dict[str, dict[str, str]]:
    """What `pipx list --json` shows: by program, the versions of its package and of those injected."""
    found: dict[str, dict[str, str]] = {}
    for name, venv in json.loads(text or "{}").get("venvs", {}).items():
        metadata: dict[str, Any] = venv["metadata"]
        main = metadata["main_package"]
        injected = metadata.get("injected_packages", {})
        found[name] = {
            "": str(main["package_version"]),
            **{package: str(entry["package_version"]) for package, entry in injected.items()},
        }
    return found


def plan(args: PipxArgs, found: dict[str, dict[str, str]]) -> str | Result | None:
    """The verb that is called for; None where all is well."""
    there = found.get(args.called())
    match args.wanted():
        case "present":
            return "install" if there is None or args.force else None
        case "latest":
            return "install" if there is None else "upgrade"
        case "absent":
            return "uninstall" if there is not None else None
        case "uninstall_all" | "upgrade_all" | "reinstall_all":
            return args.state.replace("_", "-") if found else None
        case "inject" if there is not None:
            lacks = [each for each in args.inject_packages if each.lower().replace("_", "-") not in there]
            return "inject" if lacks or args.force else None
    if there is None:
        return failure(f"Trying to {args.state} a non-existent application: {args.name}")
    return args.state


def _look(args: PipxArgs, ctx: Context, words: list[str]) -> Generator[Run, Reply, dict[str, dict[str, str]] | Result]:
    reply = yield Run(
        main="with_words pipx_main",
        scripts=(*TOOL_SCRIPTS, PIPX_SH),
        values={**worded(words), "executable": args.executable or ""},
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    try:
        return installed(reply.stdout.decode(errors="replace"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return failure(f"pipx list --json was not understood: {error}")


def steps(args: PipxArgs, ctx: Context) -> Steps:
    before = yield from _look(args, ctx, [])
    if isinstance(before, Result):
        return before
    verb = plan(args, before)
    if isinstance(verb, Result):
        return verb
    if verb is None:
        return Result(data={"application": before})
    after = before
    if not ctx.check:
        done = yield from _look(args, ctx, change(args, verb))
        if isinstance(done, Result):
            return done
        after = done
    # an upgrade changes something only if a version moved; what pip would find is not known ahead
    changed = after != before or verb.startswith("reinstall") or ctx.check or (verb == "install" and args.force)
    diff = (Diff(_lines(before), _lines(after)),) if after != before else ()
    return Result(changed=changed, data={"application": after, "cmd": ["pipx", *change(args, verb)]}, diff=diff)


def _lines(found: dict[str, dict[str, str]]) -> str:
    return "".join(f"{name}: {versions['']}\n" for name, versions in sorted(found.items()))


PIPX = Module("pipx", PipxArgs, steps, "Sees to Python programs in environments of their own.")
