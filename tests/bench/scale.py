"""``python -m tests.bench.scale [ENGINE] [HOSTS…] [--write]``: what a host costs in fleets of growing size.

It also looks that each host was touched once for each task. ENGINE is as behind ``--engine``; ``dask`` makes a cluster
of four workers here, one of which is killed half-way. All hosts are names of one sshd, each with a shell and a spool of
its own: some GB of memory for 5,000 of them.

What a host costs is the difference to the first fleet, which is best as large as there are forks: what it takes to have
so many at work at once is then in both. Small fleets are measured three times, and the least counts.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.lab import LIMIT_S, ORCH, Cost, Lab, compiled, lab
from tests.bench.line import Line
from tests.bench.page import put
from tests.bench.watch import Watch
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
SMALL = 100
TIMES = 3
HOST_S = 0.2
"""What a host may take of a run's limit: ten times what it takes on a quiet machine with two cores."""


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


@contextmanager
def often(*acts: Callable[[], None], every_s: float = 0.1) -> Iterator[None]:
    """While the block runs, and once when it is over, do ``acts``."""
    over = threading.Event()

    def go() -> None:
        is_last = False
        while not is_last:
            is_last = over.wait(every_s)
            for act in acts:
                act()

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Progress:
    """Says on stderr, now and then, how many side effects are there."""

    EVERY_S = 15.0

    def __init__(self, log: Path, hosts: int) -> None:
        self._log = log
        self._most = hosts * PLAY.count(">>LOG")
        self._began_s = self._said_s = time.monotonic()

    def look(self) -> None:
        now_s = time.monotonic()
        if now_s - self._said_s > self.EVERY_S:
            self._said_s = now_s
            done = self._log.read_bytes().count(b"\n")
            print(f"  {now_s - self._began_s:.0f} s: {done} of {self._most} side effects", file=sys.stderr, flush=True)


def measured(laboratory: Lab, hosts: int, engine: str, cluster: DaskCluster | None = None) -> Outcome:
    """A run on so many hosts. Of a cluster, the first worker is killed when half of the first effects are there."""
    log = laboratory.home / f"log-{hosts}-{time.monotonic_ns()}"
    log.touch()
    watch, progress = Watch(each.pid for each in cluster.workers) if cluster else Watch(), Progress(log, hosts)

    def kill() -> None:
        if cluster is not None and cluster.workers[0].poll() is None and log.stat().st_size > hosts * 3:
            cluster.kill(0)

    spools = laboratory.home / f"spools-{hosts}"
    spools.mkdir(exist_ok=True)
    with often(watch.look, progress.look, kill):
        cost = _run(laboratory, hosts, log, spools, cluster.engine if cluster else engine, watch.follow)
    times = Counter(log.read_text().split())
    return Outcome(
        hosts=hosts,
        cost=cost,
        cpu_s=cost.cpu_s + watch.cpu_s,
        peak_mb=max(cost.peak_mb, watch.peak_mb),
        missed=sum(times[f"h{number}"] < 2 for number in range(1, hosts + 1)),
        repeated=sum(count > 2 for count in times.values()),
        left=len(list(spools.glob(".orch-*"))),
    )


def _run(
    laboratory: Lab,
    hosts: int,
    log: Path,
    spools: Path,
    engine: str,
    on_start: Callable[[int], None] = lambda pid: None,
) -> Cost:
    play = laboratory.home / "scale.yml"
    play.write_text(PLAY.replace("LOG", str(log)))
    port = laboratory.sshd.port
    inventory = laboratory.inventory(hosts, port, ansible_remote_tmp=str(spools))
    words = [*ORCH, str(play), "-i", str(inventory), "--forks", str(FORKS), "--engine", engine]
    return laboratory.cost(words, Line(port, 0), limit_s=max(LIMIT_S, hosts * HOST_S), on_start=on_start)


def warm(laboratory: Lab, cluster: DaskCluster) -> None:
    """Let each worker of a new cluster hold a line once: what it loads for that is no cost of a host."""
    spools = laboratory.home / "spools"
    spools.mkdir(exist_ok=True)
    _run(laboratory, 2 * WORKERS, laboratory.home / "log", spools, cluster.engine)


HEAD = (
    "| engine | hosts | status | missed | repeated | left | wall s | CPU s | CPU ms a host | MB | KB a host |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)


def told(engine: str, one: Outcome, base: Outcome) -> str:
    """A line of the table; what a host costs is the difference to the first fleet."""
    more = one.hosts - base.hosts
    cpu_ms = f"{(one.cpu_s - base.cpu_s) / more * 1000:.1f}" if more else ""
    kb = f"{(one.peak_mb - base.peak_mb) / more * 1024:.0f}" if more else ""
    counts = f"{one.hosts} | {one.cost.status} | {one.missed} | {one.repeated} | {one.left}"
    return f"| {engine} | {counts} | {one.cost.wall_s:.0f} | {one.cpu_s:.1f} | {cpu_ms} | {one.peak_mb:.0f} | {kb} |"


def fleet(laboratory: Lab, hosts: int, engine: str) -> Outcome:
    """A fleet of one size, with a cluster of its own where it has one."""
    if engine != "dask":
        return measured(laboratory, hosts, engine)
    with dask_cluster(laboratory.home / f"cluster-{time.monotonic_ns()}", ["any"] * WORKERS) as cluster:
        warm(laboratory, cluster)
        return measured(laboratory, hosts, engine, cluster)


def least(outcomes: Sequence[Outcome]) -> Outcome:
    """The least that was taken, and the worst that happened."""
    return replace(
        max(outcomes, key=lambda one: abs(one.cost.status)),
        cpu_s=min(one.cpu_s for one in outcomes),
        peak_mb=min(one.peak_mb for one in outcomes),
        missed=max(one.missed for one in outcomes),
        repeated=max(one.repeated for one in outcomes),
        left=max(one.left for one in outcomes),
    )


def main(words: Sequence[str]) -> None:
    engine = next((word for word in words if word[0].isalpha()), "here")
    sizes = [int(word) for word in words if word.isdigit()] or [FORKS, 50, 500, 1000]
    lines = list(HEAD)
    print("\n".join(HEAD), flush=True)
    with tempfile.TemporaryDirectory() as home, lab(Path(home)) as laboratory:
        compiled()
        base: Outcome | None = None
        for hosts in sizes:
            one = least([fleet(laboratory, hosts, engine) for _ in range(TIMES if hosts <= SMALL else 1)])
            base = base or one
            lines.append(told(engine, one, base))
            print(lines[-1], flush=True)
            if one.cost.status:
                print(one.cost.output[-2000:])
    if "--write" in words:
        put(f"fleets, {engine}", "\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
