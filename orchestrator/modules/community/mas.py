"""This module sees to apps of the Mac App Store, with the mas program that Homebrew brings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.community.packages import TOOL_SCRIPTS, bring
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Int, to_list

MAS_SH = script("mas", __file__)


class MasArgs(Args):
    id: Annotated[list[Int], BeforeValidator(to_list)] = Field(
        default_factory=list, description="The apps' numbers, as `mas search` shows them."
    )
    state: Literal["absent", "latest", "present"] = Field("present", description="What they are to be.")
    upgrade_all: Bool = Field(
        False, validation_alias=AliasChoices("upgrade_all", "upgrade"), description="Upgrade all apps."
    )


def _upgrade(ctx: Context) -> Steps:
    reply: Reply = yield Run(
        main="mas_upgrade",
        scripts=(*TOOL_SCRIPTS, MAS_SH),
        values={"executable": "", "check": as_shell(ctx.check)},
        environment=ctx.environment,
        repeatable=True,
    )
    changed = reply.first("changed") is not None
    return refusal(reply) or Result(changed=changed, msg="Upgraded all apps" if changed else "")


def steps(args: MasArgs, ctx: Context) -> Steps:
    changed, told = False, []
    diff: tuple[Diff, ...] = ()
    warnings: tuple[str, ...] = ()
    if args.id:
        wanted = {str(number): args.state for number in args.id}
        found = yield from bring(ctx, "app", wanted, (MAS_SH,), {"state": args.state, "check": as_shell(ctx.check)})
        if isinstance(found, Result):
            return found
        changed, diff, warnings = bool(found.changed), found.diff, found.warnings
        verb = {"present": "Installed", "absent": "Uninstalled", "latest": "Upgraded"}[args.state]
        told = [f"{verb} {len(found.changed)} app(s)"] if changed else []
    if args.upgrade_all:
        upgraded = yield from _upgrade(ctx)
        if upgraded.failed:
            return upgraded
        changed, told = changed or upgraded.changed, [*told, *([upgraded.msg] if upgraded.msg else [])]
    return Result(changed=changed, msg=", ".join(told) or None, diff=diff, registers_diff=False, warnings=warnings)


MAS = Module("mas", MasArgs, steps, "Sees to apps of the Mac App Store.")
