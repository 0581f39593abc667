"""What can be wrong with a simulated Mac, and the switch that makes it so while it runs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.sim.wrappers import write_wrappers

SAFARI_DATA = ("Library/Safari", "Library/Containers/com.apple.Safari")


@dataclass(frozen=True)
class Faults:
    """Faults of one Mac; the defaults are a healthy Mac that was never granted Full Disk Access over SSH."""

    bootout_delay_s: float = 0.2
    """How long a label stays visible after its process has ended (bootout is asynchronous on every macOS)."""
    bootstrap_eio_s: float = 0.0
    """How long after a bootout every bootstrap of that label still answers 5."""
    bootstrap_busy_code: int = 5
    """What bootstrap answers while a bootout runs: 5 or 37, both are seen on real Macs."""
    crash_on_start: tuple[str, ...] = ()
    """Labels whose process exits with 1 at once."""
    on_demand_only: bool = False
    """The GUI domain records RunAtLoad, KeepAlive and StartInterval and obeys only kickstart."""
    no_gui: bool = False
    """Nobody is logged in at the console: there is no gui/UID domain."""
    keychain_locked: bool = False
    """The keychains are locked in the GUI session too."""
    security_hangs_s: float = 0.0
    """`security` waits this long before it answers, as with a dialog on the screen."""
    denied: tuple[str, ...] = SAFARI_DATA
    """Folders below the home that answer EPERM (privacy protection) to ls, find, rm, du, cp, mv and cat."""
    clock_skew_s: float = 0.0
    """The node's clock minus the true time."""
    sntp_timeout: bool = False
    no_space: bool = False
    """mkdir, mktemp, touch, tee, cp, mv, dd and `cat >file` answer ENOSPC. A shell's own redirection does not."""


def faults_from(stored: dict[str, Any]) -> Faults:
    """Faults from their JSON form, whose lists are tuples here."""
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return Faults(**fields)


def read_faults(mac_dir: Path) -> Faults:
    """The faults that are switched on now for the Mac laid out at `mac_dir`."""
    return faults_from(json.loads((mac_dir / "state" / "faults.json").read_text()))


def write_faults(mac_dir: Path, faults: Faults) -> None:
    """Replace the Mac's faults; tools see them at their next start, launchd within half a second."""
    path = mac_dir / "state" / "faults.json"
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(asdict(faults), indent=1))
    fresh.replace(path)
    write_wrappers(mac_dir, faults.denied, faults.no_space, faults.clock_skew_s)


def switch(mac_dir: Path, **changes: Any) -> Faults:
    """Change some faults by name, as in `switch(node.dir.root, no_gui=True)`; the new set comes back."""
    faults = replace(read_faults(mac_dir), **changes)
    write_faults(mac_dir, faults)
    return faults
