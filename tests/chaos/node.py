"""One simulated Mac behind OpenSSH's sshd that can be harmed as machines are: killed, asleep, restarted, imaged anew,
full."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from orchestrator.sim import faults, openssh
from orchestrator.sim.fleet import HOST, SimFleet
from orchestrator.sim.mac import SimMac, session_environment
from orchestrator.sim.sweep import sweep
from tests.contract.sshd import make_key, wait_until_it_listens

CANARY = "hidden-Sesame-4711"
"""The password of the Mac's user: it goes over the line, and may be in no file, output, argument or environment."""
GATE = """\
#!/bin/sh
# gate PHASE: in the wanted phase, the first who comes says so and waits until the fault has struck
cd {gates} || exit 0
[ -e "want.$1" ] || exit 0
mkdir "at.$1" 2>/dev/null || exit 0
n=0
until [ -e go ] || [ "$n" -gt 600 ]; do
	sleep 0.05
	n=$((n + 1))
done
exit 0
"""
LAUNCHCTL = """\
#!/bin/sh
echo "$*" >>{gates}/orders
case $1 in
bootout) {gates}/gate P14 ;;
bootstrap) {gates}/gate P16 ;;
print)
	if grep -q '^bootstrap' {gates}/orders; then {gates}/gate P17
	elif grep -q '^bootout' {gates}/orders; then {gates}/gate P15; fi ;;
esac
exec {bin}/.launchctl "$@"
"""
TOOL = '#!/bin/sh\n{gates}/gate {phase}\nexec {bin}/.{name} "$@"\n'
GATED = {"sudo": "P8", "security": "P18", "pgrep": "P19"}


