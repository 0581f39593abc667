"""The wait for a started job: until a new process stays, or until it is plain that none will.

A process that ends early is not met with another restart: a port or a lock that the old one still holds heals by
launchd's own respawns. So we only look, say that it is a storm as soon as it shows, and give up at a limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestrator.model.program import Sleep
from orchestrator.model.restart import THROTTLE_S, Storm, observation_s
from orchestrator.modules.macos.launchd_attempt import Attempt, Steps
from orchestrator.modules.macos.launchd_job import Job, look

POLL_S = 0.5
ENDED_BY_OTHERS = {"Terminated", "Killed"}


@dataclass(slots=True)
class Watch:
    """What was seen since the order. Times are seconds since then; ``base_runs``: starts before ours, None: unknown."""

    old_pid: int | None
    base_runs: int | None
    waited_s: float = 0.0
    pid: int | None = None
    since_s: float = 0.0
    died_s: float | None = None
    storm_s: float | None = None
    foreign: bool = False
    pids: set[int] = field(default_factory=set)

    def starts(self, job: Job) -> int:
        """How often it was started since: launchd's own count, or at least the processes that were seen."""
        counted = 0 if job.runs is None or self.base_runs is None else job.runs - self.base_runs
        return max(counted, len(self.pids))

    def take(self, job: Job, attempt: Attempt) -> None:
        """One look."""
        fresh = job.pid if job.pid != self.old_pid else None
        if self.pid is not None and fresh != self.pid:
            attempt.tell(f"process {self.pid} did not stay: {job.ending()}")
            self._died(job)
        if fresh is not None and fresh != self.pid:
            attempt.tell(f"new process {fresh} after {self.waited_s:g} s")
            self.pids.add(fresh)
            self.since_s = self.waited_s
        self.pid = fresh
        if self.starts(job) > 1 or (self.starts(job) == 1 and job.pid is None):
            self._died(job)
        storm = Storm()
        if self.storm_s is None and self.starts(job) >= storm.starts and self.waited_s <= storm.within_s:
            self.storm_s = self.waited_s
            attempt.tell(f"a storm: {self.starts(job)} starts in {self.waited_s:g} s; nobody restarts it but launchd")

    def _died(self, job: Job) -> None:
        self.died_s = self.waited_s if self.died_s is None else self.died_s
        killed = job.fields.get("last_terminating_signal")
        self.foreign = self.foreign or bool(self.starts(job) > 1 and killed and killed["name"] in ENDED_BY_OTHERS)

    def limit_s(self, job: Job, patience_s: float) -> float:
        """When to give up: while nothing came, after all that launchd may take; after a first death, patience more."""
        throttle_s = THROTTLE_S if job.throttle_s is None else job.throttle_s
        if self.died_s is not None:
            return self.died_s + max(patience_s, throttle_s + 5.0)
        return (job.exit_timeout_s or 5.0) + throttle_s + 10.0

    def is_over(self, limit_s: float) -> bool:
        """A process that came before the limit may still prove itself; one that came later does not begin anew."""
        return self.waited_s >= limit_s and (self.pid is None or self.since_s >= limit_s)


def lasting(attempt: Attempt, old_pid: int | None, job: Job, base_runs: int | None) -> Steps:
    """The job once a process other than ``old_pid`` has stayed for the observation window."""
    args = attempt.args
    window_s = args.observe_s if args.observe_s is not None else observation_s(job.throttle_s)
    watch, now, step_s = Watch(old_pid, base_runs), job, min(max(window_s / 8, 0.25), 2.0)
    while True:
        watch.take(now, attempt)
        attempt.starts, attempt.storm_after_s = watch.starts(now), watch.storm_s
        if watch.pid is not None and watch.waited_s - watch.since_s >= window_s:
            break
        if watch.is_over(watch.limit_s(now, args.ready_s)):
            return attempt.down(now, _given_up(watch, now))
        pause_s = POLL_S if watch.pid is None else min(step_s, max(watch.since_s + window_s - watch.waited_s, 0.05))
        yield Sleep(pause_s)
        watch.waited_s += pause_s
        seen = yield from look(attempt.aim)
        if not isinstance(seen, Job):
            return seen
        now = seen
    if watch.foreign:
        others = watch.starts(now) - 1
        why = f"started {others} times more than we asked: somebody else restarts it too"
        return attempt.down(now, why, foreign=others)
    attempt.tell(f"process {now.pid} stayed {window_s:g} s")
    return now


def _given_up(watch: Watch, job: Job) -> str:
    starts = watch.starts(job)
    if job.pid is not None and not watch.pids:
        return f"no new process within {watch.waited_s:g} s: the old process is still there"
    if starts:
        times = "once" if starts == 1 else f"{starts} times"
        loop = "a crash loop" if starts >= Storm().starts else "it does not stay"
        return f"started {times} in {watch.waited_s:g} s and no process stayed: {loop}"
    return f"no new process within {watch.waited_s:g} s: launchd shows state {job.fields.get('state')!r}"
