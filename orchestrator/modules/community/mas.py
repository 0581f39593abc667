"""This module sees to apps of the Mac App Store, with the mas program that Homebrew brings."""

from __future__ import annotations

from collections.abc import Generator
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


def _upgrade(ctx: Context) -> Generator[Run, Reply, int | Result]:
    """Upgrades all apps; how many there were to upgrade."""
    reply = yield Run(
        main="mas_upgrade",
        scripts=(*TOOL_SCRIPTS, MAS_SH),
        values={"executable": "", "check": as_shell(ctx.check)},
        environment=ctx.environment,
        repeatable=True,
    )
    return refusal(reply) or int(reply.first("outdated") or 0)


def steps(args: MasArgs, ctx: Context) -> Steps:
    done = dict.fromkeys(("Installed", "Upgraded", "Uninstalled"), 0)
    diff: tuple[Diff, ...] = ()
    doubts: tuple[str, ...] = ()
    if args.id:
        wanted = {str(number): args.state for number in sorted(set(args.id))}
        found = yield from bring(ctx, "app", wanted, (MAS_SH,), {"state": args.state, "check": as_shell(ctx.check)})
        if isinstance(found, Result):
            return found
        diff, doubts = found.diff, found.doubts
        for name in found.changed:
            verb = "Installed" if found.before[name] == "absent" else "Upgraded"
            done["Uninstalled" if args.state == "absent" else verb] += 1
    if args.upgrade_all:
        upgraded = yield from _upgrade(ctx)
        if isinstance(upgraded, Result):
            return upgraded
        done["Upgraded"] += upgraded
    told = [f"{verb} {count} app(s)" for verb, count in done.items() if count]
    return Result(changed=bool(told), msg=", ".join(told) or None, diff=diff, registers_diff=False, doubts=doubts)


MAS = Module("mas", MasArgs, steps, "Sees to apps of the Mac App Store.")
