"""
Keeps a fleet in the background: `python keeper.py ROOT` reads ROOT/request.json, starts the Macs, writes
ROOT/fleet.json, and ends everything on SIGTERM or when the fleet's time is up.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from orchestrator.sim.faults import faults_from
from orchestrator.sim.fleet import SimFleet
from orchestrator.sim.identity import identify
from orchestrator.sim.mac import SimMac
from orchestrator.sim.openclaw import OpenClaw


def _mac(description: dict[str, Any]) -> SimMac:
    """A description as `dataclasses.asdict` wrote it."""
    fields = {
        **description,
        "faults": faults_from(description["faults"]),
        "host_tools": tuple(description["host_tools"]),
        "openclaw": OpenClaw(**description["openclaw"]) if description["openclaw"] else None,
    }
    return SimMac(**fields)


async def keep(root: Path) -> None:
    """Run the fleet until it is told to end or its time is up."""
    request = json.loads((root / "request.json").read_text())
    macs = [_mac(description) for description in request["macs"]]
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    max_age_s = float(request["max_age_s"])
    async with SimFleet(root, macs, request["front"], max_age_s) as fleet:
        state = {
            "keeper": identify(),
            "front": request["front"],
            "launchds": {name: identify(pid) for name, pid in fleet.pids.items()},
            "ends_at_s": time.time() + max_age_s,
            "inventory": fleet.inventory(),
        }
        fresh = root / "fleet.json.new"
        fresh.write_text(json.dumps(state, indent=1))
        fresh.replace(root / "fleet.json")
        try:
            await asyncio.wait_for(ended.wait(), max_age_s)
        except TimeoutError:
            pass
    (root / "fleet.json").unlink(missing_ok=True)


if __name__ == "__main__":
    asyncio.run(keep(Path(sys.argv[1])))
