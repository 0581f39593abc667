"""This module compares a node with a snapshot that was saved before."""

from __future__ import annotations

import json
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.model.snapshot import BadSnapshot, Drift, Severity, Snapshot, drift, from_data
from orchestrator.modules.base import Context, Module
from orchestrator.modules.macos.snapshot import SnapshotArgs, take
from orchestrator.modules.types import Bool, Dict, Str


class DriftArgs(SnapshotArgs):
    baseline: Dict | None = Field(None, description="A snapshot as `snapshot` returned it.")
    baseline_file: Str | None = Field(None, description="The controller's file with such a snapshot, JSON or YAML.")
    fail_from: Literal["breaking", "warning", "info", "never"] = Field(
        "breaking", description="The task fails from a change of this severity on."
    )
    allow_other_machine: Bool = Field(False, description="Do not fail where the hardware is another one.")

    @model_validator(mode="after")
    def _one_baseline(self) -> Self:
        if (self.baseline is None) == (self.baseline_file is None):
            raise ValueError("give either `baseline` or `baseline_file`")
        return self


def baseline_of(given: dict[str, Any] | None, file: str | None, ctx: Context) -> Snapshot | Result | None:
    """The snapshot that was saved, the failed result where it is none, None where none is named."""
    if given is None and file is None:
        return None
    data: Any = given if file is None else ctx.load_vars(ctx.find("files", file))
    try:
        return from_data(data)
    except BadSnapshot as error:
        return failure(str(error), baseline_file=file)


def verdict(found: Drift, args: DriftArgs) -> Result:
    """The task's result for a drift."""
    changes = [change.as_data() for change in found.changes]
    order = [str(one) for one in Severity]
    bad = args.fail_from != "never" and any(
        order.index(one["severity"]) <= order.index(args.fail_from) for one in changes
    )
    moved = found.other_machine and not args.allow_other_machine
    if found.other_machine:
        msg = "a different machine answers under this name: its hardware is not the baseline's"
    elif changes:
        msg = f"{len(changes)} facts differ from the baseline, the worst is {found.worst}"
    else:
        msg = "no drift" + (", though the node was rebooted" if found.rebooted else "")
    before, after = (
        "".join(f"{change.name}: {json.dumps(getattr(change, side), default=str)}\n" for change in found.changes)
        for side in ("before", "after")
    )
    return Result(
        failed=bad or moved,
        msg=msg,
        data={"changes": changes, "other_machine": found.other_machine, "rebooted": found.rebooted},
        diff=(Diff(before, after, "baseline", "now"),) if changes else (),
    )


def drift_steps(args: DriftArgs, ctx: Context) -> Steps:
    baseline = baseline_of(args.baseline, args.baseline_file, ctx)
    if not isinstance(baseline, Snapshot):
        return baseline or failure("no baseline was given")
    now = yield from take(
        ctx, args.labels, updates=args.updates, limit_s=args.probe_limit_s, clock_samples=args.clock_samples
    )
    return now if isinstance(now, Result) else verdict(drift(baseline, now), args)


DRIFT = Module(
    "drift",
    DriftArgs,
    drift_steps,
    "Compares a node's environment with a saved snapshot and says what matters.",
    returns={
        "changes": "Facts that differ: name, before, after, severity (breaking, warning, info), worst first.",
        "other_machine": "True where the hardware is not the baseline's.",
        "rebooted": "True where the node was booted since.",
    },
)
