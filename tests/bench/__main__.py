"""``python -m tests.bench``: workloads, beside other tools; the table and the picture of docs/performance.md.

  --tools orch-linear,ansible   (all)         --hosts 1,10   --workloads w1,w2,w3,w4 (w1)
  --rtt 150   milliseconds                    --runs 3       of which the median counts
  --write     the table and the picture, into docs/

Peers are installed from the package index when they are first needed (``peers.py``).
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench import page
from tests.bench.lab import Cost, Lab, lab
from tests.bench.line import line
from tests.bench.page import Row
from tests.bench.peers import TOOLS, Fleet, Tool, command

BIG_MB = 100
PHASES = {"w1": ("cold", "warm")}
"""A workload with more than one phase is done again on what the run before it left."""


def addresses(hosts: int) -> tuple[str, ...]:
    """One of the loopback's addresses for each host: tools that keep one line for an address must not share it."""
    return tuple(f"127.0.{number // 200 + 1}.{number % 200 + 1}" for number in range(hosts))


def once(laboratory: Lab, tool: Tool, workload: str, hosts: int, rtt_s: float) -> Cost:
    with line(laboratory.sshd.port, rtt_s, addresses(hosts)) as between:
        words, environment = command(tool, workload, Fleet(laboratory, hosts, between.port, addresses(hosts)))
        return laboratory.cost(words, between, environment)


def measured(laboratory: Lab, tool: Tool, workload: str, hosts: int, rtt_s: float, runs: int) -> list[Row]:
    """A row for each phase. A tool that fails has a row that says so."""
    phases = PHASES.get(workload, ("",))
    costs: dict[str, list[Cost]] = {phase: [] for phase in phases}
    for _ in range(runs):
        laboratory.wipe()
        for phase in phases:
            costs[phase].append(once(laboratory, tool, workload, hosts, rtt_s))
        if costs[phases[-1]][-1].status:
            print(
                f"{tool.name} {workload}: status {costs[phases[-1]][-1].status}\n{costs[phases[-1]][-1].output[-800:]}"
            )
            break
    return [Row.of(tool.name, workload, hosts, phase, costs[phase]) for phase in phases]


def _big(path: Path) -> None:
    """Written piece by piece: a child's peak of memory begins with what its parent has."""
    with path.open("wb") as file:
        for _ in range(BIG_MB):
            file.write(os.urandom(2**20))


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", usage=__doc__)
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--hosts", default="1,10")
    parser.add_argument("--workloads", default="w1")
    parser.add_argument("--rtt", type=float, default=150)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(words)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as home, lab(Path(home)) as laboratory:
        if "w4" in asked.workloads:
            _big(laboratory.home / "big")
        print("\n".join(page.HEAD), flush=True)
        for workload in asked.workloads.split(","):
            for hosts in map(int, asked.hosts.split(",")):
                for tool in (TOOLS[name] for name in asked.tools.split(",")):
                    if workload in tool.workloads:
                        new = measured(laboratory, tool, workload, hosts, asked.rtt / 1000, asked.runs)
                        print("\n".join(map(str, new)), flush=True)
                        rows += new
    if asked.write:
        page.write(rows, asked.rtt, asked.runs)


if __name__ == "__main__":
    main()
