"""The symptom catalogue against messages of the real product, 2026.9.6, that were provoked on purpose and recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.modules.openclaw.catalogue import BY_CODE, LAYERS, SYMPTOMS, Finding, classify, telling

FIXTURES = Path(__file__).parents[3] / "fixtures/openclaw"
RECORDS = [one for file in sorted(FIXTURES.glob("*.json")) for one in json.loads(file.read_text(encoding="utf-8"))]


def test_real_messages_are_put_into_their_layer() -> None:
    assert len(RECORDS) >= 40
    wrong = [
        (one["layer"], row and row.code, one["command"], one["text"][:160])
        for one in RECORDS
        if (row := classify(one["text"])) is None or row.layer != one["layer"]
    ]
    assert len(wrong) <= 0.05 * len(RECORDS), wrong


def test_every_row_has_a_layer_a_command_and_a_step() -> None:
    assert len(BY_CODE) == len(SYMPTOMS)
    for row in SYMPTOMS:
        assert row.layer in LAYERS and row.cause and row.command and row.step, row


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("words that nobody knows", None),
        ("unauthorized: gateway token mismatch (provide gateway auth token)", "token_mismatch"),
        ("No API key found for provider demo", "provider_key"),
        ("bootstrap failed: 125: Domain does not support specified action", "service_manager"),
        ("Gateway restart storm: 4 external CLI restarts in 10 minutes", "crash_loop"),
        ('{"ready":false,"failing":["gateway-draining"]}', "not_ready"),
    ],
)
def test_short_messages(text: str, code: str | None) -> None:
    row = classify(text)
    assert (row.code if row else None) == code


def test_of_a_json_answer_the_telling_part_counts() -> None:
    answer = {
        "service": {"inspectionReason": "service-manager-unavailable"},
        "rpc": {"ok": False, "error": "unauthorized", "connectFailure": {"detailCode": "AUTH_TOKEN_MISMATCH"}},
    }
    row = classify(json.dumps(answer))
    assert row is not None and row.code == "token_mismatch"
    assert telling("no { JSON") == "no { JSON"


def test_a_finding_says_cause_evidence_and_the_completed_command() -> None:
    finding = Finding("port_taken", "nc (99)", (("port", "18789"),))
    assert finding.command == "lsof -nP -iTCP:18789 -sTCP:LISTEN"
    assert "layer D" in str(finding) and "evidence: nc (99)" in str(finding)
    assert set(finding.as_data()) == {"code", "layer", "cause", "evidence", "next", "step"}
