"""Processes, looked at now and then: the CPU seconds and the peak of memory of each, also of those that end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import psutil


class Watch:
    """``workers`` are processes that were there before and are counted from now on."""

    def __init__(self, workers: Iterable[int] = ()) -> None:
        self._workers = [psutil.Process(pid) for pid in workers]
        self._before = {each.pid: _cpu_s(each) for each in self._workers}
        self._now = dict(self._before)
        self._peak_mb: dict[int, float] = {}
        self._engine: psutil.Process | None = None

    def follow(self, pid: int) -> None:
        """Look at the memory of this process and of its children, too. Their CPU time is known when it has ended."""
        self._engine = psutil.Process(pid)

    def look(self) -> None:
        for each in self._workers:
            try:
                self._now[each.pid] = _cpu_s(each)
            except psutil.NoSuchProcess:
                continue
        for each in [*self._workers, *self._family()]:
            try:
                self._peak_mb[each.pid] = max(self._peak_mb.get(each.pid, 0.0), _peak_mb(each))
            except (psutil.NoSuchProcess, OSError):
                continue

    def _family(self) -> list[psutil.Process]:
        """The engine, and the workers it started."""
        try:
            return [self._engine, *self._engine.children()] if self._engine is not None else []
        except psutil.NoSuchProcess:
            return []

    @property
    def cpu_s(self) -> float:
        """CPU seconds of the workers."""
        return sum(self._now.values()) - sum(self._before.values())

    @property
    def peak_mb(self) -> float:
        """The sum of all peaks, whenever each was."""
        return sum(self._peak_mb.values())


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _peak_mb(process: psutil.Process) -> float:
    """Where the system tells it (Linux), the peak so far, else the memory of the moment."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return float(process.memory_info().rss / 2**20)
    lines = (line.split() for line in status.read_text().splitlines())
    return next((int(line[1]) / 1024 for line in lines if line[0] == "VmHWM:"), 0.0)
