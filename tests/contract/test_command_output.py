"""What a command prints arrives byte by byte, whether it travels as a record or by a process of its own; and how long
it took is told of each command anew."""

import os
from pathlib import Path

import pytest

from orchestrator.model.program import Run
from orchestrator.modules.builtin.command import COMMAND_SH, instant
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


def command(text: str) -> Run:
    values = {"cmd": text, "check": "false", **dict.fromkeys(("chdir", "creates", "removes", "executable"), "")}
    return Run(main="run_shell", scripts=(*FILE_SCRIPTS, COMMAND_SH), values=values)


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize("shell", SHELLS)
def test_every_byte_arrives(shell: str, locale: str, make_machine: MakeMachine, tmp_path: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        for number, printed in enumerate(PRINTED):
            (tmp_path / "out").write_bytes(printed)
            (tmp_path / "err").write_bytes(PRINTED[-1 - number])
            text = f"cat {tmp_path}/out; cat {tmp_path}/err >&2; exit {number}"
            for _ in ("run", "asked again"):
                reply = await connection.run(f"k{number}", command(text), timeout_s=20)
                assert (reply.stdout, reply.stderr, reply.capped) == (printed, PRINTED[-1 - number], ())
                assert [name for name, _ in reply.said if name != "ticks"] == ["start", "end", "rc"]
                assert reply.first("rc") == str(number)

    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = locale
    try:
        play(make_machine("local", shell), work)
    finally:
        os.environ.pop("LC_ALL")
        os.environ |= {} if before is None else {"LC_ALL": before}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_command_is_timed_by_itself(shell: str, make_machine: MakeMachine) -> None:
    async def work(connection: NodeConnection) -> None:
        ends = []
        for number in range(2):
            reply = await connection.run(f"k{number}", command("sleep 0.3"), timeout_s=20)
            start, end = (instant(reply.first(name) or "") for name in ("start", "end"))
            assert 0.25 < (end - start).total_seconds() < 20
            ends += [start, end]
        assert ends == sorted(ends)

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
