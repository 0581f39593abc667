"""`launchctl print`: forms beyond the recordings, and what must never get out."""

import pytest

from tests.unit.modules.macos.parsers.told import told

SCRIPT_JOB = """gui/501/com.example.script = {
	active count = 1
	state = running

	program = /bin/sh
	arguments = {
		/bin/sh
		-c
		run() {
	pid = 999
	token=hunter2
	}
run
	}

	environment = {
		API_KEY => hunter2
	}

	domain = gui/501 [100020]
	runs = 3
	pid = 4711
	last exit code = 1

	properties = keepalive
}
"""


def test_a_script_among_the_arguments_is_not_read_as_fields() -> None:
    job = told("launchctl-print", SCRIPT_JOB)
    assert (job["pid"], job["runs"], job["complete"]) == (4711, 3, True)
    assert "hunter2" not in str(job)
    assert job["dropped_blocks"] == ["arguments", "environment"]


def test_a_chatty_login_shell_above_the_header_does_no_harm() -> None:
    job = told("launchctl-print", "Welcome!\nLast login: today\n" + SCRIPT_JOB)
    assert (job["target"], job["pid"]) == ("gui/501/com.example.script", 4711)


def test_lost_indentation_and_dos_line_ends() -> None:
    flat = "\r\n".join(
        line.strip() for line in SCRIPT_JOB.replace("run() {\n\tpid = 999\n\ttoken=hunter2\n\t}\nrun\n", "").split("\n")
    )
    job = told("launchctl-print", flat)
    assert (job["pid"], job["domain"], job["label"]) == (4711, "gui/501", "com.example.script")
    assert "hunter2" not in str(job)


def test_nested_fields_do_not_overwrite_those_of_the_job() -> None:
    job = told(
        "launchctl-print",
        "x = {\n\tstate = not running\n\tresource coalition = {\n\t\tstate = active\n\t\tname = com.example\n\t}\n"
        '\tendpoints = {\n\t\t"a" = {\n\t\t\tpid = 1\n\t\t}\n\t}\n\tlast exit code = 78: EX_CONFIG\n}\n',
    )
    assert job["state"] == "not running"
    assert job["pid"] is None
    assert job["coalition"] == "com.example"
    assert (job["last_exit_code"], job["last_exit_name"], job["never_exited"]) == (78, "EX_CONFIG", False)


def test_new_fields_and_odd_values_are_kept_as_text() -> None:
    job = told("launchctl-print", "system/x = {\n\tnew thing = 5 apples\n\truns = many\n\tpid = 12\n}\n")
    assert job["extra"] == {"new thing": "5 apples", "runs": "many"}
    assert (job["runs"], job["pid"]) == (None, 12)


def test_semaphores_and_a_terminating_signal() -> None:
    job = told(
        "launchctl-print",
        "system/x = {\n\tlast terminating signal = Bus error: 10\n\tsemaphores = {\n\t\tafter crash => 1\n\t}\n}\n",
    )
    assert job["last_terminating_signal"] == {"name": "Bus error", "number": 10}
    assert job["semaphores"] == {"after crash": 1}
    assert job["never_exited"] is False


@pytest.mark.parametrize(
    ("header", "count", "only"),
    [
        ("\tactive count = 4\n\tservice count = 9\n", 0, False),
        ("\ton-demand count = 0\n\tservice count = 9\n", 0, False),
        ("\ton-demand count = 2\n", 2, True),
        ("\tactive count = 4\n", None, None),
    ],
)
def test_on_demand_only_is_told_from_not_known(header: str, count: int | None, only: bool | None) -> None:
    domain = told("launchctl-print", f"gui/501 = {{\n\ttype = user\n\thandle = 501\n{header}}}\n")
    assert (domain["kind"], domain["on_demand_count"], domain["on_demand_only"]) == ("domain", count, only)


@pytest.mark.parametrize(
    ("text", "code", "status", "loaded"),
    [
        ("", 113, "absent", False),
        ("", 112, "absent", None),
        ('Could not find service "x" in domain for system\n', None, "absent", False),
        ("Could not find domain for user gui: 501\n", None, "absent", None),
        ("", 125, "failed", None),
        ("Domain does not support specified action\n", None, "failed", None),
        ("Not privileged to print service.\n", 1, "failed", None),
        ("", 64, "unknown", None),
        ("zsh: command not found: launchctl\n", 127, "absent", None),
    ],
)
def test_errors_by_text_and_exit_status(text: str, code: int | None, status: str, loaded: bool | None) -> None:
    result = told("launchctl-print", stderr=text, code=code)
    assert result["status"] == status
    assert result.get("loaded") is loaded
    assert result["reason"]


def test_silence_without_an_exit_status_proves_nothing() -> None:
    assert told("launchctl-print", code=None)["status"] == "unknown"
    assert told("launchctl-print", "a secret banner\n")["status"] == "unknown"
    assert "secret" not in str(told("launchctl-print", "\n"))
