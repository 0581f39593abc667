"""What was measured, as rows, as ratios, as a picture, and where they stand in the docs."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.bench.lab import Cost
from tests.bench.peers import PACKAGES, TOOLS, versions

PICTURED = 10
DOCS = Path(__file__).parents[2] / "docs"
HEAD = (
    "| workload | tool | hosts | run | runs | flights | wall s | CPU s | MB | KB up | KB down | channels | × orch |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True)
class Row:
    """Medians of some runs; counts are those of the run with the fewest flights. ``status``: the worst."""

    tool: str
    workload: str
    hosts: int
    phase: str
    status: int
    flights: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    up_kb: int
    down_kb: int
    channels: int
    runs: int

    @classmethod
    def of(cls, tool: str, workload: str, hosts: int, phase: str, costs: Sequence[Cost]) -> Row:
        least = min(costs, key=lambda cost: cost.flights)
        return cls(
            tool=tool,
            workload=workload,
            hosts=hosts,
            phase=phase,
            status=max((cost.status for cost in costs), key=abs),
            flights=least.flights,
            wall_s=statistics.median(cost.wall_s for cost in costs),
            cpu_s=statistics.median(cost.cpu_s for cost in costs),
            peak_mb=statistics.median(cost.peak_mb for cost in costs),
            up_kb=round(least.up_kb / hosts),
            down_kb=round(least.down_kb / hosts),
            channels=round(least.channels / hosts),
            runs=len(costs),
        )

    def line(self, others: Sequence[Row] = ()) -> str:
        """One line of the table. The last column is the wall time as a multiple of ``orch-linear``'s."""
        head = f"| {self.workload} | {self.tool} | {self.hosts} | {self.phase} | {self.runs}"
        if self.status:
            return f"{head} | did not end well (status {self.status}) | | | | | | | |"
        ours = next((each for each in others if each.is_beside(self)), None)
        ratio = f"{self.wall_s / ours.wall_s:.2f}" if ours and not ours.status else ""
        return (
            f"{head} | {self.flights} | {self.wall_s:.1f} | {self.cpu_s:.2f} | {self.peak_mb:.0f} "
            f"| {self.up_kb} | {self.down_kb} | {self.channels} | {ratio} |"
        )

    def is_beside(self, other: Row) -> bool:
        """Whether this is what ``other`` is compared with."""
        here, there = (self.workload, self.hosts, self.phase), (other.workload, other.hosts, other.phase)
        return self.tool == "orch-linear" and here == there

    def __str__(self) -> str:
        return self.line()


EXPLAINED = """\
Flights, KB and channels are for each host. CPU is the tool's own and that of the children it waited for: ansible's ssh
master, which goes on after it, is not in it. MB: the peak of its largest process. The last column: wall time as a
multiple of orch's under `linear`."""


def about(rtt_ms: float, runs: int) -> str:
    """The machine and the versions, then what the columns are."""
    parts = [
        f"{os.cpu_count()} × {_processor()}",
        _system(),
        f"Python {platform.python_version()}",
        f"load {os.getloadavg()[2]:.1f} in the last quarter of an hour",
        *(f"{name} {version(name)}" for name in ("mac-orchestrator", "asyncssh")),
        *(versions(home) for home in PACKAGES),
        f"a line of {rtt_ms:.0f} ms",
        "medians, and counts of the run with the fewest flights" if runs > 1 else "one run each",
    ]
    return f"{', '.join(parts)}.\n{EXPLAINED}"


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.machine()


def put(name: str, text: str) -> None:
    """Put ``text`` between the marks of this name in docs/performance.md."""
    path = DOCS / "performance.md"
    begin, end = f"<!-- measured: {name} -->\n", "<!-- end of measured -->"
    before, rest = path.read_text().split(begin)
    path.write_text(f"{before}{begin}{text}\n{end}{rest.partition(end)[2]}")


def write(rows: Sequence[Row], rtt_ms: float, runs: int) -> None:
    """Put the table between its marks in docs/performance.md, and the picture beside it."""
    table = "\n".join([*HEAD, *(row.line(rows) for row in rows)])
    put("workloads", f"{about(rtt_ms, runs)}\n\n{table}")
    (DOCS / "images/bench.svg").write_text(picture([row for row in rows if row.workload == "w1" and not row.status]))


def picture(rows: Sequence[Row]) -> str:
    """Bars of wall time, one for each tool and phase, of the largest fleet in ``rows`` that has up to ten hosts."""
    hosts = max(row.hosts for row in rows if row.hosts <= PICTURED)
    shown = [[row for row in rows if row.tool == tool and row.hosts == hosts] for tool in TOOLS]
    shown = [each for each in shown if each]
    most = max(row.wall_s for each in shown for row in each)
    title = f"ten small tasks on {hosts} hosts, seconds: first run (dark), nothing left to change (light)"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {30 + 36 * len(shown)}" font-family="sans-serif" '
        'font-size="12">',
        f"  <title>{title}</title>",
        "  <style>text { fill: #888 } .cold { fill: #3b6ea5 } .warm { fill: #9bbad8 } .n { font-size: 10px }</style>",
        f'  <text x="150" y="16">{title}</text>',
    ]
    for number, each in enumerate(shown):
        top = 30 + 36 * number
        parts.append(f'  <text x="140" y="{top + 16}" text-anchor="end">{each[0].tool}</text>')
        for place, row in enumerate(each):
            wide, y = max(1, round(row.wall_s / most * 520)), top + 12 * place
            bar = f'  <rect class="{row.phase}" x="150" y="{y}" width="{wide}" height="10"/>'
            parts.append(f'{bar}<text class="n" x="{156 + wide}" y="{y + 9}">{row.wall_s:.1f}</text>')
    return "\n".join([*parts, "</svg>", ""])
