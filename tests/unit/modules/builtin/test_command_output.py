"""What command and shell make of a program's output."""

from orchestrator.model.program import Reply
from orchestrator.modules.builtin.command import LINED_CHARS, output


def test_lines_are_those_of_the_whole_text() -> None:
    text = "a line\n" * LINED_CHARS
    assert output(Reply(0, text.encode(), b"x\ny\n")) == {
        "stdout": text.rstrip("\n"),
        "stdout_lines": ["a line"] * LINED_CHARS,
        "stderr": "x\ny",
        "stderr_lines": ["x", "y"],
    }


def test_of_a_capped_stream_the_beginning_is_there_in_lines() -> None:
    text = "a line\n" * LINED_CHARS
    told = output(Reply(0, b"x\ny\n", text.encode(), (), ("stderr",)))
    assert told["capped"] == ["stderr"]
    assert (told["stdout_lines"], told["stderr"]) == (["x", "y"], text.rstrip("\n"))
    assert told["stderr_lines"] == text[:LINED_CHARS].splitlines()
