"""`python -m orchestrator.modules.macos.parsers`: exit statuses, and no traceback whatever the bytes."""

import json
import subprocess
import sys
from pathlib import Path

from orchestrator.modules.macos.parsers import TABLE

ROOT = Path(__file__).parents[5]


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "orchestrator.modules.macos.parsers", *arguments]
    return subprocess.run(command, input=given, capture_output=True, cwd=ROOT, timeout=30, check=False)


def test_a_recording_becomes_sorted_json() -> None:
    done = run("sw-vers", given=b"ProductName:\t\tmacOS\nProductVersion:\t\t26.5\nBuildVersion:\t\t25F71\n")
    result = json.loads(done.stdout)
    assert done.returncode == 0
    assert result["numbers"] == [26, 5]
    assert list(result) == sorted(result)


def test_stream_and_exit_code_are_heard() -> None:
    done = run("lsof-listen", "--exit-code", "1", "--stream", "stderr", "--macos", "26.5", given=b"")
    assert json.loads(done.stdout)["sockets"] == []
    assert json.loads(run("lsof-listen").stdout)["status"] == "unknown"


def test_unknown_slug_and_bad_usage() -> None:
    unknown = run("no-such-command")
    assert (unknown.returncode, unknown.stdout) == (3, b"")
    assert unknown.stderr.startswith(b"error: no parser for 'no-such-command'\nhint:")
    for wrong in ((), ("sw-vers", "--exit-code", "x"), ("sw-vers", "--stream", "tape"), ("sw-vers", "too", "many")):
        done = run(*wrong)
        assert (done.returncode, b"Traceback" in done.stderr) == (1, False)
        assert done.stderr.startswith(b"error: ")


def test_invalid_utf_8_is_read_anyway() -> None:
    done = run("defaults-read", given=b"\xff\xfe\x00\xed\xa0\x80")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["status"] == "known"


def test_the_generated_page_is_up_to_date() -> None:
    page = run("--table").stdout.decode()
    assert all(f"| `{slug}` |" in page for slug in TABLE)
    assert page == (ROOT / "docs/reference/parsers.md").read_text()
