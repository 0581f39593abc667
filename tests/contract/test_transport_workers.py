"""Lines held by workers: what is told apart from lines of the engine's own, and what a lost worker comes to."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from orchestrator.model.errors import ConnectionDropped, IdentityError, TaskFailed
from orchestrator.model.events import Connected, ConnectionLost, Event
from orchestrator.model.place import Text
from orchestrator.model.program import Run, Script
from orchestrator.model.secrets import Secret
from orchestrator.transport.base import Limits
from orchestrator.transport.crew import Crew
from orchestrator.transport.processes import Processes
from orchestrator.transport.proxy import ProxyConnection
from tests.contract.beside import Beside
from tests.contract.sshd import Sshd

pytestmark = pytest.mark.needs_sshd
TOOLS = Script("tools", 'count() { printf x >>"$marker"; sleep "$seconds"; echo counted; }\ncopy() { cat; }\n')
LIMITS = Limits(reconnect_s=10)


def counting(marker: Path, seconds: float = 0) -> Run:
    return Run(main="count", scripts=(TOOLS,), values={"marker": str(marker), "seconds": str(seconds)})


class Node:
    """One node behind sshd, its spools below ``tmp``, and what was told of it."""

    def __init__(self, sshd: Sshd, tmp: Path) -> None:
        self.tmp = tmp / "node-tmp"
        self.tmp.mkdir()
        self.sshd = sshd
        self.events: list[Event] = []

    def by(self, crew: Crew, **changes: object) -> ProxyConnection:
        address = self.sshd.address(tmp=str(self.tmp), **changes)
        return ProxyConnection(address, "ssh", crew, on_event=self.events.append)

    def told(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def node(sshd: Sshd, tmp_path: Path) -> Node:
    return Node(sshd, tmp_path)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


async def until_there(path: Path) -> None:
    async with asyncio.timeout(20):
        while not path.exists():
            await asyncio.sleep(0.02)


def with_processes(node: Node, size: int, work: Callable[[Processes], Awaitable[None]]) -> None:
    """Runs ``work``; afterwards nothing of ours is on the node."""

    async def whole() -> None:
        crew = Processes(size, "run", LIMITS)
        try:
            await work(crew)
        finally:
            await crew.close()

    asyncio.run(whole())
    assert list(node.tmp.glob(".orch-*")) == []


def pid_of(crew: Processes, number: int = 0) -> int:
    return int(crew.links[number].name.split()[-1])


def test_lines_are_spread_over_processes(node: Node, marker: Path) -> None:
    async def work(crew: Processes) -> None:
        lines = [node.by(crew, name=name) for name in "abc"]
        secret = Run(main="copy", scripts=(TOOLS,), stdin=Secret("s"), values={"v": Text("it's")})
        for line in lines:
            assert (await line.run("k", counting(marker), timeout_s=20)).stdout == b"counted\n"
            assert (await line.run("s", secret, timeout_s=20)).stdout == b"s"
            await line.forget("k")
        assert sorted(len(link.lines) for link in crew.links) == [1, 2]
        for line in lines:
            await line.close()

    with_processes(node, 2, work)
    assert marker.read_text() == "xxx"
    assert len(node.told(Connected)) == 3


def test_a_killed_process_loses_no_result_and_repeats_nothing(node: Node, marker: Path) -> None:
    async def work(crew: Processes) -> None:
        line = node.by(crew)
        task = asyncio.ensure_future(line.run("k", counting(marker, 1), timeout_s=20))
        await until_there(marker)
        os.kill(pid_of(crew), signal.SIGKILL)
        assert (await task).stdout == b"counted\n"
        await line.forget("k")
        assert (await line.run("next", counting(marker), timeout_s=20)).rc == 0
        await line.close()

    with_processes(node, 1, work)
    assert marker.read_text() == "xx"
    assert len(node.told(ConnectionLost)) == 1


def test_when_processes_die_again_and_again_it_is_said(node: Node, marker: Path) -> None:
    async def work(crew: Processes) -> None:
        line = node.by(crew)
        for number in range(3):
            assert (await line.run(f"k{number}", counting(marker), timeout_s=20)).rc == 0
            os.kill(pid_of(crew, number), signal.SIGKILL)
            await asyncio.sleep(0.1)
        with pytest.raises(ConnectionDropped, match="no worker is left") as caught:
            await line.run("k3", counting(marker), timeout_s=20)
        assert "was lost" in str(caught.value.evidence)
        assert len([told for told in node.told(ConnectionLost) if "takes over" in told.reason]) == 2
        await line.close()

    async def whole() -> None:
        crew = Processes(1, "run", LIMITS)
        await work(crew)
        await crew.close()

    asyncio.run(whole())
    assert marker.read_text() == "xxx"


def beside(node: Node, work: Callable[[Beside], Awaitable[None]], size: int = 2) -> None:
    async def whole() -> None:
        crew = Beside("run", LIMITS, size)
        try:
            await work(crew)
        finally:
            await crew.close()

    asyncio.run(whole())


def test_a_claim_that_a_lost_worker_had_stays_until_the_end(node: Node, marker: Path) -> None:
    """It may still be somewhere, and hand over once more what it had."""

    async def work(crew: Beside) -> None:
        line = node.by(crew)
        task = asyncio.ensure_future(line.run("k", counting(marker, 0.5), timeout_s=20))
        await until_there(marker)
        await crew.lose()
        assert (await task).stdout == b"counted\n"
        await line.forget("k")
        assert (await line.run("next", counting(marker), timeout_s=20)).rc == 0
        claims = list(node.tmp.glob(".orch-*/*.said"))
        assert len(claims) == 2
        await line.close()
        assert list(node.tmp.glob(".orch-*")) == []

    beside(node, work)
    assert marker.read_text() == "xx"


def test_what_was_sent_ahead_by_a_lost_worker_runs_once(node: Node, marker: Path) -> None:
    async def work(crew: Beside) -> None:
        line = node.by(crew)
        assert (await line.run("first", counting(marker), timeout_s=20)).rc == 0
        line.ahead("a", counting(marker, 0.3), timeout_s=20)
        line.ahead("b", counting(marker), timeout_s=20, after=("a",))
        await asyncio.sleep(0.1)
        await crew.lose()
        assert [(await line.run(key, counting(marker), timeout_s=20)).rc for key in "ab"] == [0, 0]
        await line.close()

    beside(node, work)
    assert marker.read_text() == "xxx"


def test_files_end_with_the_worker_that_carried_them(node: Node, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000
            await asyncio.sleep(0.01)

    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise FileNotFoundError("the source went away")

    async def work(crew: Beside) -> None:
        line = node.by(crew)
        with pytest.raises(FileNotFoundError, match="went away"):
            await line.upload(broken(), str(tmp_path / "broken"))
        task = asyncio.ensure_future(line.upload(endless(), str(tmp_path / "file")))
        await until_there(tmp_path / "file")
        await crew.lose()
        with pytest.raises(ConnectionDropped, match="worker that held the line"):
            await task
        with pytest.raises(TaskFailed, match="could not be read"):
            _ = [chunk async for chunk in line.download(str(tmp_path / "absent"))]
        await line.close()

    beside(node, work)


def test_errors_keep_their_class_and_their_story(node: Node, tmp_path: Path) -> None:
    async def work(crew: Beside) -> None:
        line = node.by(crew, known_hosts=(str(tmp_path / "nobody"),))
        with pytest.raises(IdentityError) as refused:
            await line.run("k", Run(main=":"), timeout_s=20)
        assert "orch node trust" in (refused.value.hint or "") and "SHA256:" in (refused.value.evidence or "")
        await line.close()

    beside(node, work)


def test_whoever_stops_waiting_ends_the_work(node: Node, marker: Path) -> None:
    async def work(crew: Beside) -> None:
        line = node.by(crew)
        task = asyncio.ensure_future(line.run("k", counting(marker, 0.4), timeout_s=20))
        await until_there(marker)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await line.run("k", counting(marker), timeout_s=20)).stdout == b"counted\n"
        await line.reset()
        assert (await line.run("other", counting(marker), timeout_s=20)).rc == 0
        await line.close()

    beside(node, work)
    assert marker.read_text() == "xx"
