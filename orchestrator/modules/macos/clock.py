"""This module measures the node's clock against the controller's, and judges it.

Cristian's method: the controller notes its time before (t0) and after (t1) a program in which the node reads its own,
first (n0) and last (n1). As n0 was read after t0 and n1 before t1, the offset lies between n1 - t1 and n0 - t0: half
of that width is the bound. What the node did between its readings is not in it, so a long program measures as well as
a tiny one that reads once. All that happens on the way is in it, so the bound is honest however slow the way is. Of
several measurements the one with the smallest bound counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Literal

from pydantic import Field

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import refusal
from orchestrator.modules.macos.parsers import Output, parse
from orchestrator.modules.types import Bool, Float, Int

CLOCK_SH = script("clock", __file__)
ROUNDING_S = 1e-5
"""How far readings may seem to contradict each other because all of them are printed with six decimals."""
Verdict = Literal["pass", "warn", "fail", "stop"]


@frozen
class Sample:
    """One measurement: the node's clock is ahead by ``offset_s`` ± ``bound_s``; ``precise``: it printed fractions."""

    offset_s: float
    bound_s: float
    precise: bool


@frozen
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


def measured(first: str, last: str, before_s: float, after_s: float) -> Sample | None:
    """The sample for the node's printed clock. Whole seconds widen the bound.

    None where it is no clock, or where it was set between its two readings: nothing fits them then.
    """
    readings = [parse("date", Output(text, "", 0)) for text in (first, last)]
    if any(read["status"] != "known" for read in readings):
        return None
    grain_s = 0.0 if all(read["nanoseconds"] is not None for read in readings) else 1.0
    first_s, last_s = (read["seconds"] + (read["nanoseconds"] or 0) / 1e9 for read in readings)
    most_s, least_s = first_s + grain_s - before_s, last_s - after_s
    bound_s = (most_s - least_s) / 2
    if bound_s < -ROUNDING_S:
        return None
    return Sample((most_s + least_s) / 2, max(bound_s, 0.0), not grain_s)


def told(reply: Reply, sent: str, after_s: float) -> Sample | None:
    """The sample in a program's reply. None where it holds none, or was kept from an earlier try of the program.

    Where the transport has no times of its own, ``sent`` and ``after_s`` count: they embrace the connecting, too.
    """
    first = reply.first("clock")
    if first is None or reply.first("sent") != sent:
        return None
    before_s, after_s = reply.span_s or (float(sent), after_s)
    return measured(first, reply.first("clock_last") or first, before_s, after_s)


def better(one: Sample | None, other: Sample | None) -> Sample | None:
    """The sample with the smaller bound."""
    return min((found for found in (one, other) if found), key=lambda found: found.bound_s, default=None)


def sample(ctx: Context, count: int, now: Callable[[], float] = time.time) -> Generator[Run, Reply, Sample | Result]:
    """The best of ``count`` samples, one tiny program each; the failed result where the node tells no time."""
    best: Sample | None = None
    for _ in range(count):
        sent = f"{now():.6f}"
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
        best = better(best, told(reply, sent, after_s))
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
