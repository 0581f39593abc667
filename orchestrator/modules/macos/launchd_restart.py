"""The restart of one job as a machine: budget, drain, one order, a new process that stays and listens, resume.

It ends in one of two ways: up and proven, or down and said so with the command that recovers it. A success exit of
launchctl proves nothing (launchd took the order); what counts is the process. Sources: docs/reference, "launchd".
"""

from __future__ import annotations

import shlex
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from orchestrator.model.errors import OutcomeUnknown
from orchestrator.model.program import Reach, Recall, Remember, Request, Sleep
from orchestrator.model.restart import (
    Backoff,
    Budget,
    Limit,
    Past,
    Storm,
    Word,
    chance,
    observation_s,
    settle_s,
)
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context
from orchestrator.modules.macos.launchd_job import ORDER_LIMIT_S, Aim, Job, look
from orchestrator.modules.macos.listeners import observe
from orchestrator.modules.types import Bool, Float, Int, Str

POLL_S = 0.5
BOOTSTRAP_TRIES = 6
RESUME_TRIES = 3
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

    def tell(self, line: str) -> None:
        self.story.append(line)

    def down(self, job: Job, why: str, **data: Any) -> Result:
        """The failed result: what happened, what launchd shows, and how to bring the service back by hand."""
        recovery = f"launchctl kickstart -k {shlex.quote(job.target)}"
        if job.loaded is not True:
            recovery = f"launchctl bootstrap {shlex.quote(job.domain)} {shlex.quote(self.plist or 'PLIST')}"
        state = "is DOWN" if job.pid is None else f"runs (pid {job.pid}) but is not proven"
        msg = f"{job.target} {state}: {why}; {job.ending()}\n  recover: {recovery}"
        return failure(msg, recovery=recovery, story=self.story, **job.as_data(), **data)

    @property
    def topic(self) -> str:
        return f"{HOST_TOPIC}:{self.aim.domain}/{self.aim.label}"


def admitted(attempt: Attempt, job: Job, *, counted: bool = True) -> Generator[Request, Any, Result | None]:
    """None when the restart may happen (and is then counted), else the refusal; waits up to ``wait_s`` for its turn.

    Asking and counting follow each other with nothing between, so hosts of one run cannot pass together.
    """
    args, host = attempt.args, attempt.ctx.host
    budget, waited_s = args.limits(), 0.0
    while not args.force:
        service = yield Recall(attempt.topic, budget.window_s)
        anything = yield Recall(HOST_TOPIC, budget.window_s)
        past = Past(
            tuple(age for name, age in service if name == host),
            tuple(age for name, age in anything if name == host),
            tuple(age for name, age in service if name != host),
        )
        verdict = budget.verdict(past, job.throttle_s)
        if verdict.word is Word.GO:
            break
        wait_s = verdict.wait_s * (1 + 0.1 * chance(host, attempt.topic, waited_s)) + 0.1
        if verdict.word is Word.STORM or waited_s + wait_s > args.wait_s:
            return _refused(attempt, job, verdict.why, verdict.wait_s, past)
        attempt.tell(f"waiting {wait_s:.0f} s: {verdict.why}")
        yield Sleep(wait_s)
        waited_s += wait_s
    if counted:
        yield Remember(attempt.topic)
        yield Remember(HOST_TOPIC)
        attempt.tell("admitted by the budget" if not args.force else "forced past the budget")
    return None


def _refused(attempt: Attempt, job: Job, why: str, wait_s: float, past: Past) -> Result:
    ages = ", ".join(f"{age:.0f} s" for age in sorted(past.service_s)) or "none"
    when = f"earlier restarts here: {ages} ago; the next may happen in {wait_s:.0f} s, or with `force: true`"
    msg = f"{job.target} was not restarted: {why}; {when}"
    return failure(msg, story=attempt.story, refused=True, next_in_s=round(wait_s, 1), **job.as_data())


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


def kicked(attempt: Attempt, job: Job) -> Steps:
    """One ``kickstart -k``: kill and start as a single request, so that the service is never without its job."""
    done = yield from order(attempt, "kickstart-k", "launchctl-kickstart", job)
    if isinstance(done, Result):
        return done
    after, trouble = done
    return attempt.down(after, trouble) if trouble else after


