"""Messages of the real product, provoked now, are put into the right layer."""

from __future__ import annotations

import pytest

from orchestrator.modules.openclaw.catalogue import classify
from tests.integration.openclaw.conftest import Lab
from tests.integration.openclaw.provoke import record

pytestmark = [pytest.mark.needs_openclaw, pytest.mark.slow, pytest.mark.timeout(2400)]


def test_forty_provoked_messages_are_classified(lab: Lab) -> None:
    records = record(lab)
    assert len(records) >= 40
    wrong = [
        (one["layer"], one["command"], one["text"][:200])
        for one in records
        if (row := classify(one["text"])) is None or row.layer != one["layer"]
    ]
    assert len(wrong) <= len(records) * 0.05, wrong
