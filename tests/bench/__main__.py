"""``python -m tests.bench``: workloads, beside other tools; the table and the picture of docs/performance.md.

  --tools orch-linear,ansible   (all)         --hosts 1,10   --workloads w1,w2,w3,w4   (see PLAN)
  --rtt 150   milliseconds                    --runs 3       of which the median counts; of large fleets one
  --minutes 25   nothing is begun that would take longer
  --write     the table and the picture, into docs/

Peers are installed from the package index when they are first needed (``peers.py``).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench import page
from tests.bench.lab import Cost, Lab, compiled, lab
from tests.bench.line import line
from tests.bench.page import Row
from tests.bench.peers import TOOLS, Fleet, Tool, command

BIG_MB = 100
PHASES = {"w1": ("cold", "warm")}
"""A workload with more than one phase is done again on what the run before it left."""
PLAN = (("w1", 1), ("w1", 10), ("w2", 10), ("w4", 1), ("w3", 1), ("w1", 50), ("w2", 50))
"""Workloads and how many hosts, unless somebody asks for others."""
LIMIT_S = 300
FEW = 10
"""Fleets of so many hosts are measured more than once."""


def addresses(hosts: int) -> tuple[str, ...]:
    """One of the loopback's addresses for each host: tools that keep one line for an address must not share it."""
    return tuple(f"127.0.{number // 200 + 1}.{number % 200 + 1}" for number in range(hosts))


def once(laboratory: Lab, tool: Tool, workload: str, hosts: int, rtt_s: float) -> Cost:
    """One run, ended by force after LIMIT_S."""
    with line(laboratory.sshd.port, rtt_s, addresses(hosts)) as between:
        words, environment = command(tool, workload, Fleet(laboratory, hosts, between.port, addresses(hosts)))
        return laboratory.cost(words, between, environment, LIMIT_S)


class Measurements:
    """What was measured so far, and what it would take to do it again."""

    def __init__(self, laboratory: Lab, rtt_s: float, minutes: float) -> None:
        self._laboratory = laboratory
        self._rtt_s = rtt_s
        self._end_s = time.monotonic() + 60 * minutes
        self._costs: dict[tuple[str, int, str], list[list[Cost]]] = {}

    def add(self, tool: Tool, workload: str, hosts: int) -> list[Row]:
        """Measure once more, where there is time and all went well so far; a row for each phase. A tool that fails has
        rows that say so."""
        done = self._costs.setdefault((workload, hosts, tool.name), [])
        if any(cost.status for costs in done for cost in costs):
            return []
        taken_s = max((sum(cost.wall_s for cost in costs) for costs in done), default=0.0)
        if time.monotonic() + taken_s > self._end_s:
            print(f"{workload} {tool.name} on {hosts} hosts: no time left", file=sys.stderr)
            return []
        self._laboratory.wipe()
        costs = []
        for _ in phases(workload):
            costs.append(once(self._laboratory, tool, workload, hosts, self._rtt_s))
            if costs[-1].status:
                print(f"{tool.name} {workload}: status {costs[-1].status}\n{costs[-1].output[-800:]}", file=sys.stderr)
                break
        done.append(costs)
        return self._rows(tool.name, workload, hosts)

    def _rows(self, tool: str, workload: str, hosts: int) -> list[Row]:
        done = self._costs[workload, hosts, tool]
        found = []
        for number, phase in enumerate(phases(workload)):
            costs = [each[number] for each in done if len(each) > number]
            if costs:
                found.append(Row.of(tool, workload, hosts, phase, costs))
        return found

    def rows(self) -> list[Row]:
        """All of it."""
        return [
            row
            for workload, hosts, tool in sorted(self._costs, key=_place)
            for row in self._rows(tool, workload, hosts)
        ]


def _place(key: tuple[str, int, str]) -> tuple[str, int, int]:
    return key[0], key[1], list(TOOLS).index(key[2])


def phases(workload: str) -> tuple[str, ...]:
    return PHASES.get(workload, ("",))


def _big(path: Path) -> None:
    """Written piece by piece: a child's peak of memory begins with what its parent has."""
    with path.open("wb") as file:
        for _ in range(BIG_MB):
            file.write(os.urandom(2**20))


def planned(workloads: str, hosts: str) -> list[tuple[str, int]]:
    """What is asked for; where one of the two is not, what PLAN says to it."""
    named, sizes = workloads.split(",") if workloads else [], [int(each) for each in hosts.split(",")] if hosts else []
    if named and sizes:
        return [(workload, size) for workload in named for size in sizes]
    return [
        (workload, size) for workload, size in PLAN if workload in (named or workload) and size in (sizes or [size])
    ]


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", usage=__doc__)
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--hosts", default="")
    parser.add_argument("--workloads", default="")
    parser.add_argument("--rtt", type=float, default=150)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(words)
    plan, tools = planned(asked.workloads, asked.hosts), [TOOLS[name] for name in asked.tools.split(",")]
    with tempfile.TemporaryDirectory() as home, lab(Path(home)) as laboratory:
        compiled()
        if any(workload == "w4" for workload, _ in plan):
            _big(laboratory.home / "big")
        print("\n".join(page.HEAD), flush=True)
        measurements = Measurements(laboratory, asked.rtt / 1000, asked.minutes)
        for turn in range(asked.runs):
            for workload, hosts in plan:
                for tool in tools:
                    if workload in tool.workloads and (turn == 0 or hosts <= FEW):
                        for row in measurements.add(tool, workload, hosts):
                            print(row, flush=True)
    if asked.write:
        page.write(measurements.rows(), asked.rtt, asked.runs)


if __name__ == "__main__":
    main()
