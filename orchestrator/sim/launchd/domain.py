"""A launchd domain: the jobs loaded in system, gui/UID or user/UID, and how they come and go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from orchestrator.sim.faults import Faults
from orchestrator.sim.launchd.codes import LaunchError
from orchestrator.sim.launchd.job import Job, Surroundings
from orchestrator.sim.launchd.plist import JobDefinition, read_definition


class Domain:
    """The jobs of one domain. `session` is the kind of session it belongs to: System, Aqua or Background."""

    def __init__(
        self,
        name: str,
        session: str,
        environment: dict[str, str],
        faults: Callable[[], Faults],
        is_disabled: Callable[[str], bool],
        log: Callable[[str], None],
    ) -> None:
        self.name = name
        self.session = session
        self.jobs: dict[str, Job] = {}
        self._faults = faults
        self._is_disabled = is_disabled
        self._removals: dict[str, asyncio.Task[None]] = {}
        self._refuses_until_s: dict[str, float] = {}
        self._around = Surroundings(environment, self.is_on_demand_only, self._crashes, log)

    def is_on_demand_only(self) -> bool:
        return self.session == "Aqua" and self._faults().on_demand_only

    def _crashes(self, label: str) -> bool:
        return label in self._faults().crash_on_start

    def load_folder(self, folder: Path) -> None:
        """What happens at login or boot: load each plist that is well and not disabled."""
        for path in sorted(folder.glob("*.plist")):
            try:
                self.bootstrap(str(path))
            except LaunchError:
                continue

    def add(self, definition: JobDefinition) -> Job:
        """A job without the checks of bootstrap."""
        job = Job(definition, self._around)
        self.jobs[definition.label] = job
        job.load()
        return job

    def bootstrap(self, path: str) -> Job:
        """Load a plist. Nearly every cause is shown to the caller as 5, as on a real Mac."""
        try:
            definition = read_definition(path)
        except LaunchError as error:
            raise LaunchError(5) from error
        label = definition.label
        known = self.jobs.get(label)
        if known and known.is_removing:
            raise LaunchError(self._faults().bootstrap_busy_code)
        refused = time.monotonic() < self._refuses_until_s.get(label, 0)
        misplaced = self.session == "Background" and "Background" not in definition.sessions
        if known or refused or misplaced or self._is_disabled(label) or definition.disabled:
            raise LaunchError(5)
        return self.add(definition)

    def bootout(self, label: str) -> None:
        """Begin to unload; the job stays visible until its process is gone and a moment longer."""
        job = self.jobs.get(label)
        if job is None:
            raise LaunchError(3)
        if job.is_removing:
            raise LaunchError(36)
        job.begin_removal()
        self._removals[label] = asyncio.create_task(self._remove(label, job))

    async def _remove(self, label: str, job: Job) -> None:
        await job.removed()
        await asyncio.sleep(self._faults().bootout_delay_s)
        self._refuses_until_s[label] = time.monotonic() + self._faults().bootstrap_eio_s
        self.jobs.pop(label, None)
        self._removals.pop(label, None)

    async def shut_down(self, limit_s: float) -> None:
        """End every job within the limit."""
        removals = list(self._removals.values())
        for job in self.jobs.values():
            job.begin_removal(limit_s)
        await asyncio.gather(*(job.removed() for job in self.jobs.values()))
        for removal in removals:
            removal.cancel()
        await asyncio.gather(*removals, return_exceptions=True)
        self.jobs.clear()

    def unpend(self) -> None:
        """Start what was held back, once the domain is no longer on-demand-only."""
        if not self.is_on_demand_only():
            for job in self.jobs.values():
                job.unpend()
