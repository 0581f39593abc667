"""The drift between two snapshots of a host, in lines: worst first."""

from __future__ import annotations

import json
from typing import Any

from orchestrator.model.snapshot import Drift
from orchestrator.report.safe import one_line


def lines(host: str, drift: Drift) -> list[str]:
    """One line for the host, then one for each change with its severity."""
    count = len(drift.changes)
    head = "no drift" if not count else "1 change" if count == 1 else f"{count} changes"
    notes = ["another machine: its hardware is not the same"] if drift.other_machine else []
    notes += ["rebooted in between"] if drift.rebooted else []
    first = f"{one_line(host)}: {', '.join([head, *notes])}"
    changes = [
        f"  {each.severity:<9} {each.name}: {_short(each.before)} → {_short(each.after)}" for each in drift.changes
    ]
    return [first, *map(one_line, changes)]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= 120 else f"{text[:117]}…"
