"""launchctl's orders and lists, and launchd's log."""

import pytest

from tests.unit.modules.macos.parsers.told import told


@pytest.mark.parametrize("order", ["launchctl-bootstrap", "launchctl-bootout", "launchctl-kickstart"])
def test_silence_with_status_0_is_an_accepted_order(order: str) -> None:
    assert told(order)["outcome"] == "accepted"
    assert told(order, code=None)["status"] == "unknown"


@pytest.mark.parametrize(
    ("slug", "text", "code", "status", "outcome"),
    [
        ("launchctl-bootstrap", "Bootstrap failed: 17: File exists", 17, "known", "loaded already"),
        ("launchctl-bootstrap", "Bootstrap failed: 130: Service already exists", 130, "known", "loaded already"),
        ("launchctl-bootstrap", "Bootstrap failed: 119: Service is disabled", 119, "failed", "disabled"),
        ("launchctl-bootstrap", "", 999, "failed", None),
        ("launchctl-bootstrap", "something new", 3, "failed", None),
        ("launchctl-bootout", "Boot-out failed: 36: Operation now in progress", None, "known", "in progress"),
        ("launchctl-bootout", "Boot-out failed: 1: Operation not permitted", 1, "not permitted", "not permitted"),
        ("launchctl-bootout", "", 3, "absent", "not loaded"),
        ("launchctl-kickstart", 'Could not find service "x" in domain for user gui: 501', 113, "absent", "not loaded"),
        ("launchctl-kickstart", "what is this", 0, "unknown", None),
    ],
)
def test_refused_orders(slug: str, text: str, code: int | None, status: str, outcome: str | None) -> None:
    result = told(slug, stderr=text, code=code)
    assert (result["status"], result["outcome"]) == (status, outcome)


def test_kickstart_tells_the_pid_in_both_forms() -> None:
    assert told("launchctl-kickstart", "service spawned with pid: 812\n")["pid"] == 812
    assert told("launchctl-kickstart", "812\n", code=None) | {"outcome": None} == told(
        "launchctl-kickstart", "812\n"
    ) | {"outcome": None}


@pytest.mark.parametrize(
    ("status", "code", "signal"), [(256, 1, None), (15, None, 15), (139, None, 11), (-1, None, None)]
)
def test_the_wait_status_is_decoded(status: int, code: int | None, signal: int | None) -> None:
    job = told("launchctl-list-label", f'{{\n\t"Label" = "x";\n\t"LastExitStatus" = {status};\n}};\n')
    assert (job["last_exit_code"], job["last_signal"]) == (code, signal)


def test_list_of_one_label_drops_arguments_and_environment() -> None:
    job = told(
        "launchctl-list-label",
        '{\n\t"Label" = "x";\n\t"EnvironmentVariables" = {\n\t\t"K" = "hunter2";\n\t};\n'
        '\t"ProgramArguments" = (\n\t\t"--k=hunter2";\n\t);\n'
        '\t"MachServices" = {\n\t\t"a.b" = mach-port-object;\n\t};\n};\n',
    )
    assert "hunter2" not in str(job)
    assert job["extra"] == {"MachServices": {"a.b": "mach-port-object"}}
    missing = told("launchctl-list-label", stderr='Could not find service "x" in domain for port\n', code=113)
    assert missing["status"] == "absent"


def test_overrides_stand_in_their_own_block_only() -> None:
    text = 'disabled services = {\n\t"a" => disabled\n\t"b" => false\n}\nlogin items = {\n\t"c" => enabled\n}\n'
    assert told("launchctl-print-disabled", text)["services"] == {"a": "disabled", "b": "enabled"}
    assert told("launchctl-print-disabled", "disabled services = {\n}\n")["services"] == {}
    assert told("launchctl-print-disabled", 'disabled services = {\n\t"a" => dormant\n}\n')["status"] == "unknown"
    assert told("launchctl-print-disabled", "", code=1)["status"] == "unknown"


def test_lists_managers_and_error_tables() -> None:
    assert told("launchctl-list", "PID\tStatus\tLabel\n")["services"] == []
    assert told("launchctl-list", "12\t-9\tcom.example.a b\n")["services"][0]["last_signal"] == 9
    assert told("launchctl-list", "no table\n")["status"] == "unknown"
    assert told("launchctl-managername", "LoginWindow\n")["gui_session"] is False
    assert told("launchctl-managername", "Novelty\n")["gui_session"] is None
    assert told("launchctl-managername", "two words\n")["status"] == "unknown"
    assert told("launchctl-error", "5: Input/output error\n")["errors"] == {"5": "Input/output error"}
    assert told("launchctl-error", "", code=1)["status"] == "unknown"


def test_events_of_the_log() -> None:
    text = (
        "2026-09-01 10:00:00.123 Df launchd[1:123] [gui/501/com.example.a [77]:] "
        "Successfully spawned node[77] because speculative\n"
        "2026-09-01 10:00:01.123 Df launchd[1:123] [gui/501/com.example.a [77]:] "
        "exited due to SIGKILL | sent by launchd[1]\n"
        "noise\n"
    )
    result = told("launchd-log", text)
    assert result["events"] == [
        {"event": "spawned", "program": "node", "pid": 77, "because": "speculative", "label": "com.example.a"},
        {"event": "exited", "how": "SIGKILL | sent by launchd[1]", "label": "com.example.a"},
    ]
    assert result["extra"] == ["noise"]
    assert told("launchd-log", "noise\n")["status"] == "unknown"


def test_entries_of_log_show() -> None:
    text = (
        "Timestamp               Ty Process[PID:TID]\n2026-09-01 10:00:00.123 E  launchd[1:1a2b] first\nsecond line\n"
    )
    entry = told("log-show", text)["entries"][0]
    assert (entry["level"], entry["process"], entry["pid"], entry["message"]) == (
        "E",
        "launchd",
        1,
        "first\nsecond line",
    )
    refused = told("log-show", stderr="log: Could not open local log store: Operation not permitted\n", code=64)
    assert refused["status"] == "not permitted"
