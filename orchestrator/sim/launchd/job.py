"""
The life of one job: started, watched, throttled, restarted, ended.

Starts are at least ThrottleInterval apart, also those a kickstart asks for; SIGKILL follows SIGTERM after ExitTimeOut;
each key of a KeepAlive dictionary is a condition of its own. Sources: launchd.plist(5), the open launchd-842.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestrator.sim.launchd.plist import JobDefinition

EX_CONFIG = 78
_CRASHES = {"SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGSYS"}


@dataclass(frozen=True)
class Ending:
    """How a run ended: an exit status, or the name of a signal."""

    status: int = 0
    signal: str | None = None

    @classmethod
    def of(cls, returncode: int) -> Ending:
        """From a return code in Python's form, negative for a signal."""
        return cls(status=returncode) if returncode >= 0 else cls(signal=signal.Signals(-returncode).name)


@dataclass(frozen=True)
class Surroundings:
    """What a job asks of the world around it."""

    environment: dict[str, str]
    on_demand_only: Callable[[], bool]
    crashes: Callable[[str], bool]
    log: Callable[[str], None]


class Job:
    """One loaded job."""

    def __init__(self, definition: JobDefinition, around: Surroundings) -> None:
        self.definition = definition
        self.runs = 0
        self.ending: Ending | None = None
        self.reason: str | None = None
        self.pended: str | None = None
        self._around = around
        self._process: asyncio.subprocess.Process | None = None
        self._started_at_s: float | None = None
        self._life: asyncio.Task[None] | None = None
        self._timer: asyncio.Task[None] | None = None
        self._killer: asyncio.Task[None] | None = None
        self._demanded = False
        self._spawned = asyncio.Event()
        self._removal = asyncio.Event()
        self._exit_limit_s = definition.exit_timeout_s

    @property
    def is_removing(self) -> bool:
        """Whether a bootout has begun."""
        return self._removal.is_set()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def state(self) -> str:
        """As `launchctl print` words it."""
        if self._process:
            return "running"
        return "spawn scheduled" if self._life and not self._life.done() else "not running"

    def load(self) -> None:
        """Do what the plist asks for at load."""
        if self.definition.starts_at_load:
            self.want("speculative")
        if self.definition.start_interval_s:
            self._timer = asyncio.create_task(self._tick(self.definition.start_interval_s))

    def want(self, reason: str, demanded: bool = False) -> None:
        """Start unless it runs or is about to; without a demand, an on-demand-only domain only remembers it."""
        if self.is_removing or self._process or self.state == "spawn scheduled":
            return
        if not demanded and self._around.on_demand_only():
            self.pended = reason
            self._around.log(f"{self.definition.label}: pending spawn, domain in on-demand-only mode: {reason}")
            return
        self.pended = None
        self._spawned.clear()
        self._life = asyncio.create_task(self._live(reason))

    def unpend(self) -> None:
        """Start what the on-demand-only mode held back."""
        if self.pended:
            self.want(self.pended)

    def kick(self, kill: bool) -> None:
        """Start on demand; with `kill`, end the running process first and start again."""
        if self._process and kill:
            self._demanded = True
            self._spawned.clear()
            self.terminate()
        else:
            self.want("non-ipc demand", demanded=True)

    async def spawned(self, timeout_s: float) -> int | None:
        """The pid of the running process, waited for; None where none came within the limit."""
        try:
            await asyncio.wait_for(self._spawned.wait(), timeout_s)
        except TimeoutError:
            return None
        return self.pid

    def signal(self, number: int) -> bool:
        """Send a signal; False where nothing runs."""
        if self._process is None:
            return False
        try:
            self._process.send_signal(number)
        except ProcessLookupError:
            return False
        return True

    def terminate(self) -> None:
        """SIGTERM now, SIGKILL after ExitTimeOut."""
        if self.signal(signal.SIGTERM) and self._process:
            self._killer = asyncio.create_task(self._kill_later(self._process, self._exit_limit_s))

    def begin_removal(self, limit_s: float | None = None) -> None:
        """End the job for good; `limit_s` shortens its ExitTimeOut."""
        if limit_s is not None:
            self._exit_limit_s = min(limit_s, self._exit_limit_s)
        self._removal.set()
        if self._timer:
            self._timer.cancel()
        # A process that is just being made is not there yet: _run ends it as soon as it is.
        self.terminate()

    async def removed(self) -> None:
        """Return once the process of a job under removal is gone."""
        if self._life:
            await asyncio.wait([self._life])

    async def _kill_later(self, process: asyncio.subprocess.Process, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        if process.returncode is None and process is self._process:
            self.signal(signal.SIGKILL)

    async def _tick(self, interval_s: float) -> None:
        while True:
            await asyncio.sleep(interval_s)
            self.want("interval")

    async def _live(self, reason: str) -> None:
        """Run, and run again for as long as the job wants to."""
        next_reason: str | None = reason
        while next_reason is not None:
            await self._throttle()
            if self.is_removing:
                return
            self.reason = next_reason
            self.ending = await self._run()
            next_reason = self._next()
            if next_reason == "inefficient" and self._around.on_demand_only():
                self.pended, next_reason = next_reason, None

    async def _throttle(self) -> None:
        if self._started_at_s is None:
            return
        lived_s = time.monotonic() - self._started_at_s
        delay_s = self.definition.throttle_interval_s - lived_s
        if delay_s > 0:
            label = self.definition.label
            self._around.log(f"{label}: Service only ran for {lived_s:.0f} seconds. "
                             f"Pushing respawn out by {delay_s:.0f} seconds.")  # fmt: skip
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._removal.wait(), delay_s)

    async def _run(self) -> Ending:
        """Start the process and see it end; a program that cannot start ends with EX_CONFIG."""
        self.runs += 1
        self._started_at_s = time.monotonic()
        self._demanded = False
        try:
            self._process = await self._spawn()
        except OSError as error:
            self._around.log(f"{self.definition.label}: cannot start: {error}")
            return Ending(status=EX_CONFIG)
        self._spawned.set()
        if self.is_removing:
            self.terminate()
        group = self._process.pid
        returncode = await self._process.wait()
        self._process = None
        if not self.definition.abandons_group:
            _kill_group(group)
        return Ending.of(returncode)

    async def _spawn(self) -> asyncio.subprocess.Process:
        definition = self.definition
        argv = list(definition.argv)
        if self._around.crashes(definition.label):
            argv = ["/bin/sh", "-c", "exit 1"]
        program = definition.program if definition.program and argv == list(definition.argv) else argv[0]
        opened = []
        try:
            opened.append(os.open(definition.stdin_path, os.O_RDONLY))
            for path in (definition.stdout_path, definition.stderr_path):
                opened.append(os.open(path or "/dev/null", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644))
            return await asyncio.create_subprocess_exec(
                *argv, executable=program, stdin=opened[0], stdout=opened[1], stderr=opened[2],
                cwd=definition.working_directory or self._around.environment.get("HOME", "/"),
                env=self._environment(), start_new_session=True,
                umask=-1 if definition.umask is None else definition.umask,
            )  # fmt: skip
        finally:
            for descriptor in opened:
                os.close(descriptor)

    def _environment(self) -> dict[str, str]:
        """The domain's, the plist's, and the Mac's tools still first in PATH."""
        base = self._around.environment
        given = self.definition.environment
        path = ":".join([base["PATH"], given["PATH"]]) if "PATH" in given else base["PATH"]
        return {**base, **given, "PATH": path, "XPC_SERVICE_NAME": self.definition.label}

    def _next(self) -> str | None:
        """Why to start again after an ending, or None."""
        if self.is_removing or self.ending is None:
            return None
        if self._demanded:
            return "non-ipc demand"
        return "inefficient" if _revives(self.definition.keep_alive, self.ending) else None


def _revives(keep_alive: bool | dict[str, object], ending: Ending) -> bool:
    if isinstance(keep_alive, bool):
        return keep_alive
    success = ending.signal is None and ending.status == 0
    crashed = ending.signal in _CRASHES
    conditions = []
    if "SuccessfulExit" in keep_alive:
        conditions.append(success == bool(keep_alive["SuccessfulExit"]))
    if "Crashed" in keep_alive:
        conditions.append(crashed if keep_alive["Crashed"] else success)
    paths = keep_alive.get("PathState")
    if isinstance(paths, dict):
        conditions += [Path(path).exists() == bool(wanted) for path, wanted in paths.items()]
    return any(conditions)


def _kill_group(group: int) -> None:
    """End what a job left behind in its process group."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
