"""Ends what still runs on a simulated Mac: exactly the processes that carry its mark."""

from __future__ import annotations

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
    number = signal.SIGTERM
    while (left := processes(mac)) and time.monotonic() - started_s < _LIMIT_S:
        for process in left:
            try:
                os.kill(process.pid, number)
            except ProcessLookupError:
                continue
        if time.monotonic() - started_s > _GRACE_S:
            number = signal.SIGKILL
        time.sleep(0.02)
