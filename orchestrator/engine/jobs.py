"""Tasks with ``async``: each runs on the node apart from its task, and is looked at until it has ended.

Beginning is a program like any other: under its claim the node starts the job once. Looking is another. So a job holds
neither the host's shell nor a fork while it works, and one that is left alone (``poll: 0``) outlives the run.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from orchestrator.model.errors import HostError, LimitExceeded, OutcomeUnknown
from orchestrator.model.program import Reply, Run, Script, bare
from orchestrator.model.results import Result

Exchange = Callable[[Run], Awaitable[Reply]]
"""Hands a program to the node under a key of its own."""

SCRIPT = Script("job", bare(Path(__file__).with_name("job.sh").read_text(encoding="utf-8")))
SLOWEST_LOOK_S = 2.0
LAST_LOOK_S = 5.0


@dataclass(slots=True, eq=False)
class Job:
    """One task at work in the background. ``jid`` names it; ``limit_s`` is how long it may take."""

    jid: str
    limit_s: float
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _work: asyncio.Task[Result] | None = None
    _programs: int = 0
    _stop: Callable[[], Awaitable[object]] | None = None

    def work(self, drive: Callable[[], Awaitable[Result]]) -> None:
        """Begin ``drive``, which runs the module."""
        self._work = asyncio.create_task(self._bounded(drive))

    async def _bounded(self, drive: Callable[[], Awaitable[Result]]) -> Result:
        try:
            async with asyncio.timeout(self.limit_s):
                return await drive()
        except TimeoutError:
            if self._stop is not None:
                await self._stop()
            message = f"async task did not complete within the requested time - {self.limit_s:g}s"
            raise LimitExceeded(message, hint="give it more time with `async`") from None
        finally:
            self.has_begun.set()

    async def run(self, program: Run, exchange: Exchange) -> Reply:
        """Begin ``program`` on the node, and its reply once it has ended."""
        self._programs += 1
        values = {"job_name": f"{self.jid}.{self._programs}", "job_main": program.main}
        begin = replace(
            program, main="job_begin", scripts=(*program.scripts, SCRIPT), values={**program.values, **values}
        )
        await exchange(begin)
        self.has_begun.set()
        look = Run(
            main="job_look", scripts=(SCRIPT,), values=values, repeatable=True, output_bytes=program.output_bytes
        )
        self._stop = lambda: exchange(replace(look, main="job_stop"))
        pause_s = 0.05
        while (state := (reply := await exchange(look)).first("job")) is not None:
            if state != "running":
                raise OutcomeUnknown("the job ended without a result: it was killed, or the node restarted")
            if await self._is_let_go(pause_s):
                raise asyncio.CancelledError
            pause_s = min(pause_s * 1.5, SLOWEST_LOOK_S)
        return reply

    async def _is_let_go(self, pause_s: float) -> bool:
        """Wait ``pause_s``, or until nobody looks any more: then True."""
        try:
            async with asyncio.timeout(pause_s):
                return await self._over.wait()
        except TimeoutError:
            return False

    async def begun(self) -> Result:
        """What the task came to when it only had to begin the job (``poll: 0``)."""
        await self.has_begun.wait()
        if self._work is not None and self._work.done() and (error := self._work.exception()) is not None:
            raise error
        return Result(changed=True, data=self._told(is_finished=False))

    async def ended(self) -> Result:
        """The job's own result, when it has ended. Raises HostError."""
        assert self._work is not None
        return self._finished(await asyncio.shield(self._work))

    def status(self) -> Result:
        """The job's result as far as it is known: what ``async_status`` tells."""
        if self._work is None or not self._work.done():
            return Result(data={**_no_output(), **self._told(is_finished=False)})
        error = self._work.exception()
        if isinstance(error, HostError):
            return self._finished(Result(failed=True, msg=error.message))
        return self._finished(self._work.result())

    def _finished(self, result: Result) -> Result:
        return result.but(data={**_no_output(), **result.data, **self._told(is_finished=True)})

    def _told(self, *, is_finished: bool) -> dict[str, object]:
        kept = f"~/.ansible_async/{self.jid}"  # nothing is there: playbooks only hand it on
        return {"ansible_job_id": self.jid, "started": True, "finished": is_finished, "results_file": kept}

    async def let_go(self) -> None:
        """Look no longer; a job that is still at work goes on without us. A look under way is finished, so that
        nothing is owed to the node."""
        self._over.set()
        if self._work is not None:
            await asyncio.wait({self._work}, timeout=LAST_LOOK_S)
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)


def _no_output() -> dict[str, object]:
    """What each look at a job tells at least."""
    return {"stdout": "", "stdout_lines": [], "stderr": "", "stderr_lines": []}


class Jobs:
    """The jobs of a run, by their names."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._jobs: dict[str, Job] = {}

    def new(self, limit_s: float, key: str) -> Job:
        """A job that has not begun; ``key`` is its task's, so that it has the same name when the run is resumed.
        Names look like Ansible's: a number, and what is a process id there."""
        digest = hashlib.sha256(f"{self._run_id} {key}".encode()).digest()
        jid = f"j{int.from_bytes(digest[:6]) % 10**12:012}.{int.from_bytes(digest[6:9]) % 10**6}"
        self._jobs[jid] = job = Job(jid, limit_s)
        return job

    def status(self, jid: str, *, forget: bool = False) -> Result | None:
        """How the job ``jid`` stands; None where there is none. ``forget``: it is asked for the last time."""
        job = self._jobs.get(jid)
        if job is None:
            return None
        if forget:
            del self._jobs[jid]
        return job.status()

    async def let_go(self) -> None:
        """The run ends: no job is looked at any more."""
        await asyncio.gather(*(job.let_go() for job in self._jobs.values()))
