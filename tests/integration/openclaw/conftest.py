"""One real OpenClaw gateway and three nodes, started by ``orch sim up``, for all tests of a process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import openclaw_install

HERE = Path(__file__).resolve().parents[3]
UP_LIMIT_S = 300
RUN_LIMIT_S = 400


@dataclass(frozen=True)
class Told:
    """What ``orch run --json`` told: its exit status, and the result of each task on each host, in order."""

    status: int
    events: list[dict[str, Any]]
    stderr: str

    def tasks(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Task's name, host and result, of every task that ended."""
        names = {one["task"]: one["name"] for one in self.events if one.get("kind") == "TaskStarted"}
        ended = (one for one in self.events if one.get("kind") == "TaskDone")
        return [(names.get(one["task"], ""), one["host"], one["result"]) for one in ended]


@dataclass(frozen=True)
class Lab:
    """The running Macs below ``root``."""

    root: Path

    def home(self, name: str = "gateway1") -> Path:
        return self.root / name / "home"

    @property
    def config(self) -> Path:
        return self.home() / ".openclaw/openclaw.json"

    @property
    def environment(self) -> Path:
        return self.home() / ".openclaw/service-env/ai.openclaw.gateway.env"

    @property
    def plist(self) -> Path:
        return self.home() / "Library/LaunchAgents/ai.openclaw.gateway.plist"

    @property
    def token(self) -> str:
        return (self.root / "gateway-token").read_text()

    @property
    def port(self) -> int:
        inventory = json.loads((self.root / "inventory.json").read_text())
        return int(inventory["all"]["hosts"]["gateway1"]["gateway_port"])

    def kept(self) -> dict[str, tuple[bytes, int]]:
        """Content and mode of all that a rollout may touch."""
        files = (self.config, self.environment, self.plist, self.home() / ".openclaw/gateway-token")
        return {str(file): (file.read_bytes(), file.stat().st_mode) for file in files}

    def orch(self, *words: str, limit_s: float = RUN_LIMIT_S) -> Told:
        done = subprocess.run(
            [sys.executable, "-m", "orchestrator", *words],
            cwd=HERE,
            env={**os.environ, "ORCH_HOME": str(self.root / "state"), "SIM_ROOT": str(self.root), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=limit_s,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        return Told(done.returncode, [json.loads(line) for line in lines], done.stderr + done.stdout[-2000:])

    def play(self, name: str, **extra: Any) -> Told:
        inventory = str(HERE / "inventory/demo-openclaw.yml")
        playbook = str(HERE / f"playbooks/{name}.yml")
        return self.orch("run", playbook, "-i", inventory, "-e", json.dumps(extra), "--json")

    def on(self, name: str, *words: str, limit_s: float = 120, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command on a Mac, as a remote login would run it."""
        where = self.root / name
        login = {
            "HOME": str(where / "home"), "USER": "admin", "LOGNAME": "admin", "PATH": str(where / "bin"),
            "TMPDIR": f"{where / 'tmp'}/", "SIM_MAC": str(where), "SIM_UID": "501", "SIM_MANAGER": "Background",
            "SIM_SESSION": "test", "NO_COLOR": "1",
        }  # fmt: skip
        return subprocess.run(
            words, cwd=where / "home", env={**login, **environment}, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=limit_s, check=False,
        )  # fmt: skip

    def launchctl(self, *words: str) -> None:
        self.on("gateway1", "launchctl", *words)

    def accepts(self, token: str) -> bool:
        """Whether the gateway takes this token; an unknown tool is then not found."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/tools/invoke", b'{"tool":"none"}', {"Authorization": f"Bearer {token}"}
        )
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except urllib.error.HTTPError as error:
            with error:
                return error.code == 404
        except OSError:
            return False
        return True

    def until_ready(self, limit_s: float = 200, token: str = "") -> None:
        until_s = time.monotonic() + limit_s
        while not self.accepts(token or self.token):
            assert time.monotonic() < until_s, "the gateway did not become ready"
            time.sleep(1)

    def restart(self) -> None:
        self.restart_as(self.token)

    def restart_as(self, token: str) -> None:
        """Restart, and wait until this token opens the gateway."""
        self.launchctl("kickstart", "-k", "gui/501/ai.openclaw.gateway")
        time.sleep(2)
        self.until_ready(token=token)

    @contextmanager
    def edited(self, file: Path, change: Callable[[str], str]) -> Iterator[None]:
        """A file with other text; its bytes, mode and times come back."""
        before, stat = file.read_bytes(), file.stat()
        file.write_text(change(before.decode()))
        try:
            yield
        finally:
            file.write_bytes(before)
            file.chmod(stat.st_mode)
            os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def settings(lab: Lab, values: Mapping[str, Any]) -> None:
    path = lab.root / "gateway1/state/settings.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The gateway wants the machine for itself: a lock lets one process of tests at a time have it."""
    with (Path(tempfile.gettempdir()) / f"orch-openclaw-{os.getuid()}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        # Short, since the sockets below it may not be longer than about a hundred bytes.
        with tempfile.TemporaryDirectory(prefix="oc-", ignore_cleanup_errors=True) as directory:
            here = Lab(Path(directory))
            up = here.orch("sim", "up", "--openclaw", str(openclaw_install()), "--root", directory, limit_s=UP_LIMIT_S)
            try:
                assert up.status == 0, up.stderr
                here.until_ready()
                yield here
            finally:
                here.orch("sim", "down", "--root", directory, limit_s=60)
