import os
import re
from pathlib import Path

import pytest

from orchestrator.journal.budget import Notes
from orchestrator.journal.home import new_run_id, state_dir
from orchestrator.journal.lock import Lock, is_held, read_owner
from orchestrator.model.errors import UserError


def test_the_state_directory_is_chosen_by_the_environment(tmp_path: Path) -> None:
    assert state_dir({"ORCH_HOME": str(tmp_path / "own"), "XDG_STATE_HOME": "/nowhere"}) == tmp_path / "own"
    assert state_dir({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "orch"
    assert (tmp_path / "orch").stat().st_mode & 0o777 == 0o700


def test_a_directory_that_anyone_can_write_is_refused(tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(UserError, match="writable by everyone") as caught:
        state_dir({"ORCH_HOME": str(open_to_all)})
    assert f"chmod 700 {open_to_all}" in str(caught.value)


def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be used"):
        state_dir({"ORCH_HOME": str(tmp_path / "file/below")})


def test_run_ids_sort_by_time_and_can_be_typed() -> None:
    assert re.fullmatch(r"20260801-120000-[a-z0-9]{4}", new_run_id(1785585600))
    assert new_run_id(1000000000) < new_run_id(1000000000.01) < new_run_id(1000000000.99) < new_run_id(1000000001)
    assert len({new_run_id(0) for _ in range(100)}) > 60  # of a thousand: some are the same


def test_the_lock_is_held_as_long_as_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    with Lock(path) as lock:
        lock.beat(7)
        assert is_held(path)
        assert (read_owner(path).pid, read_owner(path).seq) == (os.getpid(), 7)
    assert not is_held(path)


def test_a_writer_elsewhere_is_judged_by_its_heartbeat(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text('{"pid": 1, "host": "another-machine", "beat": 99999999999, "seq": 1}')
    assert is_held(path)
    path.write_text('{"pid": 1, "host": "another-machine", "beat": 1, "seq": 1}')
    assert not is_held(path)
    path.write_text("nonsense")
    assert not is_held(path)


def test_notes_are_remembered_by_topic_across_openings(tmp_path: Path) -> None:
    now = [1000.0]
    notes = Notes(tmp_path, lambda: now[0])
    notes.remember("restart a", "m1")
    now[0] = 1060.0
    Notes(tmp_path, lambda: now[0]).remember("restart a", "m2")
    notes.remember("restart b", "m1")
    assert notes.recall("restart a", 100) == (("m2", 0.0), ("m1", 60.0))
    assert notes.recall("restart a", 30) == (("m2", 0.0),)
    assert notes.recall("restart c", 30) == ()
    assert (tmp_path / "budgets.sqlite").stat().st_mode & 0o777 == 0o600


def test_broken_notes_are_an_error_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "budgets.sqlite").write_bytes(b"\xff" * 4096)
    with pytest.raises(UserError, match="restart budgets cannot be used"):
        Notes(tmp_path).recall("x", 1)
