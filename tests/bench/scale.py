"""``python -m tests.bench.scale [ENGINE] [HOSTS…] [--write]``: what a host costs in fleets of growing size.

It also looks that each host was touched once for each task. ENGINE is as behind ``--engine``; ``dask`` makes a cluster
of four workers here, one of which is killed half-way. All hosts are names of one sshd, each with a shell and a spool of
its own: some GB of memory for 5,000 of them.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.lab import ORCH, Cost, Lab, lab
from tests.bench.line import line
from tests.bench.page import put
from tests.integration.cluster import DaskCluster, dask_cluster

PLAY = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: a side effect
      ansible.builtin.shell: echo {{ inventory_hostname }} >>LOG
    - name: and another one
      ansible.builtin.shell: echo {{ inventory_hostname }} >>LOG
"""
FORKS = 24
"""So many hosts at once keep two cores busy and the machine usable."""
WORKERS = 4


@dataclass(frozen=True)
class Outcome:
    """One run. ``cpu_s`` and ``peak_mb`` are sums over the engine and its workers."""

    hosts: int
    cost: Cost
    cpu_s: float
    peak_mb: float
    missed: int
    repeated: int
    left: int
    """Spools that were not removed."""


class Watch:
    """Looks at processes now and then: CPU seconds and the largest memory of each, also of those that end."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        self._processes = list(processes)
        self._before = {each.pid: self._cpu(each) for each in processes}
        self._now = dict(self._before)
        self._peak: dict[int, float] = {}

    @staticmethod
    def _cpu(process: psutil.Process) -> float:
        times = process.cpu_times()
        return times.user + times.system

    def look(self) -> None:
        for each in self._processes:
            try:
                self._now[each.pid] = self._cpu(each)
                self._peak[each.pid] = max(self._peak.get(each.pid, 0.0), each.memory_info().rss / 2**20)
            except psutil.NoSuchProcess:
                continue

    @property
    def cpu_s(self) -> float:
        return sum(self._now.values()) - sum(self._before.values())

    @property
    def peak_mb(self) -> float:
        return sum(self._peak.values())


@contextmanager
def watched(watch: Watch, act: Callable[[], None]) -> Iterator[None]:
    """While the block runs, look four times a second, and ``act`` each time."""
    over = threading.Event()

    def go() -> None:
        while not over.wait(0.25):
            watch.look()
            act()

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        watch.look()


def measured(laboratory: Lab, hosts: int, engine: str, cluster: DaskCluster | None = None) -> Outcome:
    """A run on so many hosts. Of a cluster, the first worker is killed when half of the first effects are there."""
    log = laboratory.home / f"log-{hosts}-{time.monotonic_ns()}"
    play = laboratory.home / "scale.yml"
    play.write_text(PLAY.replace("LOG", str(log)))
    log.touch()
    workers = [psutil.Process(each.pid) for each in cluster.workers if each.poll() is None] if cluster else []
    watch, killed = Watch(workers), threading.Event()

    def kill() -> None:
        if cluster is not None and not killed.is_set() and log.stat().st_size > hosts * 3:
            cluster.kill(0)
            killed.set()

    words = ["--engine", cluster.engine if cluster else engine, "--forks", str(FORKS)]
    with line(laboratory.sshd.port, 0) as between, watched(watch, kill):
        spools = laboratory.home / f"spools-{hosts}"
        spools.mkdir(exist_ok=True)
        inventory = laboratory.inventory(hosts, laboratory.sshd.port, ansible_remote_tmp=str(spools))
        cost = laboratory.cost([*ORCH, str(play), "-i", str(inventory), *words], between)
    times = Counter(log.read_text().split())
    return Outcome(
        hosts=hosts,
        cost=cost,
        cpu_s=cost.cpu_s + watch.cpu_s,
        peak_mb=cost.peak_mb + watch.peak_mb,
        missed=sum(times[f"h{number}"] < 2 for number in range(1, hosts + 1)),
        repeated=sum(count > 2 for count in times.values()),
        left=len(list(spools.glob(".orch-*"))),
    )


HEAD = (
    "| engine | hosts | status | missed | repeated | left | wall s | CPU s | CPU ms a host | MB | KB a host |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)


def told(engine: str, one: Outcome, least: Outcome) -> str:
    """A line of the table; what a host costs is the difference to the smallest fleet."""
    more = one.hosts - least.hosts
    cpu_ms = f"{(one.cpu_s - least.cpu_s) / more * 1000:.1f}" if more else ""
    kb = f"{(one.peak_mb - least.peak_mb) / more * 1024:.0f}" if more else ""
    counts = f"{one.hosts} | {one.cost.status} | {one.missed} | {one.repeated} | {one.left}"
    return f"| {engine} | {counts} | {one.cost.wall_s:.0f} | {one.cpu_s:.1f} | {cpu_ms} | {one.peak_mb:.0f} | {kb} |"


def main(words: Sequence[str]) -> None:
    engine = next((word for word in words if word[0].isalpha()), "here")
    sizes = [int(word) for word in words if word.isdigit()] or [1, 50, 500, 1000]
    lines = list(HEAD)
    print("\n".join(HEAD))
    with tempfile.TemporaryDirectory() as home, lab(Path(home)) as laboratory:
        least: Outcome | None = None
        for hosts in sizes:
            with ExitStack() as stack:
                cluster = None
                if engine == "dask":
                    cluster = stack.enter_context(dask_cluster(Path(home) / f"c{hosts}", ["any"] * WORKERS))
                one = measured(laboratory, hosts, engine, cluster)
            least = least or one
            lines.append(told(engine, one, least))
            print(lines[-1], flush=True)
            if one.cost.status:
                print(one.cost.output[-2000:])
    if "--write" in words:
        put(f"fleets, {engine}", "\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