@dataclass
class Node:
    """The machine: its launchd is the simulation's, its sshd is ours to harm."""

    home: Path
    loop: asyncio.AbstractEventLoop
    fleet: SimFleet
    port: int = field(default_factory=lambda: quiet_port())
    sshd: subprocess.Popen[bytes] | None = None
    rekeys: str = ""
    _ballast: list[Path] = field(default_factory=list)
    _later: list[threading.Timer] = field(default_factory=list)

    @property
    def mac(self) -> Path:
        return self.home / "macs" / "n1"

    @property
    def gates(self) -> Path:
        return self.home / "gates"

    @property
    def spools(self) -> Path:
        return self.home / "spools"

    @property
    def user(self) -> str:
        return openssh.login_user()

    @property
    def host_key(self) -> Path:
        return self.home / "host_key"

    @property
    def allowed(self) -> Path:
        return self.mac / "home/.ssh/authorized_keys"

    # ---- its life ----------------------------------------------------------------------------------------

    def lay(self) -> None:
        """Gates in front of the tools whose use marks a phase."""
        for folder in (self.gates, self.spools):
            folder.mkdir(parents=True)
        self._write(self.gates / "gate", GATE.format(gates=self.gates))
        tools = self.mac / "bin"
        for name in ("launchctl", *GATED):
            (tools / name).rename(tools / f".{name}")
        self._write(tools / "launchctl", LAUNCHCTL.format(gates=self.gates, bin=tools))
        for name, phase in GATED.items():
            self._write(tools / name, TOOL.format(gates=self.gates, phase=phase, bin=tools, name=name))
        make_key(self.host_key)
        make_key(self.home / "stranger_key")
        self.key_line = self.allowed.read_text()

    @staticmethod
    def _write(path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def serve(self, host_key: Path | None = None) -> None:
        """Start sshd on the node's port."""
        node = self.fleet["n1"]
        config = openssh.write_config(node.mac, node.dir, HOST, self.port, host_key or self.host_key)
        more = f"\nMaxStartups 100\nLogLevel {'DEBUG1' if self.rekeys else 'ERROR'}\n{self.rekeys}\n"
        config.write_text(config.read_text() + more)
        command = [openssh.SSHD, "-D", "-e", "-f", str(config)]
        with (self.home / "sshd.log").open("ab") as log:
            self.sshd = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until_it_listens(self.port, self.sshd)
        assert self.sshd.poll() is None, "another sshd has the port"

    def _family(self) -> list[psutil.Process]:
        """sshd, its sessions, their shells and what these run."""
        assert self.sshd is not None
        with suppress(psutil.NoSuchProcess):
            top = psutil.Process(self.sshd.pid)
            return [top, *top.children(recursive=True)]
        return []

    def kill_sshd(self) -> None:
        """Listener and sessions; shells live on, as orphans that meet closed pipes."""
        for each in self._family():
            with suppress(psutil.NoSuchProcess):
                if each.name() == "sshd":
                    each.kill()
        if self.sshd is not None:
            self.sshd.wait(10)

    # ---- harms -------------------------------------------------------------------------------------------

    def restart_sshd(self, host_key: Path | None = None) -> None:
        self.kill_sshd()
        self.serve(host_key)

    def sleep(self, seconds: float) -> None:
        """All its processes stand still; they wake by themselves."""
        stopped = self._family()
        for each in stopped:
            with suppress(psutil.NoSuchProcess):
                each.suspend()
        self.later(seconds, lambda: [_wake(each) for each in stopped])

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        """What comes by itself after a while."""
        timer = threading.Timer(seconds, what)
        self._later.append(timer)
        timer.start()

    def reboot(self) -> None:
        """Everything that runs on it ends, /tmp is emptied, launchd and sshd come again."""
        family = self._family()
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        assert self.sshd is not None
        self.sshd.wait(10)
        asyncio.run_coroutine_threadsafe(self.fleet.reboot("n1"), self.loop).result(60)
        self.wipe()
        self.serve()

    def wipe(self) -> None:
        for spool in self.spools.iterdir():
            shutil.rmtree(spool, ignore_errors=True)

    def set_clock(self, skew_s: float) -> None:
        faults.switch(self.mac, clock_skew_s=skew_s)

    def fill(self) -> None:
        self._ballast.append(fill(self.spools))

    def heal(self) -> None:
        """As before all harms, and nothing to come."""
        for timer in self._later:
            timer.join(20)
        self._later.clear()
        self.allowed.write_text(self.key_line)
        for ballast in self._ballast:
            ballast.unlink(missing_ok=True)
        self._ballast.clear()
        if self.sshd is None or self.sshd.poll() is not None or self.is_strange:
            self.is_strange = False
            self.restart_sshd()

    is_strange: bool = False

    def load_gateway(self) -> None:
        """The service that restarts are about is there, whatever an earlier cell did to it."""
        node = self.fleet["n1"]
        order = [str(self.mac / "bin/.launchctl"), "bootstrap", f"gui/{node.mac.uid}", str(node.dir.gateway_plist)]
        environment = {**session_environment(node.mac, node.dir), "SIM_SESSION": "before"}
        subprocess.run(order, env=environment, capture_output=True, timeout=20, check=False)

    def reimage(self) -> None:
        """Another machine answers at its address."""
        self.is_strange = True
        self.restart_sshd(self.home / "stranger_key")

    # ---- what is left ------------------------------------------------------------------------------------

    def shells(self) -> list[str]:
        """Processes of sessions of ours that are on the node."""
        mark, found = f"SIM_MAC={self.mac}".encode(), []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            with suppress(OSError):
                words = Path("/proc", entry, "cmdline").read_bytes()
                if b"orch." in words and mark in Path("/proc", entry, "environ").read_bytes():
                    found.append(words.replace(b"\0", b" ").decode(errors="replace"))
        return found

    def is_clean(self, limit_s: float = 5.0) -> str | None:
        """None where no shell and no file of ours is left; they have a moment to go."""
        deadline = time.monotonic() + limit_s
        while (left := [*self.shells(), *(path.name for path in self.spools.glob(".orch-*"))]) and (
            time.monotonic() < deadline
        ):
            time.sleep(0.05)
        return f"left on the node: {left}" if left else None

    def end_shells(self) -> None:
        """What a cell that failed has left must not harm the next."""
        sweep_shells = [each for each in self._family() if each.name() != "sshd"]
        for each in sweep_shells:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self.wipe()


def quiet_port() -> int:
    """A free port that the system gives to nobody by itself, so that it is still free when sshd comes back."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


def _wake(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.resume()


def fill(directory: Path) -> Path:
    """A file that takes all the room there is on a directory's (small) file system."""
    ballast = directory / "ballast"
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
    return ballast


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A file system of its own, of that size; needs root."""
    place.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(place)]
    subprocess.run(mount, check=True, timeout=20)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True, timeout=20)


@contextmanager
def running_node(home: Path) -> Iterator[Node]:
    """A node that is up, ended with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    fleet = SimFleet(home / "macs", [SimMac("n1", password=CANARY, gateway_throttle_s=1)], max_age_s=7200)
    asyncio.run_coroutine_threadsafe(fleet.__aenter__(), loop).result(60)
    node = Node(home, loop, fleet)
    try:
        node.lay()
        with small_disk(node.spools, "4m"):
            node.serve()
            try:
                yield node
            finally:
                for each in node._family():
                    with suppress(psutil.NoSuchProcess):
                        each.send_signal(signal.SIGKILL)
                if node.sshd is not None:
                    node.sshd.wait(10)
    finally:
        asyncio.run_coroutine_threadsafe(fleet.__aexit__(None, None, None), loop).result(60)
        sweep(home / "macs" / "n1")
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
