"""Every recording means what its golden file, read line by line beside it, says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from orchestrator.modules.macos.parsers import TABLE, Output, UnknownSlug, parse

RECORDINGS = Path(__file__).parents[4] / "fixtures" / "macos"
GOLDEN = Path(__file__).parent / "golden"
INDEX = json.loads((RECORDINGS / "index.json").read_text())["entries"]
UNREAD = {"netstat-an/A-10.14.txt"}  # 690 rows: counted below instead


def of(entry: dict[str, Any]) -> dict[str, Any]:
    text = (RECORDINGS / entry["file"]).read_bytes().decode()
    streams = {"stdout": "", "stderr": "", entry["stream"]: text}
    slug = entry["file"].rpartition("/")[0]
    return parse(slug, Output(streams["stdout"], streams["stderr"], entry["exit_code"], entry["macos"]))


@pytest.mark.parametrize("entry", [e for e in INDEX if e["file"] not in UNREAD], ids=lambda entry: entry["file"])
def test_the_recording_means_its_golden_file(entry: dict[str, Any]) -> None:
    assert of(entry) == json.loads((GOLDEN / entry["file"]).with_suffix(".json").read_text())


@pytest.mark.parametrize("entry", INDEX, ids=lambda entry: entry["file"])
def test_no_recording_is_unknown_even_with_everything_on_one_stream_and_no_status(entry: dict[str, Any]) -> None:
    text = (RECORDINGS / entry["file"]).read_bytes().decode()
    assert of(entry)["status"] != "unknown"
    if text.strip():
        assert parse(entry["slug"], Output(text))["status"] == of(entry)["status"]


def test_every_recording_has_a_parser_and_a_source() -> None:
    assert {entry["file"].rpartition("/")[0] for entry in INDEX} <= TABLE.keys()
    assert all(entry["source"] and entry["kind"] for entry in INDEX)
    assert {path.relative_to(RECORDINGS).as_posix() for path in RECORDINGS.rglob("*.txt")} == {e["file"] for e in INDEX}


def test_a_golden_file_without_a_recording_would_prove_nothing() -> None:
    golden = {path.relative_to(GOLDEN).with_suffix(".txt").as_posix() for path in GOLDEN.rglob("*.json")}
    assert golden == {entry["file"] for entry in INDEX} - UNREAD


def test_the_long_netstat_recording_is_counted_right() -> None:
    text = (RECORDINGS / "netstat-an/A-10.14.txt").read_text()
    result = parse("netstat-an", Output(text))
    assert len(result["sockets"]) == len(re.findall(r"\b(?:tcp|udp|icm)\d+\s", text)) == 138
    assert sum(result["other_rows"].values()) + 138 + text.count("\nActive") + text.count("\nRegistered") < text.count(
        "\n"
    )
    assert result["other_rows"]["Active kernel event sockets"] == len(re.findall(r" kevt ", text))
    assert result["extra"] == []


def test_an_unknown_slug_is_an_error_of_the_caller() -> None:
    with pytest.raises(UnknownSlug):
        parse("no-such-command", Output(""))
