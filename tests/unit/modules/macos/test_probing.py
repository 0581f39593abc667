"""Several commands, each bounded: run in real shells, read back as they were."""

from pathlib import Path

import pytest

from orchestrator.model.program import Reply, Run, Script
from orchestrator.model.results import Result
from orchestrator.modules.macos.probing import PROBE, Answer, answers, read, whole_seconds
from tests.contract.driver import Shell

SHELLS = [("dash",), ("bash", "--posix"), pytest.param(("zsh", "--emulate", "sh"), marks=pytest.mark.needs_zsh)]


def run(shell: tuple[str, ...], home: Path, body: str, limit_s: float = 5) -> Reply:
    program = Script("test", f"go() {{\n{body}\nprobes_say\n}}")
    return Shell(shell, home).run(
        Run(main="go", scripts=(PROBE, program), values={"probe_limit_s": whole_seconds(limit_s), "TMPDIR": str(home)})
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_each_command_s_streams_and_status_come_back_apart(shell: tuple[str, ...], tmp_path: Path) -> None:
    body = """
    probe both sh -c 'echo "a: b"; echo; echo é; echo oops >&2; exit 3'
    probe nothing true
    probe missing no-such-tool
    function_of_ours() { printf '%s\\n' "$1"; return 4; }
    probe_shown='what people read'
    probe ours function_of_ours 'x y'
    for number in 1 2 3 4 5 6 7 8 9 10; do probe "n$number" printf '%s' "$number"; done
    """
    found = answers(run(shell, tmp_path, body))
    both = found["both"]
    assert (both.output.stdout, both.output.stderr, both.rc) == ("a: b\n\né\n", "oops\n", 3)
    assert both.said == "oops"
    assert (found["nothing"].output.stdout, found["nothing"].rc, found["nothing"].said) == ("", 0, "exit status 0")
    assert found["missing"].rc == 127
    assert (found["ours"].command, found["ours"].rc, found["ours"].output.stdout) == ("what people read", 4, "x y\n")
    assert [found[f"n{number}"].output.stdout for number in range(1, 11)] == [f"{number}\n" for number in range(1, 11)]
    assert list(tmp_path.glob(".orch-probe*")) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_hanging_command_is_ended_and_said_to_be_late(shell: tuple[str, ...], tmp_path: Path) -> None:
    body = """
    probe hangs sleep 55
    probe stubborn sh -c 'trap "" TERM; exec sleep 20'
    probe quick echo here
    """
    found = answers(run(shell, tmp_path, body, limit_s=1))
    assert found["hangs"].late and found["hangs"].rc is None
    assert found["hangs"].parsed("sw-vers")["status"] == "unknown"
    assert found["hangs"].said == "no answer within the limit"
    assert found["stubborn"].late
    assert not found["quick"].late and found["quick"].output.stdout == "here\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_text_for_a_command_stands_in_nobody_s_arguments(shell: tuple[str, ...], tmp_path: Path) -> None:
    found = answers(run(shell, tmp_path, "probe_fed fed 'the secret' sh -c 'cat; ps -o args= -p $$'"))
    assert found["fed"].output.stdout.splitlines() == ["the secret", "sh -c cat; ps -o args= -p $$"]
    assert "secret" not in found["fed"].command


def test_a_program_that_could_not_go_on_is_a_failed_result(tmp_path: Path) -> None:
    refused = read(run(("dash",), tmp_path, "die 'no room'"))
    assert isinstance(refused, Result) and refused.failed and refused.msg == "no room"
    capped = read(Reply(0, b"", b"", (), ("stdout",)))
    assert isinstance(capped, Result) and capped.failed


@pytest.mark.parametrize("shell", SHELLS)
def test_only_the_first_level_of_a_print_leaves_the_node(shell: tuple[str, ...], tmp_path: Path) -> None:
    text = "gui/501/x = {\\n\\tpid = 7\\n\\tenvironment = {\\n\\t\\tTOKEN => abc\\n\\t}\\n}\\n"
    found = answers(run(shell, tmp_path, f"probe job top_lines printf '{text}'"))
    assert "TOKEN" not in found["job"].output.stdout
    assert found["job"].parsed("launchctl-print")["pid"] == 7


def test_limits_are_whole_seconds() -> None:
    assert (whole_seconds(0.2), whole_seconds(1.2), whole_seconds(15)) == ("1", "2", "15")


def test_what_was_not_asked_is_unknown() -> None:
    assert answers(Reply(0)) == {}
    assert Answer("x", answers(Reply(0, b"a.cmd:x\n"))["a"].output).rc is None
