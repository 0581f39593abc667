"""One restart under way: how it is admitted and proven, its story so far, and the orders it gives to launchd."""

from __future__ import annotations

import shlex
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from orchestrator.model.errors import OutcomeUnknown
from orchestrator.model.program import Request
from orchestrator.model.restart import Budget, Limit, Storm
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context
from orchestrator.modules.macos.launchd_job import ORDER_LIMIT_S, Aim, Job, look
from orchestrator.modules.types import Bool, Float, Int, Str

HOST_TOPIC = "restart"


class RestartArgs(Args):
    """How a restart is admitted and proven."""

    budget: Int = Field(3, ge=1, description="Restarts of this service on this host within `budget_window_s`, at most.")
    budget_window_s: Float = Field(900, gt=0, description="The budget's window in seconds, across all runs.")
    host_budget: Int = Field(6, ge=1, description="Restarts of anything on this host within the window, at most.")
    fleet_budget: Int | None = Field(
        None,
        ge=1,
        description="Other hosts that may have restarted this service within `fleet_window_s`; none: no limit.",
    )
    fleet_window_s: Float = Field(60, gt=0, description="The window of `fleet_budget` in seconds.")
    spacing_s: Float | None = Field(
        None, ge=0, description="Seconds between two restarts; else twice the ThrottleInterval, at least 30."
    )
    wait_s: Float = Field(0, ge=0, description="How long to wait for the budget, instead of failing at once.")
    force: Bool = Field(False, description="Restart though the budget or a storm forbids it. It is still counted.")
    observe_s: Float | None = Field(
        None, ge=0, description="How long the new process must stay; else ThrottleInterval + 5, at least 15."
    )
    ports: list[Int] = Field(
        default_factory=list, description="TCP ports on which the new process, or one below it, must listen."
    )
    ready_url: Str | None = Field(None, description="A URL that must answer on the node itself (curl -f).")
    reach_port: Int | None = Field(None, description="A TCP port that must be open from the controller.")
    good_probes: Int = Field(3, ge=1, le=20, description="How many probes in a row must succeed, a second apart.")
    ready_s: Float = Field(60, gt=0, description="The limit for listeners and readiness, in seconds.")
    drain: Str | None = Field(None, description="A shell command line on the node before the restart; it must succeed.")
    resume: Str | None = Field(None, description="A shell command line after it, tried three times with back-off.")
    hook_limit_s: Float = Field(120, gt=0, description="The limit of `drain` and `resume`, in seconds.")

    def limits(self) -> Budget:
        fleet = Limit(self.fleet_budget, self.fleet_window_s) if self.fleet_budget else None
        return Budget(
            service=Limit(self.budget, self.budget_window_s),
            host=Limit(self.host_budget, self.budget_window_s),
            fleet=fleet,
            spacing_s=self.spacing_s,
            storm=Storm(),
        )


Steps = Generator[Request, Any, Job | Result]
"""A part of the machine: the job as it then is, or the failed result that ends the task."""


@dataclass(slots=True)
class Attempt:
    """One restart under way, and its story so far for the report."""

    args: RestartArgs
    ctx: Context
    aim: Aim
    plist: str
    story: list[str] = field(default_factory=list)
    starts: int | None = None
    storm_after_s: float | None = None

    def tell(self, line: str) -> None:
        self.story.append(line)

    def down(self, job: Job, why: str, **data: Any) -> Result:
        """The failed result: what happened, what launchd shows, and how to bring the service back by hand."""
        recovery = f"launchctl kickstart -k {shlex.quote(job.target)}"
        if job.loaded is not True:
            recovery = f"launchctl bootstrap {shlex.quote(job.domain)} {shlex.quote(self.plist or 'PLIST')}"
        if job.domain_exists is False:
            why = f"{why}; {job.missing_domain().msg}"
        state = "is DOWN" if job.pid is None else f"runs (pid {job.pid}) but is not proven"
        msg = f"{job.target} {state}: {why}; {job.ending()}\n  recover: {recovery}"
        return failure(msg, recovery=recovery, **job.as_data(), **self.as_data(), **data)

    def as_data(self) -> dict[str, Any]:
        return {"story": self.story, "starts": self.starts, "storm_after_s": self.storm_after_s}

    @property
    def topic(self) -> str:
        return f"{HOST_TOPIC}:{self.aim.domain}/{self.aim.label}"


def hook(attempt: Attempt, command: str) -> Generator[Request, Any, str | None]:
    """Run a command line of the user's; None when it succeeded, else what it said."""
    limit_s = attempt.args.hook_limit_s
    seen = yield from attempt.aim.run("hook", repeatable=False, limit_s=limit_s, command=command)
    if isinstance(seen, Result):
        return seen.msg
    answer = seen[1]["hook"]
    return None if answer.rc == 0 else f"exit status {answer.rc}: {answer.said}"


def order(attempt: Attempt, verb: str, slug: str, job: Job) -> Generator[Request, Any, tuple[Job, str | None] | Result]:
    """Give one order; the job after it, and why launchd did not take it (None: it did).

    Where the line broke and the outcome is unknown, what launchd shows decides, not a guess.
    """
    try:
        seen = yield from attempt.aim.run(
            "order", repeatable=False, limit_s=ORDER_LIMIT_S, verb=verb, plist=attempt.plist
        )
    except OutcomeUnknown:
        attempt.tell(f"the outcome of `{verb}` is unknown; judged by what launchd shows")
        job_now = yield from look(attempt.aim)
        return job_now if isinstance(job_now, Result) else (job_now, None)
    if isinstance(seen, Result):
        return seen
    after, answers, _ = seen
    answer = answers["order"]
    read = answer.parsed(slug)
    attempt.tell(f"launchctl {verb}: {read.get('outcome') or answer.said}")
    taken = read["status"] == "known"
    return after, None if taken else f"{verb}: {read.get('outcome') or answer.said} ({answer.said})"
