"""How often a service was restarted, across runs and processes: the memory behind restart budgets."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from orchestrator.model.errors import UserError

SCHEMA = """
CREATE TABLE IF NOT EXISTS restarts(host TEXT NOT NULL, service TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS restarts_by_service ON restarts(host, service, at);
"""
KEPT_S = 400 * 24 * 3600.0
"""Restarts older than this are forgotten."""


class Restarts:
    """``<state>/budgets.sqlite``: each restart that we caused, by host and service. Safe for several processes."""

    def __init__(self, home: Path, now: Callable[[], float] = time.time) -> None:
        self._path = home / "budgets.sqlite"
        self._now = now

    def record(self, host: str, service: str, at: float | None = None) -> None:
        """Note a restart of ``service`` on ``host`` at ``at`` (seconds since 1970; None for now)."""
        moment = self._now() if at is None else at
        with self._open() as database:
            database.execute("INSERT INTO restarts VALUES (?, ?, ?)", (host, service, moment))
            database.execute("DELETE FROM restarts WHERE at < ?", (self._now() - KEPT_S,))

    def since(self, host: str, service: str, seconds: float) -> tuple[float, ...]:
        """When ``service`` on ``host`` was restarted within the last ``seconds``, oldest first."""
        query = "SELECT at FROM restarts WHERE host = ? AND service = ? AND at >= ? ORDER BY at"
        with self._open() as database:
            rows = database.execute(query, (host, service, self._now() - seconds)).fetchall()
        return tuple(at for (at,) in rows)

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
