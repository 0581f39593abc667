"""The restart of one job as a machine: budget, drain, one order, a new process that stays and listens, resume.

It ends in one of two ways: up and proven, or down and said so with the command that recovers it. A success exit of
launchctl proves nothing (launchd took the order); what counts is the process. Sources: docs/reference, "launchd".
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from orchestrator.model.program import Recall, Remember, Request, Sleep
from orchestrator.model.restart import Past, Word, chance, settle_s
from orchestrator.model.results import Result, failure
from orchestrator.modules.macos.launchd_attempt import HOST_TOPIC, Attempt, Steps, hook, order
from orchestrator.modules.macos.launchd_job import Job, look
from orchestrator.modules.macos.launchd_proof import proven
from orchestrator.modules.macos.launchd_watch import POLL_S

BOOTSTRAP_TRIES = 6


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
        if not counted:
            break
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


def kicked(attempt: Attempt, job: Job) -> Steps:
    """One ``kickstart -k``: kill and start as a single request, so that the service is never without its job."""
    done = yield from order(attempt, "kickstart-k", "launchctl-kickstart", job)
    if isinstance(done, Result):
        return done
    after, trouble = done
    is_lost = after.loaded or after.domain_exists is False
    return attempt.down(after, trouble) if trouble and is_lost else after


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
        if now.loaded:
            return (yield from proven(attempt, before.pid, now, before.runs))
        attempt.tell("recovery: somebody took the job away meanwhile; it is loaded again")
    else:
        now = yield from gone(attempt, before)
    if not isinstance(now, Result):
        now = yield from loaded(attempt, now)
    return now if isinstance(now, Result) else (yield from started(attempt, now, before.pid, fresh=True))


def started(attempt: Attempt, job: Job, old_pid: int | None = None, *, fresh: bool) -> Steps:
    """A loaded job runs: RunAtLoad has started it, else one plain ``kickstart`` does; then the proof.

    ``fresh``: it was loaded just now, so each start that launchd counts is new. One that has ended already is no reason
    to start it again: what launchd does with it is watched like any other.
    """
    base_runs = 0 if fresh and job.runs is not None else job.runs
    now, waited_s = job, 0.0
    while not _begun(now, fresh) and waited_s < 2.0 and now.on_demand_count in (0, None):
        yield Sleep(POLL_S)
        waited_s += POLL_S
        seen = yield from look(attempt.aim)
        if isinstance(seen, Result):
            return seen
        now = seen
    if not _begun(now, fresh):
        done = yield from order(attempt, "kickstart", "launchctl-kickstart", now)
        if isinstance(done, Result):
            return done
        now, trouble = done
        if trouble:
            return attempt.down(now, trouble)
    return (yield from proven(attempt, old_pid, now, base_runs))


def _begun(job: Job, fresh: bool) -> bool:
    return job.pid is not None or job.is_respawning or (fresh and bool(job.runs))
