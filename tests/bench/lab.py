"""The laboratory: one sshd, any number of hosts in front of it, and tools run against them over a line with delay."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orchestrator
from tests.bench.line import Line, line
from tests.contract.sshd import Sshd, start_sshd

WORKLOADS = Path(__file__).with_name("workloads")
BLOB_BYTES = 100_000
SERVER = "MaxStartups 2000\nMaxSessions 100\nSubsystem sftp internal-sftp"
LIMIT_S = 580
SESSION = "Starting session: "


@dataclass(frozen=True)
class Cost:
    """What one run of a tool took. ``cpu_s``: user and system time of the tool and the children it waited for;
    ``flights`` of the connection that had most; ``channels`` are commands, shells and subsystems that sshd began."""

    status: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    flights: int
    connections: int
    up_kb: int
    down_kb: int
    channels: int
    output: str


@dataclass(frozen=True)
class Lab:
    """A running sshd, and the files a tool needs to reach it."""

    home: Path
    sshd: Sshd

    def variables(self, port: int, addresses: Sequence[str] = ("127.0.0.1",)) -> dict[str, str]:
        """What every host has, by Ansible's names; writes the file of known hosts."""
        known = self.home / "known_hosts"
        key = self.sshd.known_hosts.read_text().split(" ", 1)[1]
        known.write_text("".join(f"[{address}]:{port} {key}" for address in addresses))
        return {
            "ansible_port": str(port),
            "ansible_user": self.sshd.user,
            "ansible_ssh_private_key_file": self.sshd.key_file,
            "ansible_ssh_common_args": f"'-o UserKnownHostsFile={known}'",
            "ansible_python_interpreter": sys.executable,
            "bench_home": str(self.home / "nodes"),
            "bench_blob": str(self.home / "blob"),
            "bench_big": str(self.home / "big"),
            "bench_blob_sha1": hashlib.sha1((self.home / "blob").read_bytes()).hexdigest(),
        }

    def inventory(self, hosts: int, port: int, addresses: Sequence[str] = ("127.0.0.1",), **more: str) -> Path:
        """An inventory of that many names for the one server behind ``port``; they take turns at ``addresses``."""
        path = self.home / "hosts.ini"
        names = [f"h{number + 1} ansible_host={addresses[number % len(addresses)]}" for number in range(hosts)]
        shared = [f"{name}={value}" for name, value in {**self.variables(port, addresses), **more}.items()]
        path.write_text("\n".join([*names, "[all:vars]", *shared, ""]))
        return path

    def wipe(self) -> None:
        """Nodes as new."""
        shutil.rmtree(self.home / "nodes", ignore_errors=True)
        (self.home / "nodes").mkdir()

    def run(self, tool: Sequence[str], workload: str, hosts: int, rtt_s: float, **more: str) -> Cost:
        """Run ``tool`` (a command that takes ansible-playbook's words) on a workload."""
        playbook = WORKLOADS / workload
        with line(self.sshd.port, rtt_s) as between:
            inventory = self.inventory(hosts, between.port, **more)
            return self.cost([*tool, str(playbook), "-i", str(inventory), "--forks", str(max(50, hosts))], between)

    def cost(
        self,
        command: Sequence[str],
        between: Line,
        environment: Mapping[str, str] | None = None,
        limit_s: float = LIMIT_S,
        on_start: Callable[[int], object] = id,
    ) -> Cost:
        """Run ``command`` to its end, after ``limit_s`` to a violent one, and say what it took. ``on_start`` is told
        its process id."""
        log, sessions = self.home / "tool.log", self._sessions()
        began = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.home,
                env={**self.environment(), **(environment or {})},
            )
            limit = threading.Timer(limit_s, process.kill)
            limit.start()
            on_start(process.pid)
            _, waited, usage = os.wait4(process.pid, 0)
            limit.cancel()
        process.returncode = os.waitstatus_to_exitcode(waited)
        return Cost(
            status=process.returncode,
            wall_s=round(time.monotonic() - began, 2),
            cpu_s=round(usage.ru_utime + usage.ru_stime, 3),
            peak_mb=round(usage.ru_maxrss / 1024, 1),
            flights=between.flights,
            connections=len(between.counts),
            up_kb=round(between.up_bytes / 1024),
            down_kb=round(between.down_bytes / 1024),
            channels=self._sessions() - sessions,
            output=log.read_text(errors="replace"),
        )

    def _sessions(self) -> int:
        return (self.sshd.home / "sshd.log").read_text(errors="replace").count(SESSION)

    def environment(self) -> Mapping[str, str]:
        """The tool's environment: nothing of the user's configuration, state in the laboratory."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHONDONT"))},
            "HOME": str(self.home),
            "ORCH_HOME": str(self.home / "state"),
            "SSH_AUTH_SOCK": "",
            "NO_COLOR": "1",
            "ANSIBLE_PIPELINING": "1",
        }


def compiled() -> None:
    """Have our modules compiled, as an installed package's are: the first start is no measurement."""
    code = str(Path(orchestrator.__file__).parent)
    subprocess.run([sys.executable, "-m", "compileall", "-q", code], check=True, timeout=120)


@contextmanager
def lab(home: Path) -> Iterator[Lab]:
    """A laboratory in the directory ``home``."""
    # -r: a connection is a fork of the server, not a new start of it. That is a fifth of what a node costs here.
    sshd = start_sshd(home / "sshd", SERVER, log_level="VERBOSE", words=("-r",))
    (home / "blob").write_bytes(bytes(range(250)) * (BLOB_BYTES // 250))
    made = Lab(home, sshd)
    made.wipe()
    try:
        yield made
    finally:
        sshd.end()


ORCH = (sys.executable, "-m", "orchestrator", "run")
ANSIBLE = (str(Path(sys.executable).with_name("ansible-playbook")),)
