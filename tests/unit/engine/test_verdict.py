"""What errors and a loop's turns come to."""

import pytest

from orchestrator.engine.verdict import joined, of_error
from orchestrator.model.errors import ElevationDenied, Unreachable
from orchestrator.model.results import Outcome, Result, failure

LOST = Result(unknown=True, msg="the line broke")


@pytest.mark.parametrize(
    ("turns", "outcome", "msg"),
    [
        ([Result(), Result(changed=True)], Outcome.CHANGED, "All items completed"),
        ([Result(), failure("no")], Outcome.FAILED, "One or more items failed"),
        ([Result(), LOST], Outcome.UNKNOWN, "How one or more items ended is unknown"),
        ([failure("no"), LOST], Outcome.UNKNOWN, "One or more items failed"),
        ([Result(skipped=True)], Outcome.SKIPPED, "All items skipped"),
    ],
)
def test_a_loop_is_as_bad_as_its_worst_turn(turns: list[Result], outcome: Outcome, msg: str) -> None:
    whole = joined(turns)
    assert (whole.outcome, whole.msg) == (outcome, msg)


def test_a_host_out_of_reach_registers_what_ssh_says() -> None:
    error = Unreachable("mac refuses connections", evidence="[Errno 111]", said="ssh: connect to host mac port 22: no")
    result = of_error(error)
    assert result.as_vars() == {
        "changed": False,
        "exception": "(traceback unavailable)",
        "msg": "Task failed: Failed to connect to the host via ssh: ssh: connect to host mac port 22: no",
        "unreachable": True,
    }
    assert result.evidence == "mac refuses connections: [Errno 111]"
    assert of_error(ElevationDenied("sudo says no")).outcome is Outcome.FAILED
    refused = of_error(ElevationDenied("sudo to root refused the password", said="Incorrect sudo password"))
    assert (refused.outcome, refused.msg) == (Outcome.FAILED, "Task failed: Incorrect sudo password")
