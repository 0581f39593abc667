"""A node may say that a line is as it should be only where Python's expressions say so, too."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.modules.builtin import edit, files
from orchestrator.modules.builtin.lineinfile import LineArgs, present
from orchestrator.modules.builtin.settled import extended, settled_line

PIECES = st.sampled_from(["a", "b", "=", " ", "#", "\\.", "\\s*", "\\s+", "a*", "b?", "=+", "\\$", ".*", "\\s"])
PATTERNS = st.tuples(st.sampled_from(["", "^"]), st.lists(PIECES, max_size=4), st.sampled_from(["", "$"]))
LINES = st.lists(st.text("ab= #.$\t", max_size=5), max_size=4)


@pytest.mark.parametrize(
    ("pattern", "same"),
    [
        ("^key=", "^key="),
        ("^#?\\s*Port\\s+22", "^#?[[:space:]]*Port[[:space:]]+22"),
        ("^Port .*$", "^Port "),
        ("a\\.b$", "a\\.b$"),
        ("x\\s*$", "x[[:space:]]*$"),
    ],
)
def test_plain_expressions_are_the_same_to_grep(pattern: str, same: str) -> None:
    assert extended(pattern) == same


@pytest.mark.parametrize(
    "pattern", ["", "^", "(a|b)", "(?i)x", "[^a]b", "a.b", "x\\s", "a*?", "a{2}", "\\d", "ä", "a|b"]
)
def test_others_are_left_to_python(pattern: str) -> None:
    assert extended(pattern) is None


def is_settled(tmp_path: Path, content: bytes, values: dict[str, str]) -> bool:
    """What the node's function says."""
    file = tmp_path / "file"
    file.write_bytes(content)
    assignments = [f"{name}=$1; shift" for name in values]
    text = "\n".join([*(each.text for each in (*files.FILE_SCRIPTS, edit.EDIT_SH)), *assignments, 'is_settled "$1"'])
    command = ["/bin/sh", "-c", text, "sh", *values.values(), str(file)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=10, check=False).returncode == 0


@settings(max_examples=150, deadline=None)
@given(
    pattern=PATTERNS, lines=LINES, line=st.text("ab= ", min_size=1, max_size=3), end=st.sampled_from(["\n", "", "\r\n"])
)
def test_what_a_node_calls_settled_is_what_nobody_would_edit(
    tmp_path_factory: pytest.TempPathFactory, pattern: tuple[str, list[str], str], lines: list[str], line: str, end: str
) -> None:
    regexp = pattern[0] + "".join(pattern[1]) + pattern[2]
    try:
        re.compile(regexp)
    except re.error:
        return
    values = settled_line(line, regexp, None)
    content = ("\n".join([*lines, line]) + end).encode()
    if values and is_settled(tmp_path_factory.getbasetemp(), content, values):
        args = LineArgs(path="/f", regexp=regexp, line=line)
        assert present(content, args) == (content, "")


@pytest.mark.parametrize("content", [b"a=1\n", b"b\na=1\n"])
def test_a_settled_line_is_seen(tmp_path: Path, content: bytes) -> None:
    for values in (settled_line("a=1", "^a=", None), settled_line("a=1", None, "a="), settled_line("a=1", None, None)):
        assert is_settled(tmp_path, content, values)


@pytest.mark.parametrize("content", [b"", b"a=1", b"a=1\r\n", b"a=1\na=2\n", b"a=2\n"])
def test_anything_else_is_not(tmp_path: Path, content: bytes) -> None:
    assert not is_settled(tmp_path, content, settled_line("a=1", "^a=", None))


def test_nothing_is_told_of_lines_that_grep_would_take_for_several() -> None:
    assert settled_line("a\nb", None, None) == {} == settled_line("", "^a", None) == settled_line("a", "(a)", None)
