"""Journals that have been written: found by name, read event by event, and honest about what they lack."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from itertools import islice
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
    """A run in one line: when and by what command it was begun, how often it was resumed since, and how it stands.

    ``ended`` is its last end, None while it runs or where it was cut off. ``can_begin_again``: its journal says how.
    """

    run_id: str
    started_at: float | None
    command: tuple[str, ...] = ()
    ended: RunEnded | None = None
    is_running: bool = False
    resumed: int = 0
    can_begin_again: bool = False
    trouble: str | None = None

    @property
    def status(self) -> int | None:
        """Its exit status, where it has one."""
        return self.ended.status if self.ended else None

    @property
    def state(self) -> str:
        """``running``; ``ended``, ``unfinished`` (hosts were out of reach, or nobody knows how they ended), ``stopped``
        (before its end) or ``cut off`` (it could not say that it ended); ``unreadable``."""
        if self.trouble:
            return "unreadable"
        if self.ended is None:
            return "running" if self.is_running else "cut off"
        if self.ended.reason is not None:
            return "stopped"
        return "unfinished" if self.ended.leaves_work else "ended"

    @property
    def can_resume(self) -> bool:
        """Whether `orch resume` has something to do."""
        return self.can_begin_again and self.state in ("unfinished", "stopped", "cut off")


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
            self.format = self._recognise(database)
            """The number of the format it was written in."""

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

    @property
    def has_begun(self) -> bool:
        """Whether a run began here. Raises UserError."""
        return any(self._rows("SELECT 1 FROM events WHERE kind = ? LIMIT 1", RunStarted.__name__))

    def summary(self) -> Summary:
        """What ``orch runs list`` says of this run. A run that was resumed has several beginnings, and may have several
        ends: what counts is the first beginning, and an end behind the last one."""
        starts, ends = self._all_of(RunStarted), self._all_of(RunEnded)
        started = next((each.event for each in starts if isinstance(each.event, RunStarted)), None)
        is_over = bool(ends) and (not starts or ends[-1].seq > starts[-1].seq)
        ended = ends[-1].event if is_over else None
        return Summary(
            self.run_id,
            starts[0].at if starts else None,
            started.command if started else (),
            ended if isinstance(ended, RunEnded) else None,
            is_held(self.path / "lock"),
            max(0, len(starts) - 1),
            bool(started and started.invocation),
        )

    def _all_of(self, kind: type[RunStarted] | type[RunEnded]) -> list[Entry]:
        """The events of ``kind``, without those that cannot be read: whoever looks at the run is told that."""
        found: list[Entry] = []
        for seq, at, data in self._rows("SELECT seq, at, data FROM events WHERE kind = ? ORDER BY seq", kind.__name__):
            with suppress(TypeError, ValueError, AttributeError):
                found.append(Entry(seq, _dated(at), decode({"kind": kind.__name__, **json.loads(data)})))
        return found

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

    def _recognise(self, database: sqlite3.Connection) -> int:
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
        return int(version)

    def _broken(self, error: sqlite3.Error) -> UserError:
        return UserError(
            f"the journal of {self.run_id} is broken: {error}",
            evidence=str(self.path / "journal.sqlite"),
            hint="sqlite3's .recover may save a part of it; a backup is better",
        )


def list_runs(home: Path, most: int | None = None) -> list[Summary]:
    """Runs below ``home``, newest first, at ``most`` so many; one that cannot be read says so in ``trouble``."""
    found = map(_summary, sorted(_run_paths(home), reverse=True))
    return list(islice((each for each in found if each is not None), most))


def open_run(home: Path, name: str = "last") -> Recorded:
    """The run called ``name``: its id, a beginning of it that no other has, or ``last``. Raises UserError."""
    paths = sorted(_run_paths(home), reverse=True)
    if name == "last":
        last = next(filter(_is_run, paths), None)
        if last is None:
            raise UserError("there are no runs yet", evidence=str(home / "runs"), hint="orch run starts one")
        return Recorded(last)
    called = [path for path in paths if path.name == name] or [
        path for path in paths if path.name.startswith(name) or path.name.endswith(f"-{name}")
    ]
    found = list(filter(_is_run, called))
    if len(found) == 1:
        return Recorded(found[0])
    if not found:
        raise UserError(f"there is no run {name!r}", hint="orch runs list shows them")
    some = ", ".join(path.name for path in reversed(found[-5:]))
    raise UserError(f"{name!r} fits {len(found)} runs", evidence=some, hint="give more of the name")


def _run_paths(home: Path) -> list[Path]:
    """Directories with a journal in which something was written."""
    return [path for path in runs_dir(home).iterdir() if _size(path / "journal.sqlite")]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _is_run(path: Path) -> bool:
    """Whether a run began at ``path``, as far as can be told: one that cannot be read is one."""
    try:
        return Recorded(path).has_begun
    except UserError:
        return True


def _summary(path: Path) -> Summary | None:
    try:
        recorded = Recorded(path)
        return recorded.summary() if recorded.has_begun else None
    except UserError as error:
        return Summary(path.name, None, trouble=error.message)
