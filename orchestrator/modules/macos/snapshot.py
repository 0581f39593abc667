"""This module records a node's environment: some seventy facts in one round trip, each with its source and standing."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import KeepSnapshot, Result, SetFacts
from orchestrator.model.snapshot import Fact, Snapshot, Standing, markdown
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, as_shell
from orchestrator.modules.macos.clock import CLOCK_SH, Limits, Sample, better, sample
from orchestrator.modules.macos.clock import told as clock_told
from orchestrator.modules.macos.probing import PROBE, read, whole_seconds
from orchestrator.modules.macos.snapshot_facts import facts
from orchestrator.modules.macos.sockets import LISTENERS_SH
from orchestrator.modules.types import Bool, Float, Int, StrList

SNAPSHOT_SH = script("snapshot", __file__)
CLOCK_SOURCE = "the node's clock between two readings of the controller's"


def take(
    ctx: Context,
    labels: Sequence[str] = (),
    *,
    updates: bool = False,
    limit_s: float = 10.0,
    clock_samples: int = 1,
    now: Callable[[], float] = time.time,
) -> Generator[Run, Reply, Snapshot | Result]:
    """The snapshot, or the failed result of a node that could not be asked; use with ``yield from``.

    One program, which also measures the clock; ``clock_samples`` beyond the first are tiny programs before it.
    """
    taken_at = datetime.fromtimestamp(now(), UTC).isoformat(timespec="seconds")
    tiny = (yield from sample(ctx, clock_samples - 1, now)) if clock_samples > 1 else None
    sent = f"{now():.6f}" if clock_samples else ""
    reply = yield Run(
        main="snapshot_main",
        scripts=(PRELUDE, PROBE, LISTENERS_SH, CLOCK_SH, SNAPSHOT_SH),
        values={
            "labels": "\n".join(labels),
            "updates": as_shell(updates),
            "probe_limit_s": whole_seconds(limit_s),
            "sent": sent,
        },
        environment=ctx.environment,
        repeatable=True,
    )
    after_s = now()
    answers = read(reply)
    if isinstance(answers, Result):
        return answers
    best = better(tiny if isinstance(tiny, Sample) else None, clock_told(reply, sent, after_s))
    found = [*facts(answers, labels), *clock_facts(best, asked=bool(sent))]
    return Snapshot(host=ctx.host, taken_at=taken_at, facts=tuple(sorted(found, key=lambda fact: fact.name)))


def clock_facts(measured: Sample | None, *, asked: bool) -> list[Fact]:
    """Offset, bound and verdict; unknown with its reason where it was not or could not be measured."""
    names = ("clock.offset_s", "clock.bound_s", "clock.verdict")
    if measured is not None:
        values = (round(measured.offset_s, 3), round(measured.bound_s, 3), Limits().verdict(measured))
        return [Fact(name=name, value=value, source=CLOCK_SOURCE) for name, value in zip(names, values, strict=True)]
    unread = "the node printed no time that could be read, or its clock was set meanwhile"
    why = unread if asked else "it was not asked for"
    return [Fact(name=name, standing=Standing.UNKNOWN, why=why, source=CLOCK_SOURCE) for name in names]


class SnapshotArgs(Args):
    labels: StrList = Field(
        default_factory=list, description="Jobs of launchd to look at; looked for in gui/UID, else in system."
    )
    updates: Bool = Field(False, description="Also list the updates that the node knows of (never a new scan).")
    clock_samples: Int = Field(
        1,
        ge=0,
        le=9,
        description="Measurements of the clock's offset: one lies in the snapshot's own round trip, each further one "
        "costs another; 0 for none.",
    )
    probe_limit_s: Float = Field(10.0, ge=0.5, le=120, description="What has not answered by then becomes unknown.")


def told(snapshot: Snapshot) -> dict[str, Any]:
    """The module's return values."""
    dark = [fact for fact in snapshot.facts if fact.standing is not Standing.KNOWN]
    data = snapshot.as_data()
    return {
        "snapshot": data,
        "markdown": markdown(snapshot),
        "unknown": [fact.name for fact in dark if fact.standing is Standing.UNKNOWN],
        "not_permitted": [fact.name for fact in dark if fact.standing is Standing.NOT_PERMITTED],
        "ansible_facts": {"snapshot": data},
    }


def snapshot_steps(args: SnapshotArgs, ctx: Context) -> Steps:
    taken = yield from take(
        ctx,
        args.labels,
        updates=args.updates,
        limit_s=args.probe_limit_s,
        clock_samples=args.clock_samples,
    )
    if isinstance(taken, Result):
        return taken
    data = told(taken)
    seen = len(taken.facts) - len(data["unknown"]) - len(data["not_permitted"])
    msg = f"{seen} of {len(taken.facts)} facts known, {len(data['not_permitted'])} not permitted"
    effects = (SetFacts(values=data["ansible_facts"], discovered=True), KeepSnapshot(snapshot=data["snapshot"]))
    return Result(msg=msg, data=data, effects=effects)


SNAPSHOT = Module(
    "snapshot",
    SnapshotArgs,
    snapshot_steps,
    "Records a node's environment: versions, clock, management, keychain, sessions, power, sockets, jobs.",
    returns={
        "snapshot": "schema, host, taken_at, facts (value, standing, source, exit, why), and known by section.",
        "markdown": "The snapshot for a ticket, at most 60 lines.",
        "unknown": "Names of the facts that could not be found out.",
        "not_permitted": "Names of the facts that this user may not see.",
    },
)
