"""docs/reliability.md, from what the cells of the matrix came to."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path

from tests.chaos.matrix import FAULTS, LIMIT_S, PHASES, cell

PAGE = Path(__file__).parents[2] / "docs/reliability.md"
HEAD = """\
# Reliability

What happens when one thing goes wrong in one phase of a run: each cell is one play of a five-step rollout (loops, a
rescue, handlers, a secret that no journal may hold, retries) on a real sshd, with one fault in one phase; a run that
was cut off is resumed. This page is written by

    .venv/bin/python -m tests.chaos.matrix

and holds what that run found, on {machine}.

**{passed} of {run} cells passed**; {reasons} more cannot occur, {open} are not tested yet. A cell passes when all of
these hold: the whole thing ends within {limit} s; each side effect happened once; the recap, exit status and files are
those of an undisturbed run, if need be after `orch resume`; no spool is left on the node; the journal is whole and
without gaps; the canary secret is in no output and no journal.

`✓` passed · `✗` failed · `–` cannot occur · `·` not tested yet

"""
TAIL = """
Phases: {phases}.

Line faults strike at a byte of the connection, controller faults at an event of the journal (`AT_BYTE` and `AT_EVENT`
in `tests/chaos/matrix.py`). Beside the matrix, `make chaos` kills the controller at every event of the journal of a run
on five hosts (before it is on disk, during the commit, after it), and cuts lines at 200 random bytes each way.

## Why cells cannot occur

{why}
"""


def write(found: Mapping[str, str | None]) -> None:
    """Write the page."""
    marks = {(fault, phase): _mark(fault, phase, found) for fault in FAULTS for phase in PHASES}
    counts = {mark: sum(each == mark for each in marks.values()) for mark in "✓✗–·"}
    head = HEAD.format(
        machine=f"{platform.system()} with Python {platform.python_version()}",
        passed=counts["✓"],
        run=counts["✓"] + counts["✗"],
        reasons=counts["–"],
        open=counts["·"],
        limit=LIMIT_S,
    )
    table = [f"| fault | {' | '.join(PHASES)} |", f"|---|{'---|' * len(PHASES)}"]
    for fault, name in FAULTS.items():
        table.append(f"| {fault} {name} | {' | '.join(marks[fault, phase] for phase in PHASES)} |")
    phases = " · ".join(f"{phase} {name}" for phase, name in PHASES.items())
    PAGE.write_text(head + "\n".join(table) + "\n" + TAIL.format(phases=phases, why="\n".join(_reasons())))


def _mark(fault: str, phase: str, found: Mapping[str, str | None]) -> str:
    if (key := f"{fault}.{phase}") in found:
        return "✗" if found[key] else "✓"
    return "–" if isinstance(cell(fault, phase), str) else "·"


def _reasons() -> list[str]:
    """The reasons, each with its cells."""
    cells: dict[str, list[str]] = {}
    for fault in FAULTS:
        for phase in PHASES:
            if isinstance(reason := cell(fault, phase), str):
                cells.setdefault(reason, []).append(f"{fault}.{phase}")
    return [f"- {reason}: {', '.join(each)}" for reason, each in cells.items()]