def gone(attempt: Attempt, job: Job) -> Steps:
    """``bootout``, and wait until the label is gone: launchd does it later than it answers."""
    done = yield from order(attempt, "bootout", "launchctl-bootout", job)
    if isinstance(done, Result):
        return done
    after, trouble = done
    limit_s, waited_s = settle_s(job.exit_timeout_s), 0.0
    while after.loaded:
        if waited_s >= limit_s:
            return attempt.down(after, f"still loaded {limit_s:g} s after bootout ({trouble or 'which was accepted'})")
        yield Sleep(POLL_S)
        waited_s += POLL_S
        seen = yield from look(attempt.aim)
        if isinstance(seen, Result):
            return seen
        after = seen
    return after


def loaded(attempt: Attempt, job: Job) -> Steps:
    """``bootstrap``, tried again while launchd may still be busy with the last bootout (5, 36, 37); print decides."""
    for attempt_number in range(BOOTSTRAP_TRIES):
        done = yield from order(attempt, "bootstrap", "launchctl-bootstrap", job)
        if isinstance(done, Result):
            return done
        after, trouble = done
        if after.loaded:
            return after
        if trouble and not any(word in trouble for word in ("ambiguous", "in progress")):
            return attempt.down(after, trouble)
        if attempt_number + 1 < BOOTSTRAP_TRIES:
            yield Sleep(1.0 + attempt_number)
    return attempt.down(after, f"not loaded after {BOOTSTRAP_TRIES} tries: {trouble or 'launchd accepted them all'}")


def risen(attempt: Attempt, old_pid: int | None, job: Job) -> Steps:
    """Wait for a process other than ``old_pid``: as long as ExitTimeOut, ThrottleInterval and 10 s together."""
    limit_s = (job.exit_timeout_s or 5.0) + (job.throttle_s or 10.0) + 10.0
    waited_s, now = 0.0, job
    while now.pid is None or now.pid == old_pid:
        if waited_s >= limit_s:
            old = "the old process is still there" if now.pid else f"launchd shows state {now.fields.get('state')!r}"
            return attempt.down(now, f"no new process within {limit_s:g} s: {old}")
        yield Sleep(POLL_S)
        waited_s += POLL_S
        seen = yield from look(attempt.aim)
        if isinstance(seen, Result):
            return seen
        now = seen
    attempt.tell(f"new process {now.pid} after {waited_s:g} s")
    return now


def stayed(attempt: Attempt, job: Job, expected_runs: int | None) -> Steps:
    """The same process for the whole observation window, and no start but ours."""
    window_s = attempt.args.observe_s if attempt.args.observe_s is not None else observation_s(job.throttle_s)
    step_s, waited_s, now = min(max(window_s / 8, 0.25), 2.0), 0.0, job
    while waited_s < window_s:
        yield Sleep(min(step_s, window_s - waited_s))
        waited_s += step_s
        seen = yield from look(attempt.aim)
        if isinstance(seen, Result):
            return seen
        now = seen
        if now.pid != job.pid:
            return attempt.down(now, f"process {job.pid} came up and did not stay {window_s:g} s (it is a crash loop)")
    if expected_runs is not None and now.runs is not None and now.runs > expected_runs:
        others = now.runs - expected_runs
        return attempt.down(
            now, f"started {others} times more than we asked: somebody else restarts it too", foreign=others
        )
    attempt.tell(f"process {now.pid} stayed {window_s:g} s")
    return now


def listening(attempt: Attempt, job: Job) -> Steps:
    """Each port has a listener, and it is the job's process or one below it."""
    waited_s = 0.0
    while attempt.args.ports and job.pid:
        observed = yield from observe(attempt.ctx)
        if isinstance(observed, Result):
            return observed
        seen = observed[0]
        foreign = {
            port: [one for one in seen.on(port) if not seen.descends(one.pid, job.pid)] for port in attempt.args.ports
        }
        silent = [port for port in attempt.args.ports if not seen.on(port)]
        if not silent and not any(foreign.values()):
            attempt.tell(f"listening on {', '.join(map(str, attempt.args.ports))}")
            break
        if waited_s >= attempt.args.ready_s:
            held = "; ".join(f"port {port} is held by {rows[0]}" for port, rows in foreign.items() if rows)
            quiet = f"nothing listens on {', '.join(map(str, silent))}" if silent else ""
            blind = f" (not all could be seen: {seen.blind})" if seen.blind else ""
            return attempt.down(job, "; ".join(filter(None, (quiet, held))) + blind)
        yield Sleep(1.0)
        waited_s += 1.0
    return job


def ready(attempt: Attempt, job: Job) -> Steps:
    """``good_probes`` probes in a row succeed."""
    args, good, waited_s = attempt.args, 0, 0.0
    while args.ready_url or args.reach_port:
        trouble = yield from _probe(attempt)
        good = 0 if trouble else good + 1
        if good >= args.good_probes:
            attempt.tell(f"ready: {good} probes in a row")
            break
        if waited_s >= args.ready_s:
            return attempt.down(job, f"not ready within {args.ready_s:g} s: {trouble}")
        yield Sleep(1.0)
        waited_s += 1.0
    return job


