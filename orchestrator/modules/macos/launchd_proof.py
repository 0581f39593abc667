"""The proof that a started job is up: a new process that stays, listens and is ready; then its dependants resume."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from orchestrator.model.program import Reach, Request, Sleep
from orchestrator.model.restart import Backoff, chance, observation_s
from orchestrator.model.results import Result, failure
from orchestrator.modules.macos.launchd_attempt import Attempt, Steps, hook
from orchestrator.modules.macos.launchd_job import Job, look
from orchestrator.modules.macos.listeners import observe

POLL_S = 0.5
RESUME_TRIES = 3
CRASH_STARTS = 3
"""So many starts of launchd's own while we wait for one that stays, and waiting longer tells nothing new."""


def risen(attempt: Attempt, old_pid: int | None, job: Job) -> Steps:
    """Wait for a process other than ``old_pid``: as long as ExitTimeOut, ThrottleInterval and 10 s together."""
    limit_s = (job.exit_timeout_s or 5.0) + (job.throttle_s or 10.0) + 10.0
    waited_s, now = 0.0, job
    while now.pid is None or now.pid == old_pid:
        if (starts := (now.runs or 0) - (job.runs or 0)) >= CRASH_STARTS:
            return attempt.down(now, f"launchd started it {starts} times and none stayed: a crash loop")
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
