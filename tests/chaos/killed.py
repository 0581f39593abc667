"""``orch`` in a process that is killed at a chosen point of its journal: ``python -m tests.chaos.killed POINT WORDS…``.

POINT is ``N:MOMENT``: at the N-th event that is written, *before* it is on disk (at its INSERT), *during* (as its
transaction is committed) or *after* (at the next transaction). SQLite itself tells of its statements, so the product
knows nothing of this. The process ends by SIGKILL, as from the outside.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from typing import Any

MOMENTS = ("before", "during", "after")
AT_STATEMENT = {"before": "INSERT INTO events", "during": "COMMIT", "after": "BEGIN"}

OPEN = sqlite3.connect


class Killer:
    """Counts the events that are written to the journal, and ends the process when its point has come."""

    def __init__(self, number: int, moment: str) -> None:
        self._number = number
        self._word = AT_STATEMENT[moment]
        self._written = 0

    def connect(self, *arguments: Any, **more: Any) -> sqlite3.Connection:
        """Stands in for ``sqlite3.connect``: the database it opens tells of its statements."""
        database: sqlite3.Connection = OPEN(*arguments, **more)
        database.set_trace_callback(self._statement)
        return database

    def _statement(self, text: str) -> None:
        self._written += text.startswith("INSERT INTO events")
        if self._written >= self._number and text.startswith(self._word):
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    number, _, moment = sys.argv[1].partition(":")
    sqlite3.connect = Killer(int(number), moment).connect  # type: ignore[assignment]
    from orchestrator.cli.main import status

    sys.exit(status(sys.argv[2:]))


if __name__ == "__main__":
    main()
