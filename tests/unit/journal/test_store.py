import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from orchestrator.journal.entry import MARGIN_CHARS, MOST_TOLD_CHARS, RESULT_BYTES, TOLD_CHARS
from orchestrator.journal.reading import Recorded, list_runs, open_run
from orchestrator.journal.store import Journal, JournalError
from orchestrator.model.errors import UserError
from orchestrator.model.events import Other, RunEnded, RunStarted, Said, SnapshotTaken, TaskDone
from orchestrator.secrets.redact import Redactor


def said(text: str) -> Said:
    return Said(level="info", text=text)


def texts(run: Recorded) -> list[str]:
    return [entry.event.text for entry in run.events() if isinstance(entry.event, Said)]


def at(home: Path, name: str = "r") -> Recorded:
    """The journal called ``name``, whether a run began in it or not."""
    return Recorded(home / "runs" / name)


def test_what_is_emitted_is_read_back_numbered_and_timed(tmp_path: Path) -> None:
    before = time.time()
    with Journal(tmp_path, "r") as journal:
        returned = [
            journal.emit(event)
            for event in (said("a"), RunEnded(status=2, reason="x"), Other(kind="New", data={"z": 1}))
        ]
    read = list(at(tmp_path).events())
    assert read == returned
    assert [entry.seq for entry in read] == [1, 2, 3]
    assert all(before <= entry.at <= time.time() for entry in read)
    assert [entry.seq for entry in at(tmp_path).events(after=2)] == [3]


def test_after_sync_another_process_can_read_it(tmp_path: Path) -> None:
    async def scene() -> list[str]:
        with Journal(tmp_path, "r") as journal:
            journal.emit(said("first"))
            await journal.sync()
            return texts(at(tmp_path))

    assert asyncio.run(scene()) == ["first"]


def test_many_callers_wait_for_few_commits(tmp_path: Path) -> None:
    async def one(journal: Journal, number: int) -> None:
        journal.emit(said(str(number)))
        await journal.sync()

    async def scene() -> int:
        with Journal(tmp_path, "r") as journal:
            await asyncio.gather(*(one(journal, number) for number in range(500)))
            with sqlite3.connect(journal.path / "journal.sqlite") as database:
                database.execute("PRAGMA wal_checkpoint")
                pages = os.path.getsize(journal.path / "journal.sqlite-wal") // 4096
        return pages

    # One commit each would have written at least a page of the table and one of the index, 500 times.
    assert asyncio.run(scene()) < 500
    assert sorted(map(int, texts(at(tmp_path)))) == list(range(500))


def test_one_process_writes_at_a_time_and_a_later_one_continues(tmp_path: Path) -> None:
    with Journal(tmp_path, "r") as journal:
        journal.emit(said("a"))
        with pytest.raises(UserError, match="still being written") as caught:
            Journal(tmp_path, "r")
        assert str(os.getpid()) in str(caught.value)
        assert at(tmp_path).summary().state == "running"
    with Journal(tmp_path, "r") as journal:
        assert journal.emit(said("b")).seq == 2
    assert texts(at(tmp_path)) == ["a", "b"]


def test_who_continues_a_run_has_read_all_of_it(tmp_path: Path) -> None:
    with Journal(tmp_path, "r", after=0) as journal:
        journal.emit(said("a"))
        read = at(tmp_path)
        seen = read.last()
        journal.emit(said("b"))
    with pytest.raises(UserError, match="went on while it was being read") as caught:
        Journal(tmp_path, "r", after=seen)
    assert "to 2" in str(caught.value.evidence)
    with Journal(tmp_path, "r", after=2) as journal:
        assert journal.emit(said("c")).seq == 3


