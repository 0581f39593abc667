"""The proof that a started job is up: a new process that stays, listens and is ready; then its dependants resume."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from orchestrator.model.program import Reach, Request, Sleep
from orchestrator.model.restart import Backoff, chance
from orchestrator.model.results import Result, failure
from orchestrator.modules.macos.launchd_attempt import Attempt, Steps, hook
from orchestrator.modules.macos.launchd_job import Job
from orchestrator.modules.macos.launchd_watch import lasting
from orchestrator.modules.macos.listeners import observe

RESUME_TRIES = 3


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


def proven(attempt: Attempt, old_pid: int | None, job: Job, base_runs: int | None) -> Steps:
    """From the order to the proof: a new process, that stays, listens, is ready; then the dependants."""
    now = yield from lasting(attempt, old_pid, job, base_runs)
    for stage in (listening, ready, resumed):
        if isinstance(now, Result):
            return now
        now = yield from stage(attempt, now)
    return now
