"""Broken lines, killed shells, passed limits: a task runs at most once, and its outcome is never guessed."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from orchestrator.model.errors import (
    ConnectionDropped,
    HostError,
    LimitExceeded,
    NodeFault,
    OutcomeUnknown,
    Unreachable,
)
from orchestrator.model.events import Connected, ConnectionLost, Said, ShellOpened
from orchestrator.model.program import Run, Script
from orchestrator.transport.base import Limits
from orchestrator.transport.connection import NodeConnection
from tests.contract.conftest import DIRECT, FRONTS, SHELLS, Machine, MakeMachine, play
from tests.contract.proxy import Proxy
from tests.contract.sshd import Sshd

TOOLS = Script(
    "tools",
    """
count() { printf x >>"$marker"; sleep "$seconds"; echo counted; }
stubborn() { trap '' TERM; echo begun; (trap '' TERM; sleep 60) & say child $!; count; wait; }
shell() { say pid $$; sleep "$seconds"; }
service() { sleep 60 >/dev/null 2>&1 & say pid $!; }
""",
)
SSH = [pytest.param(kind, marks=pytest.mark.needs_sshd) for kind in ("ssh", "fabric")]


@pytest.fixture(params=FRONTS)
def machine(request: pytest.FixtureRequest, make_machine: MakeMachine) -> Machine:
    return make_machine(request.param, "")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


def counting(marker: Path, seconds: float = 0, main: str = "count", *, repeatable: bool = False) -> Run:
    values = {"marker": str(marker), "seconds": str(seconds)}
    return Run(main=main, scripts=(TOOLS,), values=values, repeatable=repeatable)


async def until_there(path: Path) -> None:
    async with asyncio.timeout(10):
        while not path.exists():
            await asyncio.sleep(0.02)


def children_of_shells(spool: Path) -> list[psutil.Process]:
    """What still runs below the shells that are registered in the spool."""
    found: list[psutil.Process] = []
    for file in spool.glob("shell.*"):
        with suppress(psutil.NoSuchProcess):
            found += psutil.Process(int(file.suffix[1:])).children(recursive=True)
    return found


def through_proxy(
    sshd: Sshd, kind: str, tmp_path: Path, work: Callable[[NodeConnection, Proxy, Machine], Awaitable[None]]
) -> Machine:
    """Runs ``work`` over a line that can be cut; afterwards nothing of ours may be left."""
    tmp = tmp_path / "node-tmp"
    tmp.mkdir()
    store = tmp_path / "known_hosts"
    machine = Machine(kind, sshd.address(tmp=str(tmp), known_hosts=(str(store),)), tmp)

    async def whole() -> None:
        proxy = await Proxy(sshd.port).start()
        store.write_text(sshd.known_hosts.read_text().replace(str(sshd.port), str(proxy.port)))
        machine.address = replace(machine.address, port=proxy.port)
        try:
            await work(machine.connect(), proxy, machine)
        finally:
            await machine.close()
            await proxy.end()

    asyncio.run(whole())
    return machine


@pytest.mark.parametrize("kind", SSH)
def test_cut_line_mid_task_runs_once_and_the_result_is_fetched(
    kind: str, sshd: Sshd, tmp_path: Path, marker: Path
) -> None:
    async def work(connection: NodeConnection, proxy: Proxy, machine: Machine) -> None:
        task = asyncio.ensure_future(connection.run("k", counting(marker, 0.6), timeout_s=20))
        await until_there(marker)
        proxy.cut()
        reply = await task
        assert (reply.rc, reply.stdout) == (0, b"counted\n")
        assert proxy.connections == 2

    machine = through_proxy(sshd, kind, tmp_path, work)
    assert marker.read_text() == "x"
    assert [type(event) for event in machine.events] == [
        Connected,
        ShellOpened,
        ConnectionLost,
        Connected,
    ]
    assert machine.spools() == []


@pytest.mark.parametrize("kind", SSH)
def test_cut_line_between_tasks_goes_unnoticed(kind: str, sshd: Sshd, tmp_path: Path, marker: Path) -> None:
    async def work(connection: NodeConnection, proxy: Proxy, machine: Machine) -> None:
        for turn in range(3):
            assert (await connection.run(f"k{turn}", counting(marker), timeout_s=20)).rc == 0
            proxy.cut()

    through_proxy(sshd, kind, tmp_path, work)
    assert marker.read_text() == "xxx"


@pytest.mark.parametrize("kind", SSH)
def test_wiped_spool_after_a_cut_is_unknown_unless_repeatable(
    kind: str, sshd: Sshd, tmp_path: Path, marker: Path
) -> None:
    async def cut_and_wipe(connection: NodeConnection, proxy: Proxy, machine: Machine, program: Run, key: str) -> int:
        task = asyncio.ensure_future(connection.run(key, program, timeout_s=20))
        await until_there(marker)
        for spool in machine.spools():
            spool.rename(tmp_path / f"gone-{key}")
        proxy.cut()
        return (await task).rc

    async def work(connection: NodeConnection, proxy: Proxy, machine: Machine) -> None:
        with pytest.raises(OutcomeUnknown):
            await cut_and_wipe(connection, proxy, machine, counting(marker, 0.3), "k1")
        assert marker.read_text() == "x"
        marker.unlink()
        assert await cut_and_wipe(connection, proxy, machine, counting(marker, 0.3, repeatable=True), "k2") == 0
        assert marker.read_text() == "xx"

    through_proxy(sshd, kind, tmp_path, work)


@pytest.mark.needs_sshd
def test_line_that_does_not_come_back_is_said_within_its_limit(sshd: Sshd, tmp_path: Path, marker: Path) -> None:
    async def work(connection: NodeConnection, proxy: Proxy, machine: Machine) -> None:
        connection.limits = replace(connection.limits, reconnect_s=1.0)
        task = asyncio.ensure_future(connection.run("k", counting(marker, 0.1), timeout_s=20))
        await until_there(marker)
        proxy.refuses = True
        proxy.cut()
        began = time.monotonic()
        with pytest.raises(ConnectionDropped, match="did not come back") as caught:
            await task
        assert time.monotonic() - began < 8
        assert "resume" in (caught.value.hint or "")
        assert "hint:" not in (caught.value.evidence or "") and "\n" not in (caught.value.evidence or "")

    machine = through_proxy(sshd, "ssh", tmp_path, work)
    said = [event for event in machine.events if isinstance(event, Said) and "may still be running" in event.text]
    assert [event.level for event in said] == ["note"], "that its outcome is unknown was said"
    assert len(machine.spools()) == 1, "the claim stays for a resumed run"


@pytest.mark.needs_sshd
def test_silent_line_is_noticed_by_keep_alive(sshd: Sshd, tmp_path: Path, marker: Path) -> None:
    async def work(connection: NodeConnection, proxy: Proxy, machine: Machine) -> None:
        quick = Limits(keepalive_s=0.3, keepalive_count=2, connect_s=1, auth_s=1, reconnect_s=20)
        machine.opened.clear()
        impatient = machine.connect(limits=quick)
        task = asyncio.ensure_future(impatient.run("k", counting(marker, 0.2), timeout_s=20))
        await until_there(marker)
        proxy.is_stalled = True
        await asyncio.sleep(1.2)
        proxy.is_stalled = False
        assert (await task).stdout == b"counted\n"
        assert proxy.connections >= 2

    through_proxy(sshd, "ssh", tmp_path, work)
    assert marker.read_text() == "x"


@pytest.mark.needs_sshd
def test_one_connection_and_one_round_trip_a_task(sshd: Sshd, tmp_path: Path, marker: Path) -> None:
    async def work(connection: NodeConnection, proxy: Proxy, machine: Machine) -> None:
        await connection.run("first", counting(marker), timeout_s=20)
        before, tasks = proxy.turns, 20
        for turn in range(tasks):
            await connection.run(f"k{turn}", counting(marker), timeout_s=20)
            await connection.forget(f"k{turn}")
        assert proxy.turns - before == 2 * tasks, "one write, one read"
        assert proxy.connections == 1

    through_proxy(sshd, "ssh", tmp_path, work)


def test_resumed_run_gets_the_result_of_the_earlier_process(machine: Machine, marker: Path) -> None:
    async def whole() -> None:
        earlier = machine.connect("resumed")
        task = asyncio.ensure_future(earlier.run("k", counting(marker, 0.5), timeout_s=20))
        await until_there(marker)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await earlier.close()
        later = machine.connect("resumed")
        assert (await later.run("k", counting(marker, 0.5), timeout_s=20)).stdout == b"counted\n"
        await later.close()
        assert machine.spools() == []

    asyncio.run(whole())
    assert marker.read_text() == "x"


def test_resumed_run_on_a_wiped_node_does_not_run_again(make_machine: MakeMachine, marker: Path) -> None:
    machine = make_machine("local", "")

    async def work(connection: NodeConnection) -> None:
        with pytest.raises(OutcomeUnknown, match="record of it went away"):
            await connection.run("k", counting(marker), timeout_s=20)
        assert (await connection.run("new", counting(marker), timeout_s=20)).rc == 0

    async def whole() -> None:
        from orchestrator.transport.open import connect

        connection = connect(machine.address, "local", run_id="r", sent=["k"], births={"": "an older spool"})
        try:
            await work(connection)
        finally:
            await connection.close()
        assert connection.births[""] != "an older spool"

    asyncio.run(whole())
    assert marker.read_text() == "x"


def test_killed_shell_is_unknown_unless_repeatable(machine: Machine, marker: Path) -> None:
    async def kill_during(connection: NodeConnection, key: str, program: Run, marker: Path) -> int:
        task = asyncio.ensure_future(connection.run(key, program, timeout_s=20))
        await until_there(marker)
        (spool,) = machine.spools()
        for shell in spool.glob("shell.*"):
            os.kill(int(shell.suffix[1:]), signal.SIGKILL)
            shell.unlink()
        return (await task).rc

    async def work(connection: NodeConnection) -> None:
        with pytest.raises(OutcomeUnknown):
            await kill_during(connection, "k1", counting(marker, 0.3), marker)
        assert marker.read_text() == "x"
        marker.unlink()
        assert await kill_during(connection, "k2", counting(marker, 0.3, repeatable=True), marker) == 0

    play(machine, work)


@pytest.mark.parametrize("main", ["count", "stubborn"])
def test_limit_ends_the_task_and_its_children(machine: Machine, marker: Path, main: str) -> None:
    async def work(connection: NodeConnection) -> None:
        service = await connection.run("s", counting(marker, main="service"), timeout_s=20)
        with pytest.raises(LimitExceeded, match=r"limit of 0\.4 s") as caught:
            await connection.run("k", counting(marker, 60, main), timeout_s=0.4)
        assert main == "count" or "begun" in (caught.value.evidence or "")
        (spool,) = machine.spools()
        async with asyncio.timeout(5):
            while children_of_shells(spool):
                await asyncio.sleep(0.05)
        assert psutil.pid_exists(int(service.first("pid") or 0)), "what an earlier task started lives on"
        assert (await connection.run("l", Run(main=":"), timeout_s=20)).rc == 0
        os.kill(int(service.first("pid") or 0), signal.SIGKILL)

    play(machine, work)


@pytest.mark.parametrize("shell", SHELLS)
def test_limit_in_every_shell(shell: str, make_machine: MakeMachine, marker: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        for key in ("a", "b"):
            with pytest.raises(LimitExceeded):
                await connection.run(key, counting(marker, 60), timeout_s=0.4)
            assert (await connection.run(f"then {key}", Run(main=":"), timeout_s=20)).rc == 0

    play(make_machine("local", shell), work)


def test_cancelled_task_leaves_a_usable_connection(machine: Machine, marker: Path) -> None:
    async def work(connection: NodeConnection) -> None:
        task = asyncio.ensure_future(connection.run("k", counting(marker, 0.4), timeout_s=20))
        await until_there(marker)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await connection.run("l", Run(main=":"), timeout_s=20)).rc == 0
        assert (await connection.run("k", counting(marker, 0.4), timeout_s=20)).stdout == b"counted\n"

    play(machine, work)
    assert marker.read_text() == "x"


def test_reset_then_the_next_task_connects_anew(machine: Machine) -> None:
    async def work(connection: NodeConnection) -> None:
        await connection.run("k", Run(main=":"), timeout_s=20)
        await connection.reset()
        await connection.run("l", Run(main=":"), timeout_s=20)

    play(machine, work)
    assert [type(event) for event in machine.events] == [Connected, ShellOpened, Connected]


@pytest.mark.parametrize("trap", ["link", "open", "file"])
def test_spool_that_is_not_ours_alone_is_refused(trap: str, make_machine: MakeMachine, tmp_path: Path) -> None:
    machine = make_machine("local", "")

    async def whole() -> None:
        first = machine.connect("trapped")
        await first.run("k", Run(main=":"), timeout_s=20)
        (spool,) = machine.spools()
        await first.close()
        if trap == "link":
            (tmp_path / "elsewhere").mkdir(mode=0o700)
            spool.symlink_to(tmp_path / "elsewhere")
        elif trap == "open":
            spool.mkdir(mode=0o755)
        else:
            spool.write_text("")
        second = machine.connect("trapped")
        with pytest.raises(NodeFault) as caught:
            await second.run("k", Run(main=":"), timeout_s=20)
        assert caught.value.evidence
        await second.close()

    asyncio.run(whole())


def test_claim_that_cannot_be_made_is_a_fault_in_the_tools_words(make_machine: MakeMachine, marker: Path) -> None:
    machine = make_machine("local", "")

    async def work(connection: NodeConnection) -> None:
        await connection.run("k", Run(main=":"), timeout_s=20)
        (spool,) = machine.spools()
        spool.rename(spool.with_name("away"))
        with pytest.raises(NodeFault) as caught:
            await connection.run("l", counting(marker), timeout_s=20)
        assert "No such file" in (caught.value.evidence or "")
        spool.with_name("away").rename(spool)

    play(machine, work)
    assert not marker.exists()


@pytest.mark.parametrize("kind", SSH)
def test_nobody_listens(kind: str, sshd: Sshd, tmp_path: Path) -> None:
    machine = Machine(kind, sshd.address(port=1), tmp_path)

    async def whole() -> None:
        with pytest.raises(Unreachable, match="refuses connections") as caught:
            await machine.connect().run("k", Run(main=":"), timeout_s=20)
        assert "Remote Login" in (caught.value.hint or "")
        await machine.close()

    asyncio.run(whole())


@pytest.mark.parametrize("machine", DIRECT, indirect=True)
def test_reach_from_the_node(machine: Machine) -> None:
    async def work(connection: NodeConnection) -> None:
        met = asyncio.Event()

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()
            await writer.wait_closed()
            met.set()

        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        assert await connection.reach("127.0.0.1", port, 5) is None
        await met.wait()
        server.close()
        await server.wait_closed()
        assert "onnect" in str(await connection.reach("127.0.0.1", 1, 5))

    play(machine, work)


def test_every_error_is_a_host_error() -> None:
    assert all(issubclass(kind, HostError) for kind in (LimitExceeded, NodeFault, OutcomeUnknown, Unreachable))
