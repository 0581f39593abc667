"""This module sees to Python programs, each in an environment of its own, with the pipx that the node has."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import worded
from orchestrator.modules.community.packages import TOOL_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str, StrList

PIPX_SH = script("pipx", __file__)
STATES = {"install": "present", "uninstall": "absent"}
NAMED = ("present", "install", "absent", "uninstall", "upgrade", "reinstall", "latest", "inject", "pin", "unpin")
Applications = dict[str, dict[str, Any]]


class PipxArgs(Args):
    name: Str | None = Field(None, pattern=r"^[A-Za-z0-9][\w.\[\],-]*$", description="The program's package.")
    state: Literal[
        "present", "absent", "install", "install_all", "uninstall", "uninstall_all", "inject", "uninject", "upgrade",
        "upgrade_shared", "upgrade_all", "reinstall", "reinstall_all", "latest", "pin", "unpin",
    ] = Field("install", description="What it is to be; reinstall always changes.")  # fmt: skip
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
    global_: Bool = Field(False, alias="global", description="For all users.")
    spec_metadata: Str | None = Field(None, pattern="^[^-]", description="install_all: the file of `pipx list --json`.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        lacks = {
            "name": self.state in NAMED and not self.name,
            "inject_packages": self.state == "inject" and not self.inject_packages,
            "spec_metadata": self.state == "install_all" and not self.spec_metadata,
        }
        if missing := [name for name, is_missing in lacks.items() if is_missing]:
            raise ValueError(f"state is {self.state} but all of the following are missing: {', '.join(missing)}")
        return self

    def called(self) -> str:
        """The name under which pipx lists it."""
        return (self.name or "").partition("[")[0].lower().replace("_", "-") + (self.suffix or "")

    def wanted(self) -> str:
        return STATES.get(self.state, self.state)

    def from_(self) -> str | None:
        """What is registered as its source: the name, where that says more than a name."""
        return self.source or (self.name if self.wanted() == "present" and "[" in (self.name or "") else None)


def change(args: PipxArgs, verb: str) -> list[str]:
    """pipx's words for ``verb``, in the order in which Ansible gives them."""
    forms: dict[str, list[str]] = {
        "include_injected": ["--include-injected"] if args.include_injected else [],
        "index_url": ["--index-url", args.index_url] if args.index_url else [],
        "install_apps": ["--include-apps"] if args.install_apps else [],
        "install_deps": ["--include-deps"] if args.install_deps else [],
        "force": ["--force"] if args.force else [],
        "python": ["--python", args.python] if args.python else [],
        "system_site_packages": ["--system-site-packages"] if args.system_site_packages else [],
        "editable": ["--editable"] if args.editable else [],
        "pip_args": [f"--pip-args={args.pip_args}"] if args.pip_args else [],
        "suffix": ["--suffix", args.suffix] if args.suffix else [],
        "name": [args.called()] if args.name else [],
        "name_source": [args.from_() or args.name or ""],
        "inject_packages": args.inject_packages,
        "spec_metadata": [args.spec_metadata or ""],
    }
    given = [word for form in ORDER.get(verb, "").split() for word in forms[form]]
    return [verb, *(["--global"] if args.global_ else []), *given]


ORDER = {
    "install": "index_url install_deps force python system_site_packages editable pip_args suffix name_source",
    "install-all": "index_url force python system_site_packages editable pip_args spec_metadata",
    "upgrade": "include_injected index_url force editable pip_args name",
    "upgrade-all": "include_injected force",
    "upgrade-shared": "pip_args",
    "uninstall": "name",
    "reinstall": "name python",
    "reinstall-all": "python",
    "inject": "index_url install_apps install_deps force editable pip_args name inject_packages",
    "uninject": "name inject_packages",
    "pin": "name",
    "unpin": "name",
}
"""The options of each verb."""


def entry(name: str, venv: Mapping[str, Any]) -> dict[str, Any]:
    """What is registered of one program: ``name version pinned injected``."""
    main = venv["metadata"]["main_package"]
    injected = venv["metadata"].get("injected_packages", {})
    return {
        "name": name,
        "version": main["package_version"],
        "pinned": main.get("pinned"),
        "injected": {package: found["package_version"] for package, found in injected.items()},
    }


