"""The launchd of one simulated Mac: its domains, its overrides, and the switches that act on it while it runs."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from orchestrator.sim.faults import Faults, read_faults
from orchestrator.sim.launchd.domain import Domain
from orchestrator.sim.launchd.plist import JobDefinition
from orchestrator.sim.sweep import sweep
from orchestrator.sim.tools.base import Mac

_JOB_LIMIT_S = 1.0
# Apple's own job behind Remote Login: loaded, and "not running" even while it serves.
_SSHD_JOB = JobDefinition(
    label="com.openssh.sshd",
    path="/System/Library/LaunchDaemons/ssh.plist",
    program="/usr/libexec/sshd-keygen-wrapper",
    argv=("sshd-keygen-wrapper",),
    stderr_path="/dev/null",
    process_type="Interactive",
)


class Launchd:
    """The domains of one Mac and the switches that act on them."""

    def __init__(self, mac_dir: Path) -> None:
        self._dir = mac_dir
        self._mac = Mac(str(mac_dir))
        self.uid = int(self._mac.facts["uid"])
        self.major = self._mac.major
        self.asid = int(self._mac.facts["asid"])
        self.domains: dict[str, Domain] = {}
        self._faults = Faults()
        self._faults_stamp = 0

    def start(self) -> None:
        """Boot: system and user domains, then the console login unless nobody is to be logged in."""
        self._read_faults()
        system = self._domain("system", "System", 0)
        system.add(_SSHD_JOB)
        system.load_folder(self._dir / "Library" / "LaunchDaemons")
        self._domain(f"user/{self.uid}", "Background", self.uid)
        if not self._faults.no_gui:
            self._log_in()

    async def refresh(self) -> None:
        """Act on faults that were switched since the last look."""
        if not self._read_faults():
            return
        gui = self.domains.get(f"gui/{self.uid}")
        if self._faults.no_gui and gui:
            del self.domains[gui.name]
            await gui.shut_down(_JOB_LIMIT_S)
        elif not self._faults.no_gui and not gui:
            self._log_in()
        elif gui:
            gui.unpend()

    async def stop(self) -> None:
        """End every job, then whatever else still carries this Mac's mark."""
        await asyncio.gather(*(domain.shut_down(_JOB_LIMIT_S) for domain in self.domains.values()))
        await asyncio.to_thread(sweep, self._dir)

    def overrides(self, domain: str) -> dict[str, bool]:
        """Labels enabled or disabled by hand: True is disabled. gui and user share theirs, as on a Mac."""
        found: dict[str, bool] = self._mac.read("overrides").get(domain.rpartition("/")[2], {})
        return found

    def set_override(self, domain: str, label: str, disabled: bool) -> None:
        with self._mac.change("overrides") as state:
            state.setdefault(domain.rpartition("/")[2], {})[label] = disabled

    def _domain(self, name: str, session: str, uid: int) -> Domain:
        def is_disabled(label: str) -> bool:
            return self.overrides(name).get(label, False)

        environment = self._environment(session, uid)
        self.domains[name] = Domain(name, session, environment, lambda: self._faults, is_disabled, self._log)
        return self.domains[name]

    def _log_in(self) -> None:
        gui = self._domain(f"gui/{self.uid}", "Aqua", self.uid)
        gui.load_folder(self._dir / "home" / "Library" / "LaunchAgents")

    def _environment(self, session: str, uid: int) -> dict[str, str]:
        user = "root" if uid == 0 else str(self._mac.facts["user"])
        return {
            "HOME": str(self._dir / "var" / "root") if uid == 0 else self._mac.home,
            "USER": user,
            "LOGNAME": user,
            "SHELL": "/bin/sh",
            "PATH": str(self._dir / "bin"),
            "TMPDIR": f"{self._dir / 'tmp'}/",
            "SIM_MAC": str(self._dir),
            "SIM_UID": str(uid),
            "SIM_MANAGER": session,
            "SIM_SESSION": "gui" if session == "Aqua" else session.lower(),
        }

    def _read_faults(self) -> bool:
        """Read the faults if their file changed; says whether it did."""
        stamp = (self._dir / "state" / "faults.json").stat().st_mtime_ns
        if stamp == self._faults_stamp:
            return False
        self._faults_stamp = stamp
        self._faults = read_faults(self._dir)
        return True

    def _log(self, line: str) -> None:
        when = time.strftime("%Y-%m-%d %H:%M:%S")
        with (self._dir / "run" / "launchd.log").open("a", encoding="utf-8") as log:
            log.write(f"{when} {line}\n")
