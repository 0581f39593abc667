"""A fleet that stays in the background, for `orch sim up`, `down` and `list`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestrator.sim.fleet import Front
from orchestrator.sim.identity import Identity, is_alive
from orchestrator.sim.mac import SimMac
from orchestrator.sim.sweep import sweep

_START_LIMIT_S = 60.0
_PRODUCT_LIMIT_S = 300.0
_STOP_LIMIT_S = 20.0
_KEEPER = Path(__file__).with_name("keeper.py")


@dataclass(frozen=True)
class Background:
    """A running fleet: where it lies, its inventory as plain data, and when it ends by itself (Unix time)."""

    root: Path
    front: str
    inventory: dict[str, Any]
    ends_at_s: float
    pids: tuple[int, ...]


class FleetError(Exception):
    """A background fleet that cannot be started or ended; the text says why and what to do."""


def up(root: Path, macs: Sequence[SimMac], front: Front = "embedded", max_age_s: float = 4 * 3600.0) -> Background:
    """Start a fleet below `root` and return once it is reachable; a fleet that runs there already is returned."""
    root = root.resolve()
    running = status(root)
    if running:
        return running
    root.mkdir(parents=True, exist_ok=True)
    (root / "fleet.json").unlink(missing_ok=True)
    request = {"macs": [asdict(mac) for mac in macs], "front": front, "max_age_s": max_age_s}
    (root / "request.json").write_text(json.dumps(request, indent=1))
    with (root / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, str(_KEEPER), str(root)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    limit_s = _PRODUCT_LIMIT_S if any(mac.openclaw for mac in macs) else _START_LIMIT_S
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s and keeper.poll() is None:
        if found := status(root):
            keeper.returncode = 0  # it outlives this process on purpose; Popen shall not complain
            return found
        time.sleep(0.05)
    if keeper.poll() is None:
        keeper.terminate()
        keeper.wait(_STOP_LIMIT_S)
    said = (root / "keeper.log").read_text(errors="replace").strip()[-2000:]
    raise FleetError(f"the simulated Macs did not start: {said or 'no word from them'}\nhint: see {root}/keeper.log")


def status(root: Path) -> Background | None:
    """The fleet that runs below `root`, or None."""
    root = root.resolve()
    state = _state(root)
    if state is None or not is_alive(state["keeper"]):
        return None
    identities = [state["keeper"], *state["launchds"].values()]
    pids = tuple(identity["pid"] for identity in identities)
    return Background(root, state["front"], state["inventory"], state["ends_at_s"], pids)


def down(root: Path) -> bool:
    """End the fleet below `root`; False where none runs. Only processes whose identity is recorded are ended."""
    root = root.resolve()
    state = _state(root)
    if state is None:
        return False
    identities: list[Identity] = [state["keeper"], *state["launchds"].values()]
    alive = [identity for identity in identities if is_alive(identity)]
    # The keeper ends its Macs itself; a Mac whose keeper was killed has ended already, or is told here.
    for number, limit_s in ((signal.SIGTERM, _STOP_LIMIT_S), (signal.SIGKILL, 2.0)):
        targets = alive[:1] if number == signal.SIGTERM else alive
        for identity in targets:
            if is_alive(identity):
                os.kill(identity["pid"], number)
        if _gone(alive, limit_s):
            break
    else:
        raise FleetError(f"simulated Macs below {root} do not end: {[identity['pid'] for identity in alive]}")
    for name in state["launchds"]:
        sweep(root / name)
    (root / "fleet.json").unlink(missing_ok=True)
    return bool(alive)


def _gone(identities: list[Identity], limit_s: float) -> bool:
    until_s = time.monotonic() + limit_s
    while any(is_alive(identity) for identity in identities):
        if time.monotonic() > until_s:
            return False
        time.sleep(0.05)
    return True


def _state(root: Path) -> dict[str, Any] | None:
    try:
        value: dict[str, Any] = json.loads((root / "fleet.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return value
