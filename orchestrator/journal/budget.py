"""What outlives runs: notes of when something happened on a host – the memory behind restart budgets."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from orchestrator.model.errors import UserError

SCHEMA = """
CREATE TABLE IF NOT EXISTS notes(topic TEXT NOT NULL, host TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS notes_by_topic ON notes(topic, at);
"""
KEPT_S = 400 * 24 * 3600.0
"""Notes older than this are forgotten."""


class Notes:
    """``<state>/budgets.sqlite``: notes by topic (a service's restarts) and host. Safe for several processes."""

    def __init__(self, home: Path, now: Callable[[], float] = time.time) -> None:
        self._path = home / "budgets.sqlite"
        self._now = now

    def remember(self, topic: str, host: str) -> None:
        """Note that ``topic`` happened on ``host`` now; on disk when this returns."""
        with self._open() as database:
            database.execute("INSERT INTO notes VALUES (?, ?, ?)", (topic, host, self._now()))
            database.execute("DELETE FROM notes WHERE at < ?", (self._now() - KEPT_S,))

    def recall(self, topic: str, within_s: float) -> tuple[tuple[str, float], ...]:
        """What was noted of ``topic`` in the last ``within_s`` seconds: (host, age in seconds), newest first."""
        now = self._now()
        query = "SELECT host, at FROM notes WHERE topic = ? AND at >= ? ORDER BY at DESC"
        with self._open() as database:
            rows = database.execute(query, (topic, now - within_s)).fetchall()
        return tuple((host, max(0.0, now - at)) for host, at in rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.touch(mode=0o600)
            with closing(sqlite3.connect(self._path, timeout=10)) as database:
                database.executescript(SCHEMA)
                with database:
                    yield database
        except (OSError, sqlite3.Error) as error:
            raise UserError(
                f"the restart budgets cannot be used: {error}",
                evidence=str(self._path),
                hint="without them a restart might be one too many; mend or move that file",
            ) from error
