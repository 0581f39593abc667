"""The journal of one run: events to disk in the order they happened, and a promise when they are there.

``<state>/runs/<run id>/journal.sqlite`` (WAL, synchronous=FULL) is written by a thread that commits whatever has
gathered since its last commit, so any number of callers of ``sync`` share one. Every event passes the redactor on its
way in: nothing that the journal holds, or hands to the reports, was ever unredacted on disk or screen.
"""

from __future__ import annotations

import asyncio
import hashlib
import queue
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from orchestrator.journal.entry import Entry, decode, encode, is_json, is_long, is_short, text_of, told
from orchestrator.journal.home import runs_dir
from orchestrator.journal.lock import Lock
from orchestrator.model.errors import OrchestratorError, UserError
from orchestrator.model.events import Event, RunStarted, to_json

FORMAT = 2
"""1: keys of results were the tasks' places in their files."""
APPLICATION = 0x4F524348
"""``ORCH`` in SQLite's application_id: told apart from other people's databases."""

SCHEMA = f"""
PRAGMA application_id={APPLICATION};
PRAGMA user_version={FORMAT};
CREATE TABLE IF NOT EXISTS events(seq INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_kind ON events(kind, seq);
CREATE TABLE IF NOT EXISTS files(path TEXT PRIMARY KEY, digest TEXT NOT NULL, text TEXT NOT NULL);
"""
HEARTBEAT_S = 10.0
CLOSE_S = 30.0


class Row(NamedTuple):
    """One statement for the writer."""

    statement: str
    values: tuple[Any, ...]


class Waiter(NamedTuple):
    """Someone who wants to know when all rows before this one are on disk."""

    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


class JournalError(OrchestratorError):
    """The journal cannot be written; the run must stop, since what it does next would not be recorded."""


def _as_it_is(data: Any) -> Any:
    return data


