"""The five-step rollout against the real gateway: it passes, the same again changes nothing, each fault stops it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.openclaw.conftest import Lab
from tests.integration.openclaw.faults import FAULTS, WRONG, Fault

pytestmark = [pytest.mark.needs_openclaw, pytest.mark.timeout(900)]


def test_five_gates_pass_and_the_same_again_changes_nothing(lab: Lab, tmp_path: Path) -> None:
    first = lab.play("rollout", ticket_dir=str(tmp_path))
    assert first.status == 0, first.stderr
    assert [name for name, host, _ in first.tasks() if name.startswith("Gate") and host == "gateway1"] != []
    ticket = (tmp_path / "gateway1.md").read_text()
    assert "All five gates passed" in ticket
    assert len(ticket.splitlines()) <= 60
    assert lab.token not in ticket
    before = lab.kept()
    again = lab.play("rollout", ticket_dir=str(tmp_path))
    assert again.status == 0, again.stderr
    assert [name for name, _, result in again.tasks() if result.get("changed")] == []
    assert lab.kept() == before


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_stops_the_rollout_at_its_gate(lab: Lab, tmp_path: Path, fault: Fault) -> None:
    with fault.inject(lab):
        before = lab.kept()
        told = lab.play("rollout", ticket_dir=str(tmp_path), **fault.extra)
        assert told.status == 2, told.stderr
        failed = [
            (name, result) for name, host, result in told.tasks() if result.get("finding") and result.get("failed")
        ]
        name, result = failed[0]
        assert name.startswith(tuple(fault.gate.split("|"))), name
        finding = result["finding"]
        assert (finding["layer"], finding["code"]) == (fault.layer, fault.code), finding
        assert finding["cause"] and finding["evidence"] and finding["next"]
        assert lab.kept() == before
        if fault.rolls_back:
            assert any(task.startswith("Rollback") and one.get("changed") for task, _, one in told.tasks())
        for event in told.events:
            assert lab.token not in str(event)
    assert lab.accepts(lab.token)
    assert not lab.accepts(WRONG)
