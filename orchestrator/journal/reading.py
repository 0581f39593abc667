"""Journals that have been written: found by name, read event by event, and honest about what they lack."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from orchestrator.journal.entry import Entry, decode
from orchestrator.journal.home import runs_dir
from orchestrator.journal.lock import is_held, read_owner
from orchestrator.journal.store import APPLICATION, FORMAT
from orchestrator.model.errors import UserError
from orchestrator.model.events import RunEnded, RunStarted
from orchestrator.model.frozen import frozen

YEAR_10000_S = 253_402_300_800


@frozen
class Summary:
    """A run in one line. ``status`` is its exit status, None while it runs or where it was cut off."""

    run_id: str
    started_at: float | None
    command: tuple[str, ...] = ()
    status: int | None = None
    is_running: bool = False
    trouble: str | None = None

    @property
    def state(self) -> str:
        """``ended``, ``running``, ``cut off`` or ``unreadable``."""
        if self.trouble:
            return "unreadable"
        if self.status is not None:
            return "ended"
        return "running" if self.is_running else "cut off"


def _dated(at: float) -> float:
    """``at``, seconds since 1970. Raises ValueError for a moment that no calendar has."""
    if not 0 <= at < YEAR_10000_S:
        raise ValueError(f"{at} is no moment")
    return at


class Recorded:
    """One run's journal, for reading. It may still be being written."""

    def __init__(self, path: Path) -> None:
        """Raises UserError where ``path`` holds no journal that this version can read."""
        self.path = path
        self.run_id = path.name
        with closing(self._connect()) as database:
            self._recognise(database)

    def events(self, after: int = 0) -> Iterator[Entry]:
        """The events with numbers above ``after``, in order."""
        for seq, at, kind, data in self._rows("SELECT * FROM events WHERE seq > ? ORDER BY seq", after):
            try:
                yield Entry(seq, _dated(at), decode({**json.loads(data), "kind": kind}))
            except (TypeError, ValueError, AttributeError) as error:
                raise UserError(
                    f"the journal of {self.run_id} is broken at event {seq}: {error}",
                    evidence=str(self.path / "journal.sqlite"),
                    hint="it was changed after it was written; a backup is better",
                ) from error

    def files(self) -> dict[str, str]:
        """The texts of the playbook's files by path."""
        return dict(self._rows("SELECT path, text FROM files ORDER BY path"))

    def digests(self) -> dict[str, str]:
        """The SHA-256 of those texts by path."""
        return dict(self._rows("SELECT path, digest FROM files ORDER BY path"))

    def snapshots(self) -> dict[str, Mapping[str, Any]]:
        """The last snapshot of each host that this run took."""
        rows = self._rows("SELECT data FROM events WHERE kind = 'SnapshotTaken' ORDER BY seq")
        taken = (json.loads(data) for (data,) in rows)
        return {each["host"]: each["snapshot"] for each in taken}

    def lost(self) -> int:
        """How many events its writer had taken but did not get to disk before it was ended."""
        if is_held(self.path / "lock"):
            return 0
        return max(0, read_owner(self.path / "lock").seq - self.last())

    def summary(self) -> Summary:
        """What ``orch runs list`` says of this run."""
        started = self._last_of(RunStarted)
        ended = self._last_of(RunEnded)
        return Summary(
            self.run_id,
            started.at if started else None,
            started.event.command if started and isinstance(started.event, RunStarted) else (),
            ended.event.status if ended and isinstance(ended.event, RunEnded) else None,
            is_held(self.path / "lock"),
        )

    def _last_of(self, kind: type[RunStarted] | type[RunEnded]) -> Entry | None:
        """The last event of ``kind``: a resumed run has several."""
        rows = self._rows("SELECT seq, at, data FROM events WHERE kind = ? ORDER BY seq DESC LIMIT 1", kind.__name__)
        try:
            for seq, at, data in rows:
                return Entry(seq, _dated(at), decode({"kind": kind.__name__, **json.loads(data)}))
        except (TypeError, ValueError, AttributeError):
            return None  # whoever looks at the run is told that it is broken
        return None

    def last(self) -> int:
        """The number of the last event that is on disk, 0 where there is none."""
        ((last,),) = self._rows("SELECT coalesce(max(seq), 0) FROM events")
        return int(last)

    def _connect(self) -> sqlite3.Connection:
        file = self.path / "journal.sqlite"
        if not file.is_file():
            raise UserError(f"{self.run_id} has no journal", evidence=f"{file} is missing")
        return sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=10)

    def _rows(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        with closing(self._connect()) as database:
            try:
                yield from database.execute(query, values)
            except sqlite3.Error as error:
                raise self._broken(error) from error

    def _recognise(self, database: sqlite3.Connection) -> None:
        try:
            (application,) = database.execute("PRAGMA application_id").fetchone()
            (version,) = database.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise self._broken(error) from error
        if application != APPLICATION:
            raise UserError(f"{self.path / 'journal.sqlite'} is not a journal of orch")
        if version > FORMAT:
            raise UserError(
                f"the journal of {self.run_id} was written by a newer orch",
                evidence=f"its format is {version}, this orch reads up to {FORMAT}",
                hint="use that version to read it",
            )

    def _broken(self, error: sqlite3.Error) -> UserError:
        return UserError(
            f"the journal of {self.run_id} is broken: {error}",
            evidence=str(self.path / "journal.sqlite"),
            hint="sqlite3's .recover may save a part of it; a backup is better",
        )


def list_runs(home: Path) -> list[Summary]:
    """All runs below ``home``, newest first; one that cannot be read says so in ``trouble``."""
    return [_summary(path) for path in sorted(_run_paths(home), reverse=True)]


def open_run(home: Path, name: str = "last") -> Recorded:
    """The run called ``name``: its id, a beginning of it that no other has, or ``last``. Raises UserError."""
    paths = sorted(_run_paths(home))
    if not paths:
        raise UserError("there are no runs yet", evidence=str(home / "runs"), hint="orch run starts one")
    if name == "last":
        return Recorded(paths[-1])
    found = [path for path in paths if path.name == name] or [
        path for path in paths if path.name.startswith(name) or path.name.endswith(f"-{name}")
    ]
    if len(found) == 1:
        return Recorded(found[0])
    if not found:
        raise UserError(f"there is no run {name!r}", hint="orch runs list shows them")
    some = ", ".join(path.name for path in found[:5])
    raise UserError(f"{name!r} fits {len(found)} runs", evidence=some, hint="give more of the name")


def _run_paths(home: Path) -> list[Path]:
    return [path for path in runs_dir(home).iterdir() if path.is_dir()]


def _summary(path: Path) -> Summary:
    try:
        return Recorded(path).summary()
    except UserError as error:
        return Summary(path.name, None, trouble=error.message)
