"""These modules see to Homebrew's formulae and casks.

One listing answers for all packages; about formulae that are not in it (an alias, or one that is missing) Homebrew is
asked, and where it does not know one, nothing is done. Homebrew does not update itself on the way unless the task says
so, hence what a run will do can be foretold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import worded
from orchestrator.modules.community.packages import PRESENT, TOOL_SCRIPTS, Packages, are_names, bring, or_none
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str, StrList

BREW_SH = script("homebrew", __file__)
CASK_PATH = "/usr/local/bin:/opt/homebrew/bin"
BREW_PATH = f"{CASK_PATH}:/home/linuxbrew/.linuxbrew/bin"
LOOKED_FOR = "Where brew is looked for, after PATH: directories with colons in between."
DONE = {"present": "installed", "absent": "uninstalled", "latest": "upgraded", "head": "installed"}


class BrewArgs(Args):
    """What both modules take."""

    name: StrList = Field(default_factory=list, description="What it is about.")
    path: Str = Field(BREW_PATH, description=LOOKED_FOR)
    update_homebrew: Bool = Field(
        False,
        validation_alias=AliasChoices("update_homebrew", "update-brew"),
        description="Run `brew update` first. Check mode does not, so it foretells with what brew knows now.",
    )
    upgrade_all: Bool = Field(
        False, validation_alias=AliasChoices("upgrade_all", "upgrade"), description="Upgrade all that is outdated."
    )
    install_options: StrList = Field(
        default_factory=list,
        validation_alias=AliasChoices("install_options", "options"),
        description="Options of `brew install`, without their leading dashes.",
    )

    _nothing = field_validator("name", mode="before")(or_none)
    _are_names = field_validator("name")(are_names)

    def common(self, ctx: Context, options: Sequence[str]) -> dict[str, str | Secret]:
        """The values of homebrew.sh that do not depend on the packages; ``options`` become the program's words."""
        return {
            **worded([f"--{option.removeprefix('--')}" for option in options]),
            "brew_folders": self.path,
            "kind_flag": "",
            "greedy": "",
            "upgrade_words": "",
            "accept_external_apps": "false",
            "sudo_password": "",
            "update_homebrew": as_shell(self.update_homebrew),
            "upgrade_all": as_shell(self.upgrade_all),
            "all_of_them": "Homebrew packages",
            "check": as_shell(ctx.check),
        }


class HomebrewArgs(BrewArgs):
    name: StrList = Field(
        default_factory=list,
        validation_alias=AliasChoices("name", "package", "pkg", "formula"),
        description="The packages; tap/formula works too.",
    )
    state: Literal[
        "present", "installed", "latest", "upgraded", "head", "linked", "unlinked", "absent", "removed", "uninstalled"
    ] = Field("present", description="What they are to be.")
    upgrade_options: StrList = Field(default_factory=list, description="Options of `brew upgrade`, without dashes.")
    force_formula: Bool = Field(False, description="Take the names as formulae, where casks have the same.")


class CaskArgs(BrewArgs):
    name: StrList = Field(
        default_factory=list,
        validation_alias=AliasChoices("name", "cask", "package", "pkg"),
        description="The casks.",
    )
    path: Str = Field(CASK_PATH, description=LOOKED_FOR)
    state: Literal["present", "installed", "latest", "upgraded", "absent", "removed", "uninstalled"] = Field(
        "present", description="What they are to be."
    )
    sudo_password: Str | None = Field(None, description="For casks whose installer asks sudo; given by SUDO_ASKPASS.")
    accept_external_apps: Bool = Field(False, description="An app that is there without Homebrew counts as installed.")
    greedy: Bool = Field(False, description="Upgrade casks that update themselves as well.")

    @model_validator(mode="after")
    def _one_line(self) -> Self:
        if "\n" in (self.sudo_password or ""):
            raise ValueError("sudo_password has no line break")
        return self


