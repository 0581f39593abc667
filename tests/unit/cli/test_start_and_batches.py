"""Where a run starts, and in which batches: `--start-at-task` and `serial`, with statuses as in Ansible."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Orch


@pytest.mark.parametrize(("start", "said"), [("install thing", "did you mean 'install things'?"), ("zzz", "")])
def test_a_start_that_no_task_bears_is_told(orch: Orch, here: Path, start: str, said: str) -> None:
    (here / "p.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: install things, debug: {msg: x}}\n"
    )
    found, out, err = orch("run", "p.yml", "-i", "hosts", "--start-at-task", start)
    assert found == 0 and "TASK" not in out
    assert f'[ERROR]: No matching task "{start}" found.' in err and said in err
    assert ("hint" in err) == bool(said)
    assert "No matching" not in orch("run", "p.yml", "-i", "hosts", "--start-at-task", "install*")[2]


@pytest.mark.parametrize(("serial", "status"), [("abc", 250), ("1.5", 0), ("true", 0), ('"50%"', 0)])
def test_batches_as_in_ansible(orch: Orch, here: Path, serial: str, status: int) -> None:
    (here / "p.yml").write_text(
        f"- hosts: all\n  gather_facts: false\n  serial: {serial}\n  tasks: [debug: {{msg: x}}]\n"
    )
    found, _, err = orch("run", "p.yml", "-i", "hosts")
    assert found == status and "bug" not in err
    assert status == 0 or "p.yml:3:11: serial takes numbers of hosts and percentages, not 'abc'" in err