def _probe(attempt: Attempt) -> Generator[Request, Any, str | None]:
    args = attempt.args
    if args.ready_url:
        seen = yield from attempt.aim.run("ready_url", url=args.ready_url)
        if isinstance(seen, Result):
            return seen.msg
        if seen[1]["ready"].rc != 0:
            return f"{args.ready_url}: {seen[1]['ready'].said}"
    if args.reach_port:
        host = str(attempt.ctx.variables.get("ansible_host") or attempt.ctx.host)
        refused: str | None = yield Reach(host, args.reach_port)
        return f"{host}:{args.reach_port} from the controller: {refused}" if refused else None
    return None


def resumed(attempt: Attempt, job: Job) -> Steps:
    """The dependants' command, tried again with jittered exponential back-off."""
    trouble = None
    for attempt_number in range(RESUME_TRIES if attempt.args.resume else 0):
        trouble = yield from hook(attempt, attempt.args.resume or "")
        if trouble is None:
            attempt.tell("dependants resumed")
            break
        if attempt_number + 1 < RESUME_TRIES:
            yield Sleep(Backoff().delay_s(attempt_number, chance(attempt.ctx.host, attempt.topic, attempt_number)))
    if trouble:
        return failure(
            f"{job.target} is up, but its dependants did not resume: {trouble}", story=attempt.story, **job.as_data()
        )
    return job


def proven(attempt: Attempt, old_pid: int | None, job: Job, expected_runs: int | None) -> Steps:
    """From the order to the proof: a new process, that stays, listens, is ready; then the dependants."""
    now = yield from risen(attempt, old_pid, job)
    if isinstance(now, Result):
        return now
    now = yield from stayed(attempt, now, expected_runs)
    for stage in (listening, ready, resumed):
        if isinstance(now, Result):
            return now
        now = yield from stage(attempt, now)
    return now


def alone(attempt: Attempt, job: Job) -> Generator[Request, Any, Result | None]:
    """None where nobody else is starting the job right now; a second look a second later would show it."""
    if attempt.args.force or job.runs is None:
        return None
    yield Sleep(1.0)
    now = yield from look(attempt.aim)
    if isinstance(now, Result):
        return now
    if now.runs is None or now.runs <= job.runs:
        return None
    why = f"within a second it was started {now.runs - job.runs} times by somebody else (KeepAlive, another tool)"
    return failure(f"{job.target} was not restarted: {why}; `force: true` restarts it all the same", **now.as_data())


def drained(attempt: Attempt) -> Generator[Request, Any, Result | None]:
    """The drain hook; a failed result where it did not succeed, with nothing restarted."""
    if attempt.args.drain is None:
        return None
    trouble = yield from hook(attempt, attempt.args.drain)
    if trouble:
        return failure(f"not restarted: the drain command failed: {trouble}", story=attempt.story)
    attempt.tell("drained")
    return None


def restart(attempt: Attempt, before: Job, *, reload: bool) -> Steps:
    """The whole machine for a job that is loaded; ``reload``: launchd must read the changed plist."""
    for gate in (alone(attempt, before), admitted(attempt, before), drained(attempt)):
        refused = yield from gate
        if refused:
            return refused
    if not reload:
        now = yield from kicked(attempt, before)
        if isinstance(now, Result):
            return now
        return (yield from proven(attempt, before.pid, now, None if before.runs is None else before.runs + 1))
    now = yield from gone(attempt, before)
    if not isinstance(now, Result):
        now = yield from loaded(attempt, now)
    return now if isinstance(now, Result) else (yield from started(attempt, now, before.pid))


def started(attempt: Attempt, job: Job, old_pid: int | None = None) -> Steps:
    """A loaded job runs: RunAtLoad has started it, else one plain ``kickstart`` does; then the proof."""
    now, waited_s = job, 0.0
    while now.pid is None and waited_s < 2.0 and now.on_demand_count in (0, None):
        yield Sleep(POLL_S)
        waited_s += POLL_S
        seen = yield from look(attempt.aim)
        if isinstance(seen, Result):
            return seen
        now = seen
    if now.pid is None:
        done = yield from order(attempt, "kickstart", "launchctl-kickstart", now)
        if isinstance(done, Result):
            return done
        now, trouble = done
        if trouble:
            return attempt.down(now, trouble)
    return (yield from proven(attempt, old_pid, now, None))
