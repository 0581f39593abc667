"""The pure edit functions do what ansible-core's own modules do, asked for the same on the same file.

Two differences are deliberate and excluded here: a new line is not glued to a last line without an end, and a
block that is not there is removed without adding an end to the last line.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from ansible.modules import blockinfile as their_block
from ansible.modules import lineinfile as their_line
from ansible.modules import replace as their_replace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.modules.builtin.blockinfile import BlockArgs, with_block
from orchestrator.modules.builtin.lineinfile import LineArgs, absent, present, split
from orchestrator.modules.builtin.replace import ReplaceArgs, replaced


class Done(Exception):
    """What a module of theirs answered."""


class TheirModule:
    """As much of their AnsibleModule as the edit modules ask for; check mode, so nothing is written."""

    _diff = check_mode = True

    def __init__(self, params: dict[str, Any] | None = None) -> None:
        self.params = params or {}

    def exit_json(self, **answer: Any) -> None:
        raise Done(answer)

    fail_json = exit_json

    def boolean(self, value: Any) -> bool:
        return bool(value)

    def warn(self, text: str) -> None:
        return

    def load_file_common_arguments(self, params: dict[str, Any]) -> dict[str, Any]:
        return {}

    def set_fs_attributes_if_different(self, args: Any, changed: bool, diff: Any = None) -> bool:
        return changed

    set_file_attributes_if_different = set_fs_attributes_if_different


def ask(function: Any, *args: Any) -> dict[str, Any]:
    with pytest.raises(Done) as done:
        function(*args)
    answer: dict[str, Any] = done.value.args[0]
    return answer


LINES = st.lists(st.sampled_from(["a", "b", "c=1", "c=2", "", " b", "a\r"]), max_size=6)
PLACES = st.sampled_from([None, "BOF", "EOF", "^b", "c=", "a$", "nothing"])
PATTERNS = st.sampled_from([None, "^c=", "^(.)=", "b", "nothing"])
quick = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def text_of(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@quick
@given(
    lines=LINES,
    line=st.sampled_from(["a", "c=3", "new", "b"]),
    regexp=PATTERNS,
    search=st.sampled_from([None, "=1", "b"]),
    after=PLACES,
    before=PLACES,
    backrefs=st.booleans(),
    first=st.booleans(),
)
def test_lineinfile_present(
    tmp_path: Path,
    lines: list[str],
    line: str,
    regexp: str | None,
    search: str | None,
    after: str | None,
    before: str | None,
    backrefs: bool,
    first: bool,
) -> None:
    if after is not None:
        before = None
    if before == "EOF":
        before = None
    if regexp is not None:
        search = None
    backrefs = backrefs and regexp is not None
    file = tmp_path / "f"
    file.write_text(text_of(lines), newline="")
    theirs_after = "EOF" if after is None and before is None else after
    theirs = ask(
        their_line.present,
        TheirModule(),
        str(file),
        regexp,
        search,
        line,
        theirs_after,
        before,
        False,
        False,
        backrefs,
        first,
    )
    args = LineArgs(
        path="f",
        regexp=regexp,
        search_string=search,
        line=line,
        insertafter=after,
        insertbefore=before,
        backrefs=backrefs,
        firstmatch=first,
    )
    content, msg = present(file.read_bytes(), args)
    assert (content.decode(), msg) == (theirs["diff"][0]["after"], theirs["msg"])


@quick
@given(lines=LINES, line=st.sampled_from(["a", "new"]), regexp=PATTERNS, search=st.sampled_from([None, "=1"]))
def test_lineinfile_absent(tmp_path: Path, lines: list[str], line: str, regexp: str | None, search: str | None) -> None:
    if regexp is not None:
        search = None
    file = tmp_path / "f"
    file.write_text(text_of(lines), newline="")
    theirs = ask(their_line.absent, TheirModule(), str(file), regexp, search, line, False)
    content, found = absent(
        file.read_bytes(), LineArgs(path="f", state="absent", line=line, regexp=regexp, search_string=search)
    )
    assert (content.decode(), found) == (theirs["diff"][0]["after"], theirs["found"])


@given(st.binary())
def test_lines_put_together_are_the_file(content: bytes) -> None:
    assert b"".join(split(content)) == content


BLOCK = ["# BEGIN ANSIBLE MANAGED BLOCK", "old", "# END ANSIBLE MANAGED BLOCK"]


@quick
@given(
    head=LINES,
    held=st.booleans(),
    tail=LINES,
    block=st.sampled_from(["", "x", "x\ny\n"]),
    state=st.sampled_from(["present", "absent"]),
    after=st.sampled_from([None, "EOF", "^b", "(?m)^c=.$", "nothing"]),
    before=st.sampled_from([None, "BOF", "^b", "(?m)^c=.$", "nothing"]),
    prepend=st.booleans(),
    append=st.booleans(),
)
def test_blockinfile(
    tmp_path: Path,
    head: list[str],
    held: bool,
    tail: list[str],
    block: str,
    state: str,
    after: str | None,
    before: str | None,
    prepend: bool,
    append: bool,
) -> None:
    if after is not None:
        before = None
    file = tmp_path / "f"
    file.write_text(text_of([*head, *(BLOCK if held else []), *tail]).replace("\r", ""), newline="")
    params = {
        "path": str(file),
        "state": state,
        "marker": "# {mark} ANSIBLE MANAGED BLOCK",
        "block": block,
        "insertafter": after,
        "insertbefore": before,
        "create": False,
        "backup": False,
        "validate": None,
        "marker_begin": "BEGIN",
        "marker_end": "END",
        "append_newline": append,
        "prepend_newline": prepend,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(their_block, "AnsibleModule", lambda **_: TheirModule(params))
        theirs = ask(their_block.main)
    ours = BlockArgs.model_validate({**params, "path": "f"})
    after_theirs = theirs["diff"][0]["after"]
    assert with_block(file.read_bytes(), ours) == after_theirs


@quick
@given(
    lines=LINES,
    regexp=st.sampled_from(["^c=(.)$", "b", "a|b", "(?P<n>=)"]),
    replace=st.sampled_from(["", "x", r"\g<0>!", "\n"]),
    after=st.sampled_from([None, "a", "b"]),
    before=st.sampled_from([None, "c", "b"]),
)
def test_replace(
    tmp_path: Path, lines: list[str], regexp: str, replace: str, after: str | None, before: str | None
) -> None:
    file = tmp_path / "f"
    file.write_text(text_of(lines), newline="")
    params = {
        "path": str(file),
        "regexp": regexp,
        "replace": replace,
        "after": after,
        "before": before,
        "backup": False,
        "validate": None,
        "encoding": "utf-8",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(their_replace, "AnsibleModule", lambda **_: TheirModule(dict(params)))
        theirs = ask(their_replace.main)
    text = file.read_bytes().decode()
    ours = replaced(text, ReplaceArgs.model_validate({**params, "path": "f"}))
    if "did not match" in theirs["msg"]:
        assert ours is None
    else:
        assert ours is not None
        assert ours[0] == theirs.get("diff", {"after": text})["after"]


def test_a_new_line_is_not_glued_to_the_last() -> None:
    args = LineArgs(path="f", line="b", insertafter="^a")
    assert present(b"a", args) == (b"a\nb\n", "line added")
    assert present(b"a", LineArgs(path="f", line="b")) == (b"a\nb\n", "line added")


def test_no_block_leaves_the_file_alone() -> None:
    assert with_block(b"a", BlockArgs(path="f", state="absent")) == b"a"


def test_a_bad_reference_is_an_error() -> None:
    with pytest.raises(re.error):
        replaced("ab", ReplaceArgs(path="f", regexp="(a)", replace=r"\2"))
