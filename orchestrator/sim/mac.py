"""A simulated Mac: its description, where its parts lie on disk, and the environment its programs get."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.sim.faults import Faults
from orchestrator.sim.openclaw import OpenClaw
from orchestrator.sim.profiles import PROFILES, MacOS

GATEWAY_LABEL = "ai.openclaw.gateway"
# A unix socket's path may have 104 bytes on macOS and 108 on Linux, with the closing zero.
SOCKET_PATH_LIMIT = 100


@dataclass(frozen=True)
class SimMac:
    """What to simulate. `password` opens the account, sudo and the login keychain."""

    name: str
    macos: int = 26
    user: str = "admin"
    uid: int = 501
    password: str = "admin"
    passwordless_sudo: bool = False
    gateway: bool = True
    gateway_throttle_s: int = 10
    host_tools: tuple[str, ...] = ()
    """Names of further host programs to put into PATH, for example ("node",)."""
    faults: Faults = field(default_factory=Faults)
    openclaw: OpenClaw | None = None
    """The real product in the stand-in's place, as the gateway or as one of its nodes."""

    def __post_init__(self) -> None:
        if self.macos not in PROFILES:
            raise ValueError(f"no profile for macOS {self.macos}; there are {sorted(PROFILES)}")
        if not self.name.replace("-", "").replace("_", "").replace(".", "").isalnum() or self.name[0] in ".-":
            raise ValueError(f"{self.name!r} cannot name a Mac: letters, digits, dot, dash and underscore only")

    @property
    def starts_gateway(self) -> bool:
        """Whether the gateway comes up with the Mac: it is there, and no fault keeps it down."""
        faults = self.faults
        hindered = faults.no_gui or faults.on_demand_only or GATEWAY_LABEL in faults.crash_on_start
        return self.gateway and (self.openclaw is None or self.openclaw.role == "gateway") and not hindered

    @property
    def profile(self) -> MacOS:
        return PROFILES[self.macos]


@dataclass(frozen=True)
class MacDir:
    """Where one Mac lies on disk."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def socket(self) -> Path:
        """The socket of the Mac's launchd, in a short directory of its own where run/ is too deep."""
        near = self.run / "launchd.sock"
        if len(os.fsencode(near)) <= SOCKET_PATH_LIMIT:
            return near
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"sim-{os.getuid()}-{digest}" / "launchd.sock"

    @property
    def gateway_plist(self) -> Path:
        return self.home / "Library" / "LaunchAgents" / f"{GATEWAY_LABEL}.plist"

    def mark(self) -> str:
        """The value of SIM_MAC, by which the processes of this Mac are known."""
        return str(self.root)


def session_environment(mac: SimMac, where: MacDir) -> dict[str, str]:
    """The environment of a command over SSH; the front adds SIM_SESSION, which names the connection."""
    return {
        "HOME": str(where.home),
        "USER": mac.user,
        "LOGNAME": mac.user,
        "SHELL": "/bin/sh",
        "PATH": str(where.bin),
        "TMPDIR": f"{where.tmp}/",
        "SIM_MAC": where.mark(),
        "SIM_UID": str(mac.uid),
        "SIM_MANAGER": "Background",
    }
