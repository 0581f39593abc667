"""What command and shell make of a program's output."""

import pytest

from orchestrator.model.program import Reply
from orchestrator.modules.builtin.command import LINED_CHARS, MOST_LINES, output


def test_lines_are_those_of_the_whole_text() -> None:
    text = "a line\n" * MOST_LINES
    assert output(Reply(0, text.encode(), b"x\ny\n")) == {
        "stdout": text.rstrip("\n"),
        "stdout_lines": ["a line"] * MOST_LINES,
        "stderr": "x\ny",
        "stderr_lines": ["x", "y"],
    }


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\u2028"])
def test_of_very_many_lines_only_the_first_are_there_one_by_one(end: str) -> None:
    text = f"ab{end}" * (MOST_LINES + 1) + "."
    told = output(Reply(0, text.encode(), b"x"))
    assert told["stdout"] == text
    assert told["stdout_lines"] == ["ab"] * MOST_LINES and told["capped"] == ["stdout_lines"]


def test_of_a_capped_stream_the_beginning_is_there_in_lines() -> None:
    text = "a line\n" * LINED_CHARS
    told = output(Reply(0, b"x\ny\n", text.encode(), (), ("stderr",)))
    assert told["capped"] == ["stderr"]
    assert (told["stdout_lines"], told["stderr"]) == (["x", "y"], text.rstrip("\n"))
    assert told["stderr_lines"] == text[:LINED_CHARS].splitlines()[:MOST_LINES]