class Journal:
    """A run's journal while this process writes it. ``emit`` is cheap; ``await sync()`` means "it is on disk"."""

    def __init__(
        self,
        home: Path,
        run_id: str,
        redact: Callable[[Any], Any] = _as_it_is,
        *,
        is_taken_over: bool = False,
        after: int | None = None,
    ) -> None:
        """Make or continue the journal of ``run_id``. ``redact`` maps plain data to the same data without secrets.

        ``is_taken_over``: continue it although its writer on another machine did not say that it had ended. ``after``:
        the last event that was read of it; raises UserError where more was written since.
        """
        self.run_id = run_id
        self._redact = redact
        try:
            self.path = runs_dir(home) / run_id
            self.path.mkdir(mode=0o700, exist_ok=True)
            self._lock = Lock(self.path / "lock", is_taken_over=is_taken_over)
        except OSError as error:
            raise _unwritable(run_id, error, home) from error
        try:
            self._database = connect(self.path / "journal.sqlite")
        except (sqlite3.Error, OSError) as error:
            self._lock.release()
            raise _unwritable(run_id, error, self.path) from error
        (last,) = self._database.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        self._seq: int = last
        if after is not None and after != last:
            self._database.close()
            self._lock.release()
            raise UserError(
                f"{run_id} went on while it was being read",
                evidence=f"another process has written events {after + 1} to {last}",
                hint="give the same command again: it will see what is done by now",
            )
        self.has_begun = last > 0
        """Whether it tells of a run: until one begins there is nothing to keep."""
        self._is_abandoned = False
        self._gathered: list[Row | Waiter] = []
        self._queue: queue.SimpleQueue[list[Row | Waiter] | None] = queue.SimpleQueue()
        self._failed: sqlite3.Error | None = None
        self._writer = threading.Thread(target=self._write, name=f"journal {run_id}", daemon=True)
        self._writer.start()

    def emit(self, event: Event) -> Entry:
        """Number, time and queue ``event``; returns it as everybody may see it: without secrets."""
        self._check()
        self.has_begun = self.has_begun or isinstance(event, RunStarted)
        data = told(event, self._redact)
        self._seq += 1
        at = time.time()
        row = (self._seq, at, data["kind"], text_of({key: data[key] for key in data if key != "kind"}))
        self._put(Row("INSERT INTO events VALUES (?, ?, ?, ?)", row))
        return Entry(self._seq, at, decode(data))

    def keeps(self, event: Event) -> bool:
        """Whether ``event`` can be had back as it is: nothing in it is secret, unlike JSON, or too long."""
        if is_long(event):
            return False
        data = encode(event)
        return is_json(to_json(event)) and self._redact(data) == data and is_short(data)

    async def sync(self) -> None:
        """Return when everything emitted so far is durable. Raises JournalError when it cannot be."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._check()
        self._put(Waiter(loop, done))
        await done
        self._check()

    def keep(self, files: Mapping[str, str]) -> None:
        """Keep the texts of the playbook's files (path → text), with their SHA-256, for reports and for resuming."""
        for path, text in files.items():
            digest = hashlib.sha256(text.encode()).hexdigest()
            row = (path, digest, self._redact(text))
            self._put(Row("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", row))

    def abandon(self) -> None:
        """Leave nothing when it is closed: no run has begun."""
        self._is_abandoned = True

    def close(self) -> None:
        """Write what is left and give up the journal. Raises JournalError when something was not written."""
        self._hand_over()
        self._queue.put(None)
        self._writer.join(CLOSE_S)
        if self._is_abandoned:
            shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()
        self._check()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _put(self, item: Row | Waiter) -> None:
        """Leave ``item`` to the writer, together with the rest of this turn of the event loop: each time the writer is
        woken takes the loop's thread out of its work."""
        self._gathered.append(item)
        if len(self._gathered) == 1:
            try:
                asyncio.get_running_loop().call_soon(self._hand_over)
            except RuntimeError:
                self._hand_over()

    def _hand_over(self) -> None:
        if self._gathered:
            self._queue.put(self._gathered)
            self._gathered = []

    def _check(self) -> None:
        if self._failed is not None:
            raise JournalError(
                f"the journal of {self.run_id} cannot be written: {self._failed}",
                evidence=str(self.path),
                hint="make room on this disk, then resume the run",
            ) from self._failed

    def _write(self) -> None:
        """The writer thread: one transaction for all that has gathered, then tell those who wait for it."""
        is_open = True
        while is_open:
            items, is_open = self._taken()
            with suppress(OSError):  # a full disk: what cannot be committed says it
                self._lock.beat(self._seq)
            if self._failed is None:
                self._commit([item for item in items if isinstance(item, Row)])
            _tell([item for item in items if isinstance(item, Waiter)])
        self._database.close()

    def _taken(self) -> tuple[list[Row | Waiter], bool]:
        """What has gathered, in order, and whether more will come."""
        items: list[Row | Waiter] = []
        try:
            more = self._queue.get(timeout=HEARTBEAT_S)
            while more is not None:
                items += more
                more = self._queue.get_nowait()
        except queue.Empty:
            return items, True
        return items, False

    def _commit(self, rows: list[Row]) -> None:
        if not rows:
            return
        try:
            with self._database:
                for statement, values in rows:
                    self._database.execute(statement, values)
        except sqlite3.Error as error:
            self._failed = error


def _unwritable(run_id: str, error: Exception, path: Path) -> UserError:
    message = f"the journal of {run_id} cannot be written: {error}"
    return UserError(message, evidence=str(path), hint="is the disk full, or the directory somebody else's?")


def connect(path: Path) -> sqlite3.Connection:
    """A journal's database for writing, private to its owner, made where missing."""
    path.touch(mode=0o600)
    database = sqlite3.connect(path, timeout=10, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.executescript(SCHEMA)
    return database


def _tell(waiters: list[Waiter]) -> None:
    """Wake those who wait, each event loop once."""

    def settle(waiting: list[Waiter]) -> None:
        for each in waiting:
            if not each.done.done():
                each.done.set_result(None)

    for loop in {each.loop for each in waiters}:
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(settle, [each for each in waiters if each.loop is loop])
