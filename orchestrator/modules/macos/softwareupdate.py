"""This module tells which macOS updates a node knows of. It installs nothing: a Mac that reboots ends a rehearsal."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orchestrator.model.program import Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, as_shell
from orchestrator.modules.macos.probing import MISSING, PROBE, read, whole_seconds
from orchestrator.modules.types import Bool, Float

SOFTWAREUPDATE_SH = script("softwareupdate", __file__)


class SoftwareupdateArgs(Args):
    scan: Bool = Field(False, description="Ask Apple now; else what the last scan found. Takes minutes, and may hang.")
    fail_on: Literal["never", "restart", "any"] = Field(
        "never", description="The task fails where an update that wants a restart, or any update, is on offer."
    )
    limit_s: Float = Field(120, ge=1, le=600, description="How long the answer may take.")


def updates_steps(args: SoftwareupdateArgs, ctx: Context) -> Steps:
    reply = yield Run(
        main="updates_main",
        scripts=(PRELUDE, PROBE, SOFTWAREUPDATE_SH),
        values={"scan": as_shell(args.scan), "probe_limit_s": whole_seconds(args.limit_s)},
        environment=ctx.environment,
        repeatable=True,
    )
    answers = read(reply)
    if isinstance(answers, Result):
        return answers
    found = answers.get("list", MISSING).parsed("softwareupdate-list")
    if found["status"] != "known":
        return failure(f"which updates there are is unknown: {found['reason']}")
    updates = found["updates"]
    restarts = [one["label"] for one in updates if one.get("restart")]
    schedule = answers.get("schedule", MISSING).parsed("softwareupdate")
    bad = restarts if args.fail_on == "restart" else updates if args.fail_on == "any" else []
    told = "no update on offer" if not updates else f"{len(updates)} updates on offer, {len(restarts)} want a restart"
    return Result(
        failed=bool(bad),
        msg=told,
        data={"updates": updates, "restarts": restarts, "automatic_check": schedule.get("automatic_check")},
    )


SOFTWAREUPDATE = Module(
    "softwareupdate",
    SoftwareupdateArgs,
    updates_steps,
    "Tells which macOS updates a node knows of; installs nothing.",
    returns={
        "updates": "Each update on offer: label, title, version, size, whether it is recommended or wants a restart.",
        "restarts": "Labels of those that want a restart.",
        "automatic_check": "Whether macOS looks for updates by itself; null where it did not say.",
    },
)
