"""Commands on every shell we promise: words stay words, guards hold, results are Ansible's."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.contract import driver
from tests.contract.driver import FakeContext, Node

node = driver.node
WORDS = ["a b", "", "*", "c\\n", "$(id)", "it's", '"', "ü", "~", ""]


def test_words_arrive_as_they_are(node: Node) -> None:
    result = node.play("command", {"argv": ["printf", "[%s]", *WORDS], "expand_argument_vars": False})
    assert result.data["stdout"] == "".join(f"[{word}]" for word in WORDS)
    assert result.changed and not result.failed
    assert result.data["cmd"] == ["printf", "[%s]", *WORDS]
    assert set(result.as_vars()) >= {"rc", "start", "end", "delta", "stdout_lines", "stderr_lines", "msg"}


def test_variables_and_homes_are_expanded_but_nothing_else(node: Node) -> None:
    home = node.shell.home
    result = node.play("command", {"cmd": "printf '%s,' $HOME/x ~/y ${HOME}z $NOT_THERE $ '$(id)' '`id`' a~b ${"})
    assert result.data["stdout"] == f"{home}/x,{home}/y,{home}z,$NOT_THERE,$,$(id),`id`,a~b,${{,"


def test_a_failing_command(node: Node) -> None:
    result = node.play("shell", {"cmd": "echo out; echo err >&2; exit 3"})
    assert (result.failed, result.changed, result.msg) == (True, True, "non-zero return code")
    assert (result.data["rc"], result.data["stdout"], result.data["stderr_lines"]) == (3, "out", ["err"])


@pytest.mark.parametrize(
    ("program", "rc", "reason"),
    [("no-such-program", 2, "[Errno 2] No such file or directory"), ("./text", 13, "[Errno 13] Permission denied")],
)
def test_a_program_that_cannot_start(node: Node, program: str, rc: int, reason: str) -> None:
    (node.shell.home / "text").write_text("x")
    result = node.play("command", {"cmd": f"{program} x", "chdir": "~"})
    assert result.failed and not result.changed
    assert result.msg == f"Error executing command: {reason}: b'{program}'"
    assert result.data["rc"] == rc


def test_builtins_and_our_own_functions_are_not_programs(node: Node) -> None:
    assert node.play("command", {"cmd": "find_program x"}).data["rc"] == 2


def test_stdin_and_chdir(node: Node) -> None:
    (node.shell.home / "in side").mkdir()
    result = node.play("shell", {"cmd": "pwd; cat; echo .", "stdin": "hello", "chdir": "~/in side"})
    assert result.data["stdout_lines"] == [f"{node.shell.home}/in side", "hello", "."]
    result = node.play("command", {"cmd": "cat", "stdin": "x", "stdin_add_newline": False})
    assert result.data["stdout"] == "x"
    result = node.play("command", {"cmd": "echo", "strip_empty_ends": False})
    assert result.data["stdout"] == "\n"


def test_a_directory_that_is_not_there(node: Node) -> None:
    result = node.play("command", {"cmd": "ls", "chdir": "/not/there"})
    assert result.failed
    assert result.msg is not None and "[Errno 2] No such file or directory: b'/not/there'" in result.msg


@pytest.mark.parametrize("pattern", ["~/mark", "~/ma*", "~/m?rk"])
def test_guards(node: Node, pattern: str) -> None:
    (node.shell.home / "mark").touch()
    held = node.play("command", {"cmd": "touch ~/done", "creates": pattern})
    place = pattern.replace("~", str(node.shell.home))
    assert not held.changed and held.msg == f"Did not run command since '{place}' exists"
    assert held.data["stdout"] == f"skipped, since {place} exists"
    assert node.play("command", {"cmd": "touch ~/done", "removes": pattern}).changed
    held = node.play("shell", {"cmd": "touch ~/done", "removes": "~/no*"})
    assert held.msg == f"Did not run command since '{node.shell.home}/no*' does not exist"


def test_check_mode_runs_nothing(node: Node) -> None:
    ctx = FakeContext(check=True)
    result = node.play("command", {"cmd": "touch ~/ran"}, ctx)
    assert result.skipped and not result.changed
    result = node.play("command", {"cmd": "touch ~/ran", "creates": "nothing"}, ctx)
    assert result.changed and not result.skipped
    assert not (node.shell.home / "ran").exists()


def test_the_environment_reaches_the_command(node: Node) -> None:
    ctx = FakeContext(environment={"GREETING": "hello 'you'"})
    assert node.play("shell", {"cmd": 'echo "$GREETING"'}, ctx).data["stdout"] == "hello 'you'"


def test_another_shell(node: Node) -> None:
    result = node.play("shell", {"cmd": "echo $0", "executable": "/bin/sh"})
    assert result.data["stdout"] == "/bin/sh"


@pytest.mark.parametrize("args", [{}, {"cmd": "a", "argv": ["b"]}, {"cmd": ""}, {"cmd": "ls", "nonsense": 1}])
def test_wrong_arguments(node: Node, args: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        node.play("command", args)


def test_a_shell_expands_by_itself(node: Node) -> None:
    with pytest.raises(ValidationError, match=r"Unsupported parameters for .shell. module: expand_argument_vars"):
        node.play("shell", {"cmd": "echo ~", "expand_argument_vars": False})


def test_raw(node: Node) -> None:
    result = node.play("raw", {"cmd": "echo $((1+1)); exit 4"})
    assert (result.data["rc"], result.data["stdout"], result.failed) == (4, "2\r\n", True), "as from a terminal"
    both = node.play("raw", {"cmd": "echo out; echo err >&2"}).data
    assert both["stdout_lines"] == ["out", "err"] and both["stderr_lines"] == ["Shared connection to mac1 closed."]
    assert node.play("raw", {"cmd": "touch ~/ran"}, FakeContext(check=True)).skipped
    assert node.play("raw", {"cmd": "echo", "chdir": "/nowhere"}).changed  # what raw does not know it passes over
    assert not (node.shell.home / "ran").exists()


def test_script(node: Node, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/a script.sh").write_text('#!/bin/sh\necho "$#:$1:$0"; pwd\n')
    ctx = FakeContext(root=tmp_path)
    result = node.play("script", {"cmd": "'a script.sh' 'b c' d", "chdir": str(tmp_path)}, ctx)
    count, first, where = result.data["stdout_lines"][0].split(":")
    assert (count, first, result.data["stdout_lines"][1], result.changed) == ("2", "b c", str(tmp_path), True)
    assert not os.path.exists(where), "the script is gone again"
    result = node.play("script", {"cmd": "'a script.sh'", "executable": "sh -e"}, ctx)
    assert result.data["rc"] == 0


def test_script_guards(node: Node, tmp_path: Path) -> None:
    (tmp_path / "s.sh").write_text("exit 0\n")
    ctx = FakeContext(root=tmp_path)
    held = node.play("script", {"cmd": "s.sh", "creates": "~/"}, ctx)
    assert held.skipped and held.msg == "~/ exists, matching creates option"
    assert node.play("script", {"cmd": "s.sh", "removes": "~/no"}, ctx).skipped
    check = FakeContext(root=tmp_path, check=True)
    assert node.play("script", {"cmd": "s.sh"}, check).skipped
    assert node.play("script", {"cmd": "s.sh", "creates": "~/no"}, check).changed
    assert node.play("script", {"cmd": "nothing.sh"}, ctx).failed
