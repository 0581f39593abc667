"""This module brings a Mac back between rehearsals as one task: browsers, keychains, and the proof against a baseline.

It adds nothing of its own to `browser_reset`, `keychain_reset` and `drift` but their order, one verdict and the time
that was saved. In check mode it is the plan. Browsers come first: one that finds its keychain gone deletes its cookies.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Request, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.model.snapshot import Drift, Severity, Snapshot, Standing, drift
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.macos.browser_recipes import RECIPES
from orchestrator.modules.macos.browser_reset import BrowserArgs, browser_steps
from orchestrator.modules.macos.drift import baseline_of
from orchestrator.modules.macos.keychain_reset import KeychainArgs, keychain_steps
from orchestrator.modules.macos.snapshot import take
from orchestrator.modules.types import Bool, Dict, Float, Str, StrList


class RehearsalArgs(Args):
    browsers: StrList = Field(default_factory=list, description=f"Which browsers to clear: {', '.join(RECIPES)}.")
    user_data_dirs: StrList = Field(default_factory=list, description="Further data directories of Chromium's kind.")
    keychains: StrList = Field(default_factory=list, description="Keychains of the rehearsal, which are to be gone.")
    labels: StrList = Field(default_factory=list, description="Jobs of launchd that the comparison looks at.")
    baseline: Dict | None = Field(None, description="A snapshot from before the rehearsal, as `snapshot` returned it.")
    baseline_file: Str | None = Field(None, description="The controller's file with such a snapshot, JSON or YAML.")
    fail_from: Literal["breaking", "warning", "info", "never"] = Field(
        "breaking", description="The task fails where the Mac differs from the baseline by this severity."
    )
    force: Bool = Field(False, description="End browsers that do not quit with SIGKILL.")
    denied: Literal["fail", "report"] = Field(
        "fail", description="What to do where macOS refuses to show a browser's data: fail, or report it as unknown."
    )
    by_hand_min: Float = Field(25.0, ge=0, description="Minutes that the same takes you by hand: your own figure.")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not (self.browsers or self.user_data_dirs or self.keychains):
            raise ValueError("name some `browsers`, `user_data_dirs` or `keychains`")
        if self.baseline is not None and self.baseline_file is not None:
            raise ValueError("give `baseline` or `baseline_file`, not both")
        if self.browsers or self.user_data_dirs:
            self.for_browsers()
        self.for_keychains()
        return self

    def for_browsers(self) -> BrowserArgs:
        return BrowserArgs(
            browsers=self.browsers, user_data_dirs=self.user_data_dirs, force=self.force, denied=self.denied
        )

    def for_keychains(self) -> list[KeychainArgs]:
        return [KeychainArgs(keychain=name, state="absent") for name in self.keychains]


@dataclass(slots=True)
class Parts:
    """What the parts came to, in their order."""

    lines: list[str] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def add(self, what: str, result: Result) -> bool:
        """Whether it may go on."""
        word = "failed" if result.failed else "changed" if result.changed else "nothing to do"
        self.lines.append(f"{what}: {word}" + (f" ({result.msg})" if result.msg else ""))
        self.results.append(result)
        return not (result.failed or result.unknown)


def parts(args: RehearsalArgs, ctx: Context) -> Generator[Request, Any, Parts]:
    """Browsers, then keychains; a part that fails ends it, so that no keychain goes under a browser that still runs."""
    done = Parts()
    if (args.browsers or args.user_data_dirs) and not done.add(
        "browsers", (yield from browser_steps(args.for_browsers(), ctx))
    ):
        return done
    for one in args.for_keychains():
        if not done.add(f"keychain {one.keychain}", (yield from keychain_steps(one, ctx))):
            break
    return done


def rehearsal_steps(args: RehearsalArgs, ctx: Context, now: Callable[[], float] = time.monotonic) -> Steps:
    begun_s = now()
    before = baseline_of(args.baseline, args.baseline_file, ctx)
    if isinstance(before, Result):
        return before
    done = yield from parts(args, ctx)
    data: dict[str, Any] = {"plan" if ctx.check else "did": done.lines}
    changed = any(one.changed for one in done.results)
    diff = tuple(each for one in done.results for each in one.diff)
    if done.results[-1].failed:
        return failure("; ".join(done.lines), **data).but(changed=changed, diff=diff)
    verdict = Result()
    if before is not None and not ctx.check:
        verdict = yield from _verified(args, before, ctx)
    took_min = (now() - begun_s) / 60
    saved_min = max(args.by_hand_min - took_min, 0.0) if changed and not ctx.check else 0.0
    data |= {**verdict.data, "took_min": round(took_min, 2), "saved_min": round(saved_min, 2)}
    msg = "; ".join([*done.lines, *([verdict.msg] if verdict.msg else [])])
    return Result(changed=changed, failed=verdict.failed, msg=msg, data=data, diff=diff)


def _verified(args: RehearsalArgs, before: Snapshot, ctx: Context) -> Generator[Run, Reply, Result]:
    """The Mac against its baseline; what could not be seen is listed and no proof."""
    after = yield from take(ctx, args.labels, clock_samples=0)
    if isinstance(after, Result):
        return after
    found: Drift = drift(before, after)
    order = [str(one) for one in Severity]
    bad = [
        one
        for one in found.changes
        if args.fail_from != "never" and order.index(str(one.severity)) <= order.index(args.fail_from)
    ]
    dark = [fact.name for fact in after.stable().facts if fact.standing is not Standing.KNOWN]
    words = "another machine" if found.other_machine else f"{len(found.changes)} differences from the baseline"
    return Result(
        failed=bool(bad) or found.other_machine,
        msg=f"{words}, {len(dark)} facts not seen",
        data={"changes": [one.as_data() for one in found.changes], "not_seen": dark},
    )


REHEARSAL_RESET = Module(
    "rehearsal_reset",
    RehearsalArgs,
    rehearsal_steps,
    "Brings a Mac back between rehearsals: browsers, then keychains, then the proof against a baseline.",
    returns={
        "did": "What each part came to, in order; in check mode `plan`.",
        "changes": "Differences from the baseline: name, before, after, severity.",
        "not_seen": "Facts that could not be compared, since they could not be seen.",
        "took_min": "Minutes that it took; `saved_min`: your `by_hand_min` less those, where something was done.",
    },
)
