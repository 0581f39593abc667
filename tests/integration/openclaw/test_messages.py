"""Messages of the real product, provoked now, are put into the right layer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.modules.openclaw.catalogue import classify
from tests.integration.openclaw.conftest import Lab
from tests.integration.openclaw.provoke import record

pytestmark = [pytest.mark.needs_openclaw, pytest.mark.slow, pytest.mark.timeout(2400)]


def test_messages_provoked_now_are_put_into_their_layer(lab: Lab, tmp_path: Path) -> None:
    records = record(lab)
    (tmp_path / "provoked.json").write_text(json.dumps(records, indent=1, ensure_ascii=False))
    print(f"\n{len(records)} messages, kept in {tmp_path}")
    assert len(records) >= 30
    wrong = [
        (one["layer"], one["command"], one["text"][:200])
        for one in records
        if (row := classify(one["text"])) is None or row.layer != one["layer"]
    ]
    assert len(wrong) <= len(records) * 0.05, wrong
