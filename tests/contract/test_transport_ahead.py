"""Programs written ahead of the question for their replies: their order, what holds them back, and broken lines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.model.errors import LimitExceeded, OutcomeUnknown
from orchestrator.model.program import Run, Script
from orchestrator.transport.connection import NodeConnection
from tests.contract.conftest import FRONTS, SHELLS, Machine, MakeMachine
from tests.contract.proxy import Proxy
from tests.contract.sshd import Sshd
from tests.contract.test_transport_breaks import SSH, through_proxy

WORDS = Script(
    "words", 'write() { sleep "$seconds"; echo "$word" >>"$file"; echo "$word"; [ -z "$bad" ] || die "$bad"; }'
)


@pytest.fixture(params=FRONTS)
def machine(request: pytest.FixtureRequest, make_machine: MakeMachine) -> Machine:
    return make_machine(request.param, "")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "written"


def program(file: Path, word: str, *, bad: str = "", seconds: float = 0) -> Run:
    values = {"file": str(file), "word": word, "bad": bad, "seconds": str(seconds)}
    return Run(main="write", scripts=(WORDS,), values=values)


def on(machine: Machine, work: Callable[[NodeConnection], Awaitable[None]]) -> None:
    async def whole() -> None:
        try:
            await work(machine.connect())
        finally:
            await machine.close()

    asyncio.run(whole())
    assert machine.spools() == []


def test_replies_are_told_apart_whoever_asks_first(machine: Machine, file: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        for word in "abc":
            connection.ahead(word, program(file, word), timeout_s=20)
        for word in "cab":
            assert (await connection.run(word, program(file, word), timeout_s=20)).stdout == f"{word}\n".encode()

    on(machine, work)
    assert file.read_text().split() == ["a", "b", "c"]


def test_what_was_sent_in_other_words_is_run_anew_where_that_does_no_harm(machine: Machine, file: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        old, new = (replace(program(file, word), repeatable=True) for word in ("old", "new"))
        connection.ahead("a", old, timeout_s=20)
        connection.ahead("b", program(file, "b"), timeout_s=20)
        assert (await connection.run("a", new, timeout_s=20)).stdout == b"new\n"
        with pytest.raises(OutcomeUnknown, match="before what it is made of had changed"):
            await connection.run("b", program(file, "c"), timeout_s=20)

    on(machine, work)
    assert sorted(file.read_text().split()) == ["b", "new", "old"]


@pytest.mark.parametrize("shell", SHELLS)
def test_behind_a_failure_nothing_is_begun_until_it_is_asked_for(
    shell: str, make_machine: MakeMachine, file: Path
) -> None:
    async def work(connection: NodeConnection) -> None:
        connection.ahead("a", program(file, "a", bad="no"), timeout_s=20)
        connection.ahead("b", program(file, "b"), timeout_s=20, after=("a",))
        connection.ahead("c", program(file, "c"), timeout_s=20, after=("a", "b"))
        assert (await connection.run("a", program(file, "a", bad="no"), timeout_s=20)).rc == 1
        await asyncio.sleep(0.3)
        assert file.read_text().split() == ["a"]
        assert (await connection.run("c", program(file, "c"), timeout_s=20)).rc == 0

    on(make_machine("local", shell), work)
    assert file.read_text().split() == ["a", "c"]


def test_behind_a_success_it_is(machine: Machine, file: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        connection.ahead("a", program(file, "a"), timeout_s=20)
        connection.ahead("b", program(file, "b"), timeout_s=20, after=("a",))
        assert (await connection.run("b", program(file, "b"), timeout_s=20)).rc == 0
        assert (await connection.run("a", program(file, "a"), timeout_s=20)).rc == 0

    on(machine, work)
    assert file.read_text().split() == ["a", "b"]


def test_the_limit_counts_from_the_beginning_of_the_program_itself(machine: Machine, file: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        connection.ahead("a", program(file, "a", seconds=1.5), timeout_s=20)
        connection.ahead("b", program(file, "b", seconds=0.2), timeout_s=1.0)
        assert (await connection.run("a", program(file, "a", seconds=1.5), timeout_s=20)).rc == 0
        assert (await connection.run("b", program(file, "b", seconds=0.2), timeout_s=1.0)).rc == 0

    on(machine, work)
    assert file.read_text().split() == ["a", "b"]


def test_what_is_behind_one_that_was_stopped_is_not_begun(machine: Machine, file: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        connection.ahead("a", program(file, "a", seconds=30), timeout_s=0.5)
        connection.ahead("b", program(file, "b"), timeout_s=20, after=("a",))
        with pytest.raises(LimitExceeded):
            await connection.run("a", program(file, "a", seconds=30), timeout_s=0.5)
        await asyncio.sleep(0.5)
        assert not file.exists()

    on(machine, work)


@pytest.mark.parametrize("kind", SSH)
def test_a_cut_line_runs_each_once_and_finds_each_reply(kind: str, sshd: Sshd, tmp_path: Path, file: Path) -> None:
    async def work(connection: NodeConnection, proxy: Proxy, machine: Machine) -> None:
        words = "abcd"
        for index, word in enumerate(words):
            connection.ahead(word, program(file, word, seconds=0.3), timeout_s=20, after=tuple(words[:index]))
        while not file.exists():
            await asyncio.sleep(0.02)
        proxy.cut()
        for word in words:
            reply = await connection.run(word, program(file, word, seconds=0.3), timeout_s=20)
            assert reply.stdout == f"{word}\n".encode()

    machine = through_proxy(sshd, kind, tmp_path, work)
    assert file.read_text().split() == list("abcd")
    assert machine.spools() == []


def test_what_nobody_asks_for_leaves_nothing_behind(machine: Machine, file: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        connection.ahead("a", program(file, "a"), timeout_s=20)

    on(machine, work)
    assert file.read_text().split() == ["a"]
