"""Tasks in the background, over real shells of this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from orchestrator.engine.jobs import Job, Jobs
from orchestrator.model.errors import LimitExceeded, OutcomeUnknown
from orchestrator.model.program import Reply, Run, Script
from orchestrator.model.results import Result
from orchestrator.transport.base import Address
from orchestrator.transport.open import connect

WORK = Script(
    "work", 'work() { sleep 0.2; cat; echo "$word"; say fact found; echo oops >&2; return 3; }\nlong() { sleep 30; }'
)
Exchange = Callable[[Run], Awaitable[Reply]]


async def on_a_machine(tmp: Path, scenario: Callable[[Exchange], Awaitable[None]]) -> None:
    (tmp / "t").mkdir()
    node = connect(Address(name="here", tmp=str(tmp / "t")), "local", run_id="r")
    count = 0

    async def exchange(program: Run) -> Reply:
        nonlocal count
        count += 1
        return await node.run(f"k{count}", program, timeout_s=20)

    try:
        async with asyncio.timeout(20):
            await scenario(exchange)
    finally:
        await node.close()


def begin(job: Job, exchange: Exchange, main: str, **more: str) -> None:
    async def drive() -> Result:
        reply = await job.run(
            Run(main=main, scripts=(WORK,), values={"word": "done"}, stdin=more.get("stdin")), exchange
        )
        said = {"rc": reply.rc, "out": reply.stdout.decode(), "err": reply.stderr.decode(), "fact": reply.first("fact")}
        return Result(changed=True, data=said)

    job.work(drive)


def test_a_job_gives_what_its_program_left(tmp_path: Path) -> None:
    async def scenario(exchange: Exchange) -> None:
        jobs = Jobs("run")
        job = jobs.new(10, key="k")
        begin(job, exchange, "work", stdin="given\n")
        begun = await job.begun()
        assert begun.changed
        assert (begun.data["started"], begun.data["finished"]) == (True, False)
        status = jobs.status(job.jid)
        assert status is not None
        assert not status.data["finished"]
        ended = await job.ended()
        assert ended.data["out"] == "given\ndone\n"
        assert (ended.data["rc"], ended.data["err"], ended.data["fact"]) == (3, "oops\n", "found")
        status = jobs.status(job.jid, forget=True)
        assert status is not None
        assert status.data["finished"]
        assert jobs.status(job.jid) is None

    asyncio.run(on_a_machine(tmp_path, scenario))


def test_past_its_limit_a_job_is_stopped(tmp_path: Path) -> None:
    async def scenario(exchange: Exchange) -> None:
        jobs = Jobs("run")
        job = jobs.new(0.5, key="k")
        begin(job, exchange, "long")
        await job.begun()
        pid = int(next((tmp_path / "t").glob(".orch-*/job.*/pid")).read_text())
        with pytest.raises(LimitExceeded, match="did not complete within the requested time"):
            await job.ended()
        for _ in range(50):
            if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]:
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError("the job is still at work")
        status = jobs.status(job.jid)
        assert status is not None
        assert status.failed

    asyncio.run(on_a_machine(tmp_path, scenario))


def test_a_job_that_was_killed_is_unknown(tmp_path: Path) -> None:
    async def scenario(exchange: Exchange) -> None:
        job = Jobs("run").new(10, key="k")
        begin(job, exchange, "long")
        await job.begun()
        os.kill(int(next((tmp_path / "t").glob(".orch-*/job.*/pid")).read_text()), 9)
        with pytest.raises(OutcomeUnknown):
            await job.ended()

    asyncio.run(on_a_machine(tmp_path, scenario))


def test_a_job_let_go_goes_on_and_leaves_nothing_of_ours(tmp_path: Path) -> None:
    script = Script("late", f"late() {{ sleep 0.6; echo late >{tmp_path}/late; }}")

    async def scenario(exchange: Exchange) -> None:
        jobs = Jobs("run")
        job = jobs.new(10, key="k")

        async def drive() -> Result:
            await job.run(Run(main="late", scripts=(script,)), exchange)
            return Result()

        job.work(drive)
        await job.begun()
        await jobs.let_go()

    async def whole() -> None:
        await on_a_machine(tmp_path, scenario)
        assert not list((tmp_path / "t").iterdir())
        for _ in range(300):  # a busy machine takes its time
            if (tmp_path / "late").exists():
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the job did not go on")

    asyncio.run(whole())
