"""This module measures the node's clock against the controller's, and judges it.

Cristian's method: the controller notes its time before (t0) and after (t1) one tiny program that prints the node's. The
offset is the node's time minus the middle, its bound half the round trip; of several samples the one with the smallest
bound counts. All that happens on the way is inside t1 - t0, so the bound is honest however slow the way is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import refusal
from orchestrator.modules.macos.parsers import Output, parse
from orchestrator.modules.types import Bool, Float, Int

CLOCK_SH = script("clock", __file__)
Verdict = Literal["pass", "warn", "fail", "stop"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: the node's clock is ahead by ``offset_s`` ± ``bound_s``; ``precise``: it printed fractions."""

    offset_s: float
    bound_s: float
    precise: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """From which offset on a clock is no longer good, in seconds; the gateway refuses proofs 120 s away from it."""

    warn_s: float = 2.0
    fail_s: float = 30.0
    stop_s: float = 100.0

    def verdict(self, sample: Sample) -> Verdict:
        """The verdict on the nearest offset that the measurement allows: nobody is blamed for a slow line."""
        surely_s = max(abs(sample.offset_s) - sample.bound_s, 0.0)
        if surely_s >= self.stop_s:
            return "stop"
        return "fail" if surely_s > self.fail_s else "warn" if surely_s > self.warn_s else "pass"


def measured(node: str, before_s: float, after_s: float) -> Sample | None:
    """The sample for the node's printed clock; None where it is no clock. Whole seconds widen the bound."""
    read = parse("date", Output(node, "", 0))
    if read["status"] != "known":
        return None
    precise = read["nanoseconds"] is not None
    node_s = read["seconds"] + (read["nanoseconds"] / 1e9 if precise else 0.5)
    bound_s = max(after_s - before_s, 0.0) / 2 + (0.0 if precise else 0.5)
    return Sample(node_s - (before_s + after_s) / 2, bound_s, precise)


def sample(ctx: Context, count: int, now: Callable[[], float] = time.time) -> Generator[Run, Reply, Sample | Result]:
    """The best of ``count`` samples, one tiny program each; the failed result where the node tells no time."""
    best: Sample | None = None
    for _ in range(count):
        before_s = now()
        sent = f"{before_s:.6f}"
        reply = yield Run(
            main="clock_main",
            scripts=(CLOCK_SH,),
            values={"sent": sent},
            environment=ctx.environment,
            repeatable=True,
            timeout_s=60,
        )
        after_s = now()
        if refused := refusal(reply):
            return refused
        one = measured(reply.first("clock") or "", before_s, after_s) if reply.first("sent") == sent else None
        if one is not None and (best is None or one.bound_s < best.bound_s):
            best = one
    return best or failure("the node printed no time that could be read")


class ClockArgs(Args):
    samples: Int = Field(5, ge=1, le=20, description="How many times to measure; the best measurement counts.")
    warn_s: Float = Field(2.0, gt=0, description="Above this many seconds the verdict is `warn`.")
    fail_s: Float = Field(30.0, gt=0, description="Above this many seconds the verdict is `fail`.")
    stop_s: Float = Field(100.0, gt=0, description="From this many seconds on the verdict is `stop`.")
    fail_from: Literal["warn", "fail", "stop", "never"] = Field(
        "fail", description="The task fails from this verdict on; `never` only reports."
    )
    require_precise: Bool = Field(False, description="Fail where the node can only tell whole seconds.")


def clock_steps(args: ClockArgs, ctx: Context) -> Steps:
    best = yield from sample(ctx, args.samples)
    if isinstance(best, Result):
        return best
    verdict = Limits(args.warn_s, args.fail_s, args.stop_s).verdict(best)
    told = {"offset_s": round(best.offset_s, 6), "bound_s": round(best.bound_s, 6), "verdict": verdict}
    direction = "ahead" if best.offset_s > 0 else "behind"
    msg = f"the node's clock is {abs(best.offset_s):.3f} s {direction} (± {best.bound_s:.3f} s): {verdict}"
    order = ("pass", "warn", "fail", "stop")
    too_far = args.fail_from != "never" and order.index(verdict) >= order.index(args.fail_from)
    failed = too_far or (args.require_precise and not best.precise)
    return Result(failed=failed, msg=msg, data={**told, "precise": best.precise, "samples": args.samples})


CLOCK = Module(
    "clock",
    ClockArgs,
    clock_steps,
    "Measures the node's clock against the controller's, with its error bound.",
    returns={
        "offset_s": "The node's clock minus the controller's, in seconds.",
        "bound_s": "Half the round trip of the best measurement: the true offset lies within offset_s ± bound_s.",
        "verdict": "pass, warn, fail or stop.",
        "precise": "False where the node printed whole seconds only.",
    },
)
