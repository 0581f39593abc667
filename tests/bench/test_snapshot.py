"""A snapshot over a line of 50 ms: as many flights as the smallest task, soon done, the clock as exact as promised."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.sim.faults import switch
from orchestrator.sim.fleet import SimNode
from orchestrator.sim.mac import SimMac
from tests.bench.line import Line, line
from tests.contract.macos import macs

RTT_S = 0.05
SKEW_S = 45.0
TIMES = 20
LIMIT_S = 5.0
ERROR_S = 0.05


pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def mac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimNode]:
    with macs(tmp_path_factory.mktemp("macs"), SimMac("m26")) as nodes:
        switch(nodes["m26"].dir.root, clock_skew_s=SKEW_S)
        yield nodes["m26"]


def asked(mac: SimNode, home: Path, between: Line, module: str) -> list[dict[str, Any]]:
    """The events of one task on the Mac behind the line."""
    key = mac.known_hosts.read_text().split(" ", 1)[1]
    (home / "known").write_text(f"[127.0.0.1]:{between.port} {key}")
    variables = {
        **mac.variables(),
        "ansible_host": "127.0.0.1",
        "ansible_port": between.port,
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={home / 'known'}",
    }
    (home / "hosts.json").write_text(json.dumps({"all": {"hosts": {"m26": variables}}}))
    inventory = str(home / "hosts.json")
    command = (sys.executable, "-m", "orchestrator", "exec", "all", "-m", module, "-i", inventory, "--json")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "ORCH_HOME": str(home / "state")}
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def flights(mac: SimNode, home: Path, module: str) -> int:
    with line(mac.port, RTT_S) as between:
        asked(mac, home, between, module)
        return between.flights


def taken(mac: SimNode, home: Path) -> tuple[float, dict[str, Any]]:
    """How long one snapshot's task took, in seconds, and its facts."""
    with line(mac.port, RTT_S) as between:
        events = asked(mac, home, between, "snapshot")
    done = next(event for event in events if "snapshot" in event.get("result", {}))
    return done["duration_s"], done["result"]["snapshot"]["facts"]


def test_it_costs_no_more_flights_than_the_smallest_task(mac: SimNode, tmp_path: Path) -> None:
    smallest = min(flights(mac, tmp_path, "ping") for _ in range(2))
    assert min(flights(mac, tmp_path, "snapshot") for _ in range(2)) <= smallest


def test_a_snapshot_is_soon_done_and_its_clock_exact(mac: SimNode, tmp_path: Path) -> None:
    times_s: list[float] = []
    errors_s: list[float] = []
    for _ in range(TIMES):
        took_s, facts = taken(mac, tmp_path)
        times_s.append(took_s)
        offset_s, bound_s = (facts[f"clock.{name}"]["value"] for name in ("offset_s", "bound_s"))
        errors_s.append(abs(offset_s - SKEW_S))
        assert errors_s[-1] <= bound_s + 0.001
    p95_s = sorted(times_s)[math.ceil(0.95 * TIMES) - 1]
    print(f"{TIMES} snapshots at {RTT_S * 1000:.0f} ms: p95 {p95_s:.2f} s, largest error {max(errors_s):.3f} s")
    assert p95_s <= LIMIT_S
    assert sorted(errors_s)[TIMES // 2] <= RTT_S / 2 + ERROR_S, "half of them, however busy this machine is"
