"""Ends what still runs on a simulated Mac: exactly the processes that carry its mark."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from orchestrator.sim.tools.base import Mac
from orchestrator.sim.tools.processes import processes

_GRACE_S = 0.5
_LIMIT_S = 5.0


def sweep(mac_dir: Path) -> None:
    """SIGTERM to every process of the Mac, SIGKILL to those that are left; returns when all are gone.

    On a host without /proc the processes cannot be told apart, and only launchd's own jobs end.
    """
    if not Path("/proc/self").is_dir() or not (mac_dir / "state" / "mac.json").exists():
        return
    mac = Mac(str(mac_dir))
    started_s = time.monotonic()
    told: set[tuple[int, signal.Signals]] = set()
    while (left := processes(mac)) and time.monotonic() - started_s < _LIMIT_S:
        number = signal.SIGTERM if time.monotonic() - started_s < _GRACE_S else signal.SIGKILL
        for pid in {process.pid for process in left} - {pid for pid, said in told if said == number}:
            # Once each: a second SIGTERM would cut short the clean end that the first one began.
            told.add((pid, number))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        time.sleep(0.02)
