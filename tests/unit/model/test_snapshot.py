"""Snapshots: JSON there and back, what counts as drift and how bad it is, and the ticket."""

import json
from typing import Any

import pytest

from orchestrator.model.snapshot import (
    BadSnapshot,
    Fact,
    Severity,
    Snapshot,
    Standing,
    drift,
    from_data,
    markdown,
    severity,
)


def snapshot(*facts: Fact, host: str = "mac1") -> Snapshot:
    return Snapshot(host=host, taken_at="2026-09-01T10:00:00+00:00", facts=facts)


def known(name: str, value: Any) -> Fact:
    return Fact(name=name, value=value, source="a command", exit_status=0)


def dark(name: str, standing: Standing = Standing.UNKNOWN) -> Fact:
    return Fact(name=name, standing=standing, why="no answer", source="a command", exit_status=None)


BASE = snapshot(
    known("os.version", "26.5"), known("hardware.digest", "aa"), known("boot.session", "1"), dark("mdm.dep")
)


def test_json_there_and_back() -> None:
    again = from_data(json.loads(json.dumps(BASE.as_data())))
    assert again == BASE
    assert BASE.as_data()["known"] == {
        "os": {"version": "26.5"},
        "hardware": {"digest": "aa"},
        "boot": {"session": "1"},
    }


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "no snapshot"),
        ({"schema": 2, "facts": {}}, "schema 2"),
        ({"schema": 1, "facts": {"os.version": {"value": 1}}}, "'os.version' has no standing"),
    ],
)
def test_foreign_data_is_refused_with_the_reason(data: Any, words: str) -> None:
    with pytest.raises(BadSnapshot, match=words):
        from_data(data)


def test_a_value_is_given_only_where_it_is_known() -> None:
    assert BASE.value("os.version") == "26.5"
    assert BASE.value("mdm.dep") is None
    assert BASE.value("nothing.such") is None


def test_no_drift_from_itself_and_none_from_what_changes_by_itself() -> None:
    first = snapshot(*BASE.facts, known("clock.offset_s", 0.1), known("load.one_minute", 1.0))
    second = snapshot(*BASE.facts, known("clock.offset_s", 9.0), known("load.one_minute", 7.0))
    assert drift(first, second).changes == ()
    assert drift(first, second).worst is None
    assert first.stable() == second.stable()


def test_a_new_process_is_no_drift_and_a_new_port_is() -> None:
    def listening(port: int, pid: int) -> Snapshot:
        return snapshot(known("network.listening", [{"port": port, "pid": pid}]))

    assert drift(listening(80, 1), listening(80, 2)).changes == ()
    assert drift(listening(80, 1), listening(81, 1)).worst is Severity.BREAKING


def test_changes_are_told_worst_first_with_both_sides() -> None:
    now = snapshot(
        known("os.version", "26.6"), known("hardware.digest", "aa"), known("tools.zsh", "5.9"), dark("mdm.dep")
    )
    found = drift(BASE, now)
    assert [(one.name, one.before, one.after, one.severity) for one in found.changes] == [
        ("os.version", "26.5", "26.6", Severity.BREAKING),
        ("tools.zsh", "not asked", "5.9", Severity.WARNING),
        ("boot.session", "1", "not asked", Severity.INFO),
    ]
    assert found.changes[0].as_data()["severity"] == "breaking"


def test_turning_unknown_is_drift_but_not_proof_of_a_break() -> None:
    found = drift(
        snapshot(known("protection.sip", "enabled")), snapshot(dark("protection.sip", Standing.NOT_PERMITTED))
    )
    assert found.changes[0].after == "not permitted: no answer"
    assert found.worst is Severity.WARNING


def test_another_machine_and_a_reboot_are_recognised() -> None:
    other = snapshot(known("hardware.digest", "bb"), known("boot.session", "2"))
    assert drift(BASE, other).other_machine and drift(BASE, other).rebooted
    assert drift(BASE, other).worst is Severity.BREAKING
    assert not drift(BASE, snapshot(dark("hardware.digest"))).other_machine


def test_severity_of_an_unlisted_fact_is_info() -> None:
    assert severity("host.computer_name") is Severity.INFO
    assert severity("keychain.default") is Severity.BREAKING


def test_the_ticket_is_short_and_says_what_was_not_seen() -> None:
    facts = [known("os.version", "26.5"), known("mdm.profiles", []), known("launchd.a|b", {"pid": 1, "x": "y" * 200})]
    text = markdown(snapshot(*facts, *(dark(f"tools.t{number}") for number in range(90))))
    lines = text.splitlines()
    assert len(lines) <= 60
    assert "| os.version | 26.5 |" in lines
    assert "| mdm.profiles | none |" in lines
    assert "Not seen: 90 of 93 facts" in lines
    assert "…" in text and lines[-1].endswith("more")
    listening = known("network.listening", [{"address": "127.0.0.1", "port": 18789}])
    assert "127.0.0.1:18789" in markdown(snapshot(listening))
