"""openclaw_bisect: the first bad one of several configurations, in at most ceil(log2 n) tries of a command."""

from __future__ import annotations

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.openclaw.asking import ServiceArgs, ask
from orchestrator.modules.types import Str, StrList

BISECT_SH = script("bisect", __file__)


class BisectArgs(ServiceArgs):
    snapshots: StrList = Field(
        min_length=2, description="Files on the node, from the oldest to the newest; the newest is known to be bad."
    )
    command: Str | None = Field(
        None,
        description="A shell command line that ends with 0 where $OPENCLAW_CONFIG_PATH is good; else the product's own"
        " validation. The live configuration is not touched.",
    )


def bisect_steps(args: BisectArgs, ctx: Context) -> Steps:
    low, high, tries = 0, len(args.snapshots) - 1, []
    while low < high:
        middle = (low + high) // 2
        path = args.snapshots[middle]
        reply = yield from ask(ctx, args, "oc_try", BISECT_SH, candidate=path, command=args.command or "")
        if isinstance(reply, Result):
            return reply
        good = reply.first("good")
        if good not in ("yes", "no"):
            return failure(f"whether {path} is good could not be told")
        tries.append({"snapshot": path, "good": good == "yes"})
        low, high = (middle + 1, high) if good == "yes" else (low, middle)
    first, before = args.snapshots[low], args.snapshots[low - 1] if low else None
    msg = f"{first} is the first bad one, found in {len(tries)} tries" + (f"; {before} is good" if before else "")
    return Result(msg=msg, data={"first_bad": first, "last_good": before, "tries": tries})


BISECT = Module(
    "openclaw_bisect",
    BisectArgs,
    bisect_steps,
    "Finds the first bad one of several saved configurations, without touching the live one.",
    returns={
        "first_bad": "The first snapshot that is bad; `last_good` the one before it.",
        "tries": "Each try: snapshot, good. At most ceil(log2 n) of them.",
    },
)
