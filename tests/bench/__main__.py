"""``python -m tests.bench [TOOL …]``: measures workloads and prints the table of docs/performance.md.

TOOL is orch-linear, orch-free or ansible (the ansible-core of the development environment, with pipelining).
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.lab import ANSIBLE, ORCH, Cost, Lab, lab

TOOLS = {"orch-linear": (ORCH, "linear"), "orch-free": (ORCH, "free"), "ansible": (ANSIBLE, "linear")}
RTT_S = 0.15
RUNS = 3


def measured(laboratory: Lab, name: str, hosts: int) -> None:
    """One line of the table for the first run on new hosts, one for the runs after it."""
    command, strategy = TOOLS[name]
    runs = RUNS if command is ORCH else 1
    cold: list[Cost] = []
    warm: list[Cost] = []
    for _ in range(runs):
        laboratory.wipe()
        cold.append(laboratory.run(command, "w1.yml", hosts, RTT_S, bench_strategy=strategy))
        warm.append(laboratory.run(command, "w1.yml", hosts, RTT_S, bench_strategy=strategy))
    for phase, costs in (("cold", cold), ("warm", warm)):
        assert all(cost.status == 0 for cost in costs), next(cost.output for cost in costs if cost.status)
        flights = min(cost.flights for cost in costs)
        wall, cpu, peak = (
            statistics.median(getattr(cost, each) for cost in costs) for each in ("wall_s", "cpu_s", "peak_mb")
        )
        print(f"| {name} | {hosts} | {phase} | {flights} | {wall:.1f} | {cpu:.2f} | {peak:.0f} |", flush=True)


def main(names: list[str]) -> None:
    print(f"{platform.platform()}, Python {platform.python_version()}, {RTT_S * 1000:.0f} ms round trip\n")
    print("| tool | hosts | run | flights a host | wall s | controller CPU s | peak MB |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home, lab(Path(home)) as laboratory:
        for name in names or list(TOOLS):
            for hosts in (1, 10) if name != "ansible" else (1,):
                measured(laboratory, name, hosts)


if __name__ == "__main__":
    main(sys.argv[1:])
