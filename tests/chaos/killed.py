"""``orch`` in a process that is struck at a chosen point of its journal: ``python -m tests.chaos.killed POINT WORDS…``.

POINT is ``N:MOMENT`` or ``N:MOMENT:SIGNAL`` (KILL by default; STOP goes on after 3 s): at the N-th event written,
*before* it is on disk (at its INSERT), *during* (as its transaction is committed) or *after* (at the next transaction).
SQLite itself tells of its statements, so the product knows nothing of this.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from typing import Any

MOMENTS = ("before", "during", "after")
AT_STATEMENT = {"before": "INSERT INTO events", "during": "COMMIT", "after": "BEGIN"}

OPEN = sqlite3.connect


class Killer:
    """Counts the events that are written to the journal, and strikes when its point has come."""

    def __init__(self, number: int, moment: str, name: str = "KILL") -> None:
        self._number = number
        self._signal = signal.Signals[f"SIG{name}"]
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
            self._number = sys.maxsize
            if self._signal is signal.SIGSTOP:
                subprocess.Popen(["sh", "-c", f"sleep 3; kill -s CONT {os.getpid()}"])
            os.kill(os.getpid(), self._signal)


def main() -> None:
    number, *rest = sys.argv[1].split(":")
    sqlite3.connect = Killer(int(number), *rest).connect  # type: ignore[assignment]
    from orchestrator.cli.main import status

    sys.exit(status(sys.argv[2:]))


if __name__ == "__main__":
    main()