def test_a_torn_tail_costs_the_last_event_and_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        with Journal(tmp_path, "r") as journal:
            for number in range(20):
                journal.emit(said(str(number)))
                await journal.sync()
            shutil.copytree(journal.path, tmp_path / "runs" / "torn")

    asyncio.run(scene())
    log = tmp_path / "runs/torn/journal.sqlite-wal"
    (tmp_path / "runs/torn/journal.sqlite-shm").unlink()
    os.truncate(log, log.stat().st_size - 10)
    torn = at(tmp_path, "torn")
    assert texts(torn) == [str(number) for number in range(19)]
    assert torn.lost() == 1
    assert torn.summary().state == "cut off"
    assert at(tmp_path).lost() == 0


def test_a_killed_writer_loses_nothing_that_was_synced(tmp_path: Path) -> None:
    program = f"""
import asyncio, os
from pathlib import Path
from orchestrator.journal.store import Journal
from orchestrator.model.events import Said
async def main():
    journal = Journal(Path({str(tmp_path)!r}), "r")
    for n in range(5):
        journal.emit(Said(level="info", text=str(n)))
    await journal.sync()
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], timeout=30, check=False)
    assert done.returncode == -9
    assert texts(at(tmp_path)) == ["0", "1", "2", "3", "4"]


def test_a_journal_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    async def scene() -> None:
        journal = Journal(tmp_path, "r")
        with sqlite3.connect(journal.path / "journal.sqlite") as database:
            database.execute("DROP TABLE events")
        journal.emit(said("a"))
        with pytest.raises(JournalError, match="cannot be written"):
            await journal.sync()
        with pytest.raises(JournalError):
            journal.emit(said("b"))
        with pytest.raises(JournalError):
            journal.close()

    asyncio.run(scene())


def test_no_secret_reaches_the_disk_or_the_reports(tmp_path: Path) -> None:
    redactor = Redactor({"token": "hunter2-hunter2"})
    with Journal(tmp_path, "r", redactor.data) as journal:
        journal.keep({"site.yml": "token: hunter2-hunter2"})
        entry = journal.emit(
            TaskDone(host="h", task="t", outcome="ok", result={"hunter2-hunter2": ["x hunter2-hunter2 y"]})
        )
    assert entry.event == TaskDone(host="h", task="t", outcome="ok", result={"***": ["x *** y"]})
    assert all(b"hunter2-hunter2" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_files_and_snapshots_are_kept(tmp_path: Path) -> None:
    with Journal(tmp_path, "r") as journal:
        journal.keep({"a.yml": "- hosts: all\n"})
        journal.emit(SnapshotTaken(host="m1", snapshot={"os": "old"}))
        journal.emit(SnapshotTaken(host="m1", snapshot={"os": "new"}))
    run = at(tmp_path)
    assert run.files() == {"a.yml": "- hosts: all\n"}
    assert run.digests() == {"a.yml": sha256(b"- hosts: all\n").hexdigest()}
    assert run.snapshots() == {"m1": {"os": "new"}}


@pytest.mark.parametrize(
    "result",
    [
        {"stdout": "x" * (3 * RESULT_BYTES)},
        {"stdout_lines": ["y" * 100] * 40_000},
        {f"k{number}": "z" * 900 for number in range(4000)},
    ],
)
def test_large_results_are_trimmed_and_said_so(tmp_path: Path, result: dict[str, object]) -> None:
    with Journal(tmp_path, "r") as journal:
        journal.emit(TaskDone(host="h", task="t", outcome="changed", result=result))
    (entry,) = at(tmp_path).events()
    assert isinstance(entry.event, TaskDone)
    assert (entry.event.host, entry.event.outcome) == ("h", "changed")
    assert "[trimmed" in str(entry.event.result)
    with sqlite3.connect(tmp_path / "runs/r/journal.sqlite") as database:
        ((size,),) = database.execute("SELECT length(data) FROM events")
    assert size <= RESULT_BYTES


def test_what_is_very_long_is_told_in_part_and_no_secret_by_half(tmp_path: Path) -> None:
    secret = "canary-4711"
    text = "x" * (TOLD_CHARS - 50) + secret + "y" * (MOST_TOLD_CHARS)

    def redact(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: redact(each) for key, each in data.items()}
        return data.replace(secret, "***") if isinstance(data, str) else data

    with Journal(tmp_path, "r", redact) as journal:
        seen = journal.emit(TaskDone(host="h", task="t", outcome="ok", result={"a": text, "b": ["z" * 1000] * 5000}))
    assert isinstance(seen.event, TaskDone)
    told, lines = seen.event.result["a"], seen.event.result["b"]
    assert "***y" in told and "canary" not in told and told.endswith(f"… [trimmed: {len(text)} characters]")
    assert len(told) < TOLD_CHARS + 100 and lines[0] == "z" * 1000 and lines[-1] == "… [trimmed: 5000 items]"
    (entry,) = at(tmp_path).events()
    assert isinstance(entry.event, TaskDone)
    assert entry.event.result["a"].endswith(f"… [trimmed: {len(text)} characters]")
    text = "x" * (TOLD_CHARS + MARGIN_CHARS - 5) + secret * 200_000
    hidden = TaskDone(host="h", task="t", outcome="ok", result={"a": text})
    with Journal(tmp_path, "s", redact) as journal:
        seen = journal.emit(hidden)
    assert isinstance(seen.event, TaskDone) and "canary" not in seen.event.result["a"]


def test_odd_values_become_text(tmp_path: Path) -> None:
    odd = {1: b"\xff", "set": {"b", "a"}, "path": Path("/x"), "lone": "\udcff"}
    with Journal(tmp_path, "r") as journal:
        journal.emit(TaskDone(host="h", task="t", outcome="ok", result=odd))
    (entry,) = at(tmp_path).events()
    assert isinstance(entry.event, TaskDone)
    assert entry.event.result == {"1": "\\xff", "set": ["a", "b"], "path": "/x", "lone": "?"}


def test_everything_is_its_owners_alone(tmp_path: Path) -> None:
    with Journal(tmp_path, "r") as journal:
        journal.emit(said("a"))
        modes = {path.name: path.stat().st_mode & 0o777 for path in [journal.path, *journal.path.iterdir()]}
    assert modes.pop("r") == 0o700
    assert set(modes.values()) == {0o600}


def begin(run: str, *command: str, **more: Any) -> RunStarted:
    return RunStarted(run=run, version="1", command=command or ("orch", "run", "site.yml"), **more)


def make(home: Path, *names: str) -> None:
    for name in names:
        with Journal(home, name) as journal:
            journal.emit(begin(name))
            journal.emit(RunEnded(status=0))


def test_runs_are_found_by_what_people_type(tmp_path: Path) -> None:
    make(tmp_path, "20260101-000000-aaaa", "20260101-000001-bbbb", "20260202-000000-cccc")
    assert open_run(tmp_path).run_id == "20260202-000000-cccc"
    assert open_run(tmp_path, "202602").run_id == "20260202-000000-cccc"
    assert open_run(tmp_path, "bbbb").run_id == "20260101-000001-bbbb"
    with pytest.raises(UserError, match="fits 2 runs"):
        open_run(tmp_path, "202601")
    with pytest.raises(UserError, match="no run 'zzz'"):
        open_run(tmp_path, "zzz")


def test_the_list_is_newest_first_and_bears_a_broken_journal(tmp_path: Path) -> None:
    make(tmp_path, "20260101-000000-aaaa", "20260202-000000-cccc")
    broken = tmp_path / "runs/20260303-000000-dddd"
    broken.mkdir()
    (broken / "journal.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    runs = list_runs(tmp_path)
    assert [(each.run_id[-4:], each.state) for each in runs] == [
        ("dddd", "unreadable"), ("cccc", "ended"), ("aaaa", "ended"),
    ]  # fmt: skip
    assert runs[1].command == ("orch", "run", "site.yml")
    assert runs[1].status == 0
    assert list_runs(tmp_path, 2) == runs[:2]


def test_what_never_began_is_no_run(tmp_path: Path) -> None:
    make(tmp_path, "20260101-000000-aaaa")
    (tmp_path / "runs/20260404-000000-eeee").mkdir()
    (tmp_path / "runs/20260404-000000-ffff").mkdir()
    (tmp_path / "runs/20260404-000000-ffff/journal.sqlite").touch()
    with Journal(tmp_path, "20260404-000000-gggg") as journal:
        journal.emit(said("about to begin"))
    assert [each.run_id[-4:] for each in list_runs(tmp_path)] == ["aaaa"]
    assert open_run(tmp_path).run_id == "20260101-000000-aaaa"
    for name in ("20260404", "eeee", "ffff", "gggg"):
        with pytest.raises(UserError, match="there is no run"):
            open_run(tmp_path, name)


def test_an_abandoned_journal_leaves_nothing(tmp_path: Path) -> None:
    with Journal(tmp_path, "r") as journal:
        journal.emit(said("about to begin"))
        assert not journal.has_begun
        journal.abandon()
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize(
    ("end", "state", "is_left"),
    [
        (None, "cut off", True),
        (RunEnded(status=0), "ended", False),
        (RunEnded(status=2), "ended", False),
        (RunEnded(status=4), "unfinished", True),
        (RunEnded(status=99, reason="stopped on request"), "stopped", True),
        (RunEnded(status=2, reason="the run's limit of 5 s passed"), "stopped", True),
    ],
)
def test_a_run_says_whether_something_is_left_to_do(
    tmp_path: Path, end: RunEnded | None, state: str, is_left: bool
) -> None:
    for name, more in (("known", {"invocation": {"flags": {}}}), ("not", {})):
        with Journal(tmp_path, name) as journal:
            journal.emit(begin(name, **more))
            if end is not None:
                journal.emit(end)
    unknown, known = list_runs(tmp_path)
    assert (known.state, known.can_resume) == (state, is_left)
    assert (unknown.state, unknown.can_resume) == (state, False)


def test_a_resumed_run_keeps_its_first_beginning(tmp_path: Path) -> None:
    with Journal(tmp_path, "r") as journal:
        first = journal.emit(begin("r"))
        journal.emit(RunEnded(status=99, reason="stopped on request"))
        journal.emit(begin("r", "orch", "resume", resumed=True))
    again = at(tmp_path).summary()
    assert (again.started_at, again.command, again.resumed) == (first.at, ("orch", "run", "site.yml"), 1)
    assert (again.state, again.status) == ("cut off", None)
    with Journal(tmp_path, "r") as journal:
        journal.emit(begin("r", "orch", "resume", resumed=True))
        journal.emit(RunEnded(status=0))
    over = at(tmp_path).summary()
    assert (over.resumed, over.state, over.status) == (2, "ended", 0)


def test_no_runs_yet(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no runs yet"):
        open_run(tmp_path)


def test_a_foreign_and_a_newer_journal_are_refused(tmp_path: Path) -> None:
    make(tmp_path, "r")
    file = tmp_path / "runs/r/journal.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version=99")
    with pytest.raises(UserError, match="newer orch"):
        open_run(tmp_path)
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA application_id=1")
    with pytest.raises(UserError, match="not a journal of orch"):
        open_run(tmp_path)


def test_damage_in_the_middle_is_a_clear_error(tmp_path: Path) -> None:
    with Journal(tmp_path, "r") as journal:
        for number in range(2000):
            journal.emit(said(f"{number} {'x' * 50}"))
    file = tmp_path / "runs/r/journal.sqlite"
    with file.open("r+b") as stream:
        stream.seek(4096 * 3)
        stream.write(b"\xff" * 4096 * 20)
    with pytest.raises(UserError, match="is broken"):
        list(at(tmp_path).events())
