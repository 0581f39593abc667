"""What modules of the user's own say, as results; and what their files are, told from their text alone."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Reply
from orchestrator.model.results import Diff, SetFacts, SetStats
from orchestrator.modules.own import is_python, own, read
from orchestrator.modules.own.answer import answered, json_in, result_of, steers
from orchestrator.modules.own.source import Source
from orchestrator.modules.own.steps import plain

MINE = Source("/library/mine.sh", "mine", None, "json", ("/bin/sh",), b"")
THEIRS = Source("/x/mod.py", "ns.col.mod", "ns.col", "python", (), b"")


def reply(stdout: str, rc: int = 0, **more: Any) -> Reply:
    return Reply(0, stdout.encode(), b"", (("rc", str(rc)),), **more)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"changed": "yes"}, (True, False, None)),
        ({"rc": 0}, (False, False, None)),
        ({"rc": 2}, (False, True, "Task failed: Action failed: Unknown error.")),
        ({"rc": 2, "failed": False}, (False, False, None)),
        ({"failed": True, "msg": "why"}, (False, True, "why")),
        ({"failed": True, "msg": ["a"]}, (False, True, None)),
    ],
)
def test_how_it_ended(said: dict[str, Any], wanted: tuple[Any, ...]) -> None:
    result = result_of(said, MINE)
    assert (result.changed, result.failed, result.msg) == wanted


def test_lines_and_results_are_as_people_know_them() -> None:
    result = result_of(
        {"stdout": "a\nb", "stderr": None, "results": "x", "_ansible_x": 1, "deep": [{"_ansible_y": 2}]}, MINE
    )
    lines = {"stdout": "a\nb", "stdout_lines": ["a", "b"], "stderr": None, "stderr_lines": []}
    assert result.data == {**lines, "ansible_module_results": "x", "deep": [{}]}
    assert result_of({"results": [1]}, MINE).data == {"results": [1]}


def test_facts_and_statistics_take_effect_unless_it_failed() -> None:
    stats = {"data": {"n": 1}, "per_host": True, "aggregate": False}
    facts = {"mine": 1, "ansible_host": "x", "ansible_ssh_host_key_rsa_public": "k", "ansible_bash_interpreter": "x"}
    said = {"ansible_facts": facts, "ansible_stats": stats}
    kept = {"mine": 1, "ansible_ssh_host_key_rsa_public": "k"}
    wanted = (SetFacts(values=kept, discovered=True), SetStats(data={"n": 1}, per_host=True, aggregate=False))
    assert result_of(said, MINE).effects == wanted
    assert result_of({**said, "failed": True}, MINE).effects == ()
    assert steers("ansible_become_exe") and not steers("ansible_distribution")


def test_diffs_in_every_shape() -> None:
    said = [
        {"before": "a", "after": "b", "before_header": "f"},
        {"before": {"x": 1}, "after": {}},
        {"prepared": "+ c"},
        3,
    ]
    assert result_of({"diff": said}, MINE).diff == (
        Diff("a", "b", "f", ""),
        Diff('{\n    "x": 1\n}\n', "{}\n", "", ""),
        Diff("", "+ c"),
    )


def test_warnings_and_what_will_go_away() -> None:
    result = result_of({"warnings": "one", "deprecations": ["old", {"msg": "x", "collection_name": "a.b"}]}, MINE)
    mine = {"msg": "old", "collection_name": "ansible.legacy"}
    assert result.warnings == ("one",)
    assert result.deprecations == (
        {**mine, "deprecator": {"resolved_name": "ansible.legacy.mine", "type": "module"}},
        {"msg": "x", "collection_name": "a.b", "deprecator": {"resolved_name": "a.b", "type": None}},
    )
    (said,) = result_of({"deprecations": ["old"]}, THEIRS).deprecations
    assert (said["collection_name"], said["deprecator"]["resolved_name"]) == ("ns.col", "ns.col.mod")
    assert result.as_vars()["warnings"] == ["one"] and len(result.as_vars()["deprecations"]) == 2
    assert result_of({"warnings": [], "deprecations": None}, MINE).as_vars() == {"changed": False, "failed": False}


def test_json_among_other_lines() -> None:
    assert json_in('hi\n  {"a":\n1}\nbye\n\n') == ('  {"a":\n1}', "bye")
    junk = answered(reply('{"a": 1}\nbye'), "sh", MINE)
    assert junk.warnings == ("Module invocation had junk after the JSON data: bye",) and junk.data == {"a": 1}


def test_an_answer_that_was_cut_is_not_taken_for_one() -> None:
    result = answered(reply('{"a": "', capped=("stdout",)), "sh", MINE)
    assert result.failed and "more than is taken" in (result.msg or "")


@pytest.mark.parametrize(
    ("text", "style", "words"),
    [
        (b"#!/bin/sh\n# WANT_JSON\n", "json", ("/bin/sh",)),
        (b"#!/usr/bin/env ruby -w\n", "words", ("/usr/bin/env", "ruby", "-w")),
        (b"#!/bin/sh 'open\n", "words", ()),
        (b"\x7fELF\x02\x01\x01\0", "binary", ()),
        (b"import os\nfrom ansible.module_utils.basic import AnsibleModule\n", "python", ()),
        (b"from ansible.module_utils import basic\nimport x\n", "python", ()),
        (b"import ansible.module_utils.basic\n", "python", ()),
        (b"from ..module_utils.x import y\n", "python", ()),
        (b"from ansible_collections.a.b.plugins.module_utils import x\n", "python", ()),
        (b"# from ansible.module_utils.basic, this says\n", "words", ()),
        (b"#!powershell\n#AnsibleRequires -CSharpUtil Ansible.Basic\n", "windows", ("powershell",)),
    ],
)
def test_what_a_file_is(tmp_path: Path, text: bytes, style: str, words: tuple[str, ...]) -> None:
    path = tmp_path / "mod"
    path.write_bytes(text)
    found = read(str(path), "mod")
    assert (found.style, found.words) == (style, words)
    assert is_python(own(str(path), "mod", None, (), ())) == (style == "python")


def test_a_file_that_cannot_be_read_is_placed(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match="cannot be read") as caught:
        read(str(tmp_path / "gone"), "gone")
    assert caught.value.place is not None and caught.value.place.file.endswith("gone")


def test_values_that_json_does_not_know() -> None:
    assert plain(datetime.date(2030, 1, 2)) == "2030-01-02" and plain({2, 1}) == [1, 2]
    assert plain(b"\xff") == "\udcff" and plain(Path("/x")) == "/x"