def installed(args: PipxArgs, text: str) -> dict[str, dict[str, Any]]:
    """What `pipx list --json` shows of the program, or of all where none is named."""
    venvs = json.loads(text or "{}").get("venvs", {})
    return {name: entry(name, venv) for name, venv in venvs.items() if not args.name or name == args.called()}


def plan(args: PipxArgs, found: Applications) -> list[str] | Result:
    """The verbs that are called for."""
    there = found.get(args.called())
    state = args.wanted()
    if state == "present":
        return ["install"] if there is None or args.force else []
    if state == "latest":
        return ["upgrade"] if there is not None and not args.force else ["install", "upgrade"]
    if state == "absent":
        return ["uninstall"] if there is not None else []
    if there is None and state in ("inject", "uninject", "reinstall", "upgrade"):
        what = {"inject": "inject packages into", "uninject": "uninject packages into"}.get(state, state)
        return failure(f"Trying to {what} a non-existent application: {args.name}{args.suffix or ''}")
    return [state.replace("_", "-")]


def is_bound(args: PipxArgs, verbs: list[str]) -> bool:
    """Whether ``verbs`` count as a change whatever pipx lists then."""
    return verbs[:1] in (["install"], ["install-all"], ["reinstall"]) or (args.force and verbs != [])


def foretold(args: PipxArgs, found: Applications, verbs: list[str]) -> bool:
    """Whether ``verbs`` will change something, where that is known ahead: of an upgrade it is not."""
    if verbs == ["inject"]:
        there = found[args.called()]["injected"]
        return any(each.lower().replace("_", "-") not in there for each in args.inject_packages)
    return verbs == ["uninstall"] or (verbs == ["uninstall-all"] and found != {})


@frozen
class Looked:
    """What pipx lists, and its records: its version and what the command before it said."""

    found: Applications
    reply: Reply


def _look(args: PipxArgs, ctx: Context, words: list[str]) -> Generator[Run, Reply, Looked | Result]:
    """Runs pipx with ``words`` where there are any, and tells what it lists afterwards."""
    reply = yield Run(
        main="with_words pipx_main",
        scripts=(*TOOL_SCRIPTS, PIPX_SH),
        values={**worded(words), "executable": args.executable or "", "globally": as_shell(args.global_)},
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    try:
        return Looked(installed(args, reply.stdout.decode(errors="replace")), reply)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return failure(f"pipx list --json was not understood: {error}")


def steps(args: PipxArgs, ctx: Context) -> Steps:
    seen = yield from _look(args, ctx, [])
    if isinstance(seen, Result):
        return seen
    before = after = seen.found
    verbs = plan(args, before)
    if isinstance(verbs, Result):
        return verbs
    told: dict[str, Any] = {}
    tool = seen.reply.first("tool") or "pipx"
    for verb in verbs:
        told = {
            "cmd": [tool, *change(args, verb)],
            "stdout": None,
            "stderr": None,
            "stdout_lines": [],
            "stderr_lines": [],
        }
        if ctx.check:
            continue
        seen = yield from _look(args, ctx, change(args, verb))
        if isinstance(seen, Result):
            return seen
        after = seen.found
        out, err = seen.reply.first("out") or "", seen.reply.first("err") or ""
        told |= {"stdout": out, "stderr": err, "stdout_lines": out.splitlines(), "stderr_lines": err.splitlines()}
    return Result(
        changed=after != before or is_bound(args, verbs) or (ctx.check and foretold(args, before, verbs)),
        data={
            "name": args.name,
            "source": args.from_(),
            "index_url": args.index_url,
            "force": args.force,
            "version": seen.reply.first("version") or "",
            "application": after,
            **told,
            **({"diff": _difference(before, after)} if ctx.diff else {}),
        },
        diff=(Diff(_lines(before), _lines(after)),) if after != before else (),
        registers_diff=False,
    )


def _lines(found: Applications) -> str:
    return "".join(
        f"{name}: {each['version']} {each['injected'] or ''}".rstrip() + "\n" for name, each in found.items()
    )


def _difference(before: Applications, after: Applications) -> dict[str, Any]:
    return {} if before == after else {"before": {"application": before}, "after": {"application": after}}


PIPX = Module("pipx", PipxArgs, steps, "Sees to Python programs in environments of their own.")
