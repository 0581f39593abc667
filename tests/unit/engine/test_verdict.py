"""What a loop's turns come to together."""

import pytest

from orchestrator.engine.verdict import joined
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
