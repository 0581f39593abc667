"""What a command prints arrives byte by byte, whether it travels as a record or by a process of its own; and how long
it took is told of each command anew."""

import os
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from orchestrator.model.program import Run, Script
from orchestrator.modules.builtin.command import COMMAND_SH, clocked
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.transport.connection import NodeConnection
from tests.contract.conftest import SHELLS, MakeMachine, play

PRINTED = [
    b"",
    b"\n",
    b"\n\n\n",
    b"plain\n",
    b"no newline",
    b"two\nlines, no newline",
    b"  blanks \t and a tab \n",
    b"back\\slash \\n \\\\\n",
    b"return\r\nand\rmore\r",
    b"'quotes' \"and\" $(id) `id` * ?\n",
    b".out=1\n=0=\n==> a <==\n-n\n-e\n",
    b"NUL \x00 inside\n",
    b"\x00",
    b"\x01\x02\x7f\x80\xff\n",
    b"\x0b\x0c\n",
    "ü, 漢字, \u2028\n".encode(),
    b"not UTF-8: \xc3\n",
    b"x" * 500,
    b"x" * 501,
    b"line\n" * 100,
    b"long\n" * 1000,
]


OFTEN = Script("often", 'unnoted() { rm -f "$orch_clock.noted"; "$@"; }')
"""Has a node be asked for each command what Linux is asked for once a minute, and a Mac always."""

TOLD_LATE = timedelta(milliseconds=20)
"""So much later than it was the end of a command may be told."""


def command(text: str, main: str = "run_shell") -> Run:
    values = {"cmd": text, "check": "false", **dict.fromkeys(("chdir", "creates", "removes", "executable"), "")}
    return Run(main=main, scripts=(*FILE_SCRIPTS, COMMAND_SH, OFTEN), values=values)


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize("shell", SHELLS)
def test_every_byte_arrives(shell: str, locale: str, make_machine: MakeMachine, tmp_path: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        for number, printed in enumerate(PRINTED):
            (tmp_path / "out").write_bytes(printed)
            (tmp_path / "err").write_bytes(PRINTED[-1 - number])
            text = f"cat {tmp_path}/out; cat {tmp_path}/err >&2; exit {number}"
            for main in ("run_shell", "run_shell", "unnoted run_shell"):  # the second time, it is asked again
                reply = await connection.run(f"{main}{number}", command(text, main), timeout_s=20)
                assert (reply.stdout, reply.stderr, reply.capped) == (printed, PRINTED[-1 - number], ())
                assert reply.first("rc") == str(number)

    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = locale
    try:
        play(make_machine("local", shell), work)
    finally:
        os.environ.pop("LC_ALL")
        os.environ |= {} if before is None else {"LC_ALL": before}


@pytest.mark.skipif(not Path("/proc/self/fdinfo").exists(), reason="only Linux tells how far a file was written")
@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_written_by_another_name_arrives_too(shell: str, make_machine: MakeMachine) -> None:
    async def work(connection: NodeConnection) -> None:
        for number, (text, printed) in enumerate(
            {
                "echo begins the clock": b"begins the clock\n",
                "echo abc; printf '\\0' >>/dev/stdout": b"abc\n\0",
                "echo abc; printf 'defg' >/dev/stdout; printf h": b"defgh",
                "printf 'only so' >>/dev/stdout": b"only so",
            }.items()
        ):
            reply = await connection.run(f"k{number}", command(text), timeout_s=20)
            assert reply.stdout == printed
            assert (reply.first("counted") is None) == (number == 0)

    play(make_machine("local", shell), work)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_command_is_timed_by_itself(shell: str, make_machine: MakeMachine) -> None:
    async def work(connection: NodeConnection) -> None:
        ends = []
        for number in range(3):
            reply = await connection.run(f"k{number}", command("sleep 0.3"), timeout_s=20)
            both = clocked(reply)
            assert both and 0.29 < (both[1] - both[0]).total_seconds() < 20
            ends.append(both)
        assert all(one[1] <= other[0] + TOLD_LATE for one, other in pairwise(ends))

    play(make_machine("local", shell), work)


def test_a_command_leaves_three_files_until_it_is_forgotten(make_machine: MakeMachine) -> None:
    machine = make_machine("local", "")

    def files() -> set[str]:
        return {path.name for spool in machine.spools() for path in spool.iterdir()}

    async def work(connection: NodeConnection) -> None:
        await connection.run("first", command("echo 1"), timeout_s=20)
        before = files()
        await connection.run("second", command("echo 2; echo 3 >&2"), timeout_s=20)
        assert sorted(name.split(".")[1] for name in files() - before) == ["err", "out", "said"]

    play(machine, work)