def _told(found: Packages, done: str, noun: str, *, check: bool) -> str:
    """The sentence Ansible's modules end with."""
    if check and found.changed:
        return f"{noun}{'s' if len(found.changed) > 1 else ''} would be {done}: {', '.join(found.changed)}"
    if len(found.changed) + len(found.unchanged) > 1:
        return f"Changed: {len(found.changed)}, Unchanged: {len(found.unchanged)}"
    if found.changed:
        return f"{noun} {done}: {found.changed[0]}"
    is_so = "is already" if (noun, done) == ("Cask", "upgraded") else "already"
    return f"{noun} {is_so} {done}: {''.join(found.unchanged)}"


def _whole(args: BrewArgs, values: dict[str, str | Secret], ctx: Context) -> Steps:
    """``brew update`` and ``brew upgrade`` of everything."""
    reply: Reply = yield Run(
        main="with_words brew_whole",
        scripts=(*TOOL_SCRIPTS, BREW_SH),
        values={**values, "executable": ""},
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    steps_told = [line for line in (reply.first("updated"), reply.first("upgraded")) if line] or [""]
    told = steps_told[0 if ctx.check else -1]  # what is only foretold ends at the first step
    return Result(changed=reply.first("changed") is not None, msg=told, data=_names((), ()))


def _names(changed: Sequence[str], unchanged: Sequence[str]) -> dict[str, list[str]]:
    return {"changed_pkgs": list(changed), "unchanged_pkgs": list(unchanged)}


def _packages(
    args: HomebrewArgs | CaskArgs, values: dict[str, str | Secret], ctx: Context, kind: str, noun: str
) -> Steps:
    state = PRESENT.get(args.state, args.state)
    whole = Result()
    is_cask = kind == "cask"
    if args.upgrade_all or not args.name or (args.update_homebrew and not (is_cask and ctx.check)):
        whole = yield from _whole(args, values, ctx)
        if whole.failed or ctx.check or not args.name or (is_cask and args.upgrade_all):
            return whole
    found = yield from bring(
        ctx, kind, dict.fromkeys(args.name, state), (BREW_SH,), {**values, "state": state}, trusts=not is_cask
    )
    if isinstance(found, Result):
        return found
    is_foretold = ctx.check and found.changed  # of what would change Ansible registers no names
    return Result(
        changed=bool(found.changed) or whole.changed,
        msg=_told(found, DONE.get(state, state), noun, check=ctx.check),
        data=_names((), ()) if is_foretold else _names(found.changed, found.unchanged),
        diff=found.diff,
        registers_diff=False,
        doubts=found.doubts,
    )


def homebrew_steps(args: HomebrewArgs, ctx: Context) -> Steps:
    values = args.common(ctx, args.install_options)
    upgrade = " ".join(f"--{option.removeprefix('--')}" for option in args.upgrade_options)
    flag = "--formula" if args.force_formula else ""
    return (
        yield from _packages(args, {**values, "kind_flag": flag, "upgrade_words": upgrade}, ctx, "formula", "Package")
    )


RETURNS = {
    "changed_pkgs": "The packages that changed, or would.",
    "unchanged_pkgs": "Those that were as wanted.",
}


def cask_steps(args: CaskArgs, ctx: Context) -> Steps:
    if not (args.name or args.upgrade_all):
        return failure("You must select a cask to install.")
    values = {
        **args.common(ctx, args.install_options),
        "kind_flag": "--cask",
        "all_of_them": "Homebrew casks",
        "greedy": "--greedy" if args.greedy else "",
        "accept_external_apps": as_shell(args.accept_external_apps),
        "sudo_password": Secret(args.sudo_password or ""),
    }
    result = yield from _packages(args, values, ctx, "cask", "Cask")
    untold = {name: value for name, value in result.data.items() if name not in RETURNS}
    return result.but(data=untold)  # as with Ansible, names are told of formulae alone


HOMEBREW = Module("homebrew", HomebrewArgs, homebrew_steps, "Sees to Homebrew packages.", returns=RETURNS)
HOMEBREW_CASK = Module("homebrew_cask", CaskArgs, cask_steps, "Sees to Homebrew casks.")
