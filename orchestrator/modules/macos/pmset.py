"""This module sees to power settings: a Mac that sleeps drops its connections in the middle of a run.

Values are those of pmset(1): minutes for `sleep`, `displaysleep`, `disksleep` (0: never), 0 and 1 for switches.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from pydantic import Field, field_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE
from orchestrator.modules.macos.probing import MISSING, PROBE, Answer, read
from orchestrator.modules.types import Dict

PMSET_SH = script("pmset", __file__)


class PmsetArgs(Args):
    settings: Dict = Field(
        description="Settings by name, as `{sleep: 0, womp: 1}`; for all power sources (`pmset -a`)."
    )

    @field_validator("settings")
    @classmethod
    def _whole_numbers(cls, given: dict[str, Any]) -> dict[str, int]:
        if not given:
            raise ValueError("name at least one setting")
        try:
            found = {name: int(value) for name, value in given.items()}
        except (TypeError, ValueError):
            raise ValueError("the values of pmset are whole numbers") from None
        if bad := [name for name in given if not name.isidentifier()]:
            raise ValueError(f"not the name of a setting: {', '.join(bad)}")
        return found


def _ask(main: str, ctx: Context, pairs: str = "") -> Generator[Run, Reply, dict[str, Answer] | Result]:
    reply = yield Run(
        main=main,
        scripts=(PRELUDE, PROBE, PMSET_SH),
        values={"pairs": pairs, "probe_limit_s": "15"},
        environment=ctx.environment,
        repeatable=True,
    )
    return read(reply)


def shown(answers: Mapping[str, Answer], names: list[str]) -> dict[str, int | None] | Result:
    """The settings as they are; None where pmset does not list one."""
    found = answers.get("pmset", MISSING).parsed("pmset-g")
    if found["status"] != "known":
        return failure(f"the power settings cannot be read: {found['reason']}")
    everywhere = {**found["system_wide"], **found["settings"]}
    values = {name: everywhere.get(name) for name in names}
    return {name: value if isinstance(value, int) else None for name, value in values.items()}


def pmset_steps(args: PmsetArgs, ctx: Context) -> Steps:
    answers = yield from _ask("pmset_look", ctx)
    before = answers if isinstance(answers, Result) else shown(answers, list(args.settings))
    if isinstance(before, Result):
        return before
    wanted = {name: value for name, value in args.settings.items() if before[name] != value}
    if not wanted:
        return Result(data={"settings": before, "changed_fields": []})
    after = {**before, **wanted}
    if not ctx.check:
        answers = yield from _ask("pmset_apply", ctx, "\n".join(f"{name}\n{value}" for name, value in wanted.items()))
        if isinstance(answers, Result):
            return answers
        given = answers.get("set", MISSING)
        if given.rc != 0:
            return failure(f"{given.command}: {given.said}; it needs root: `become: true`", settings=before)
        now = shown(answers, list(args.settings))
        if isinstance(now, Result):
            return now
        if still := [name for name, value in wanted.items() if now[name] != value]:
            return failure(f"pmset took it, yet not so: {', '.join(still)}; does this Mac have it?", settings=now)
        after = now
    diff = Diff(_text(before), _text(after), "power", "power")
    return Result(changed=True, data={"settings": after, "changed_fields": sorted(wanted)}, diff=(diff,))


def _text(settings: Mapping[str, int | None]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in sorted(settings.items()))


PMSET = Module(
    "pmset",
    PmsetArgs,
    pmset_steps,
    "Sees to power settings, such as that the Mac never sleeps.",
    returns={"settings": "The settings named, as they are now.", "changed_fields": "Those that differed."},
)
