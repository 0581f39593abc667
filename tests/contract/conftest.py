"""The machines of the contract tests: the local one, real sshd by two libraries, and every shell we promise."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from orchestrator.model.events import Event, ShellOpened
from orchestrator.transport.base import Address, Limits
from orchestrator.transport.connection import NodeConnection
from orchestrator.transport.open import connect
from orchestrator.transport.proxy import ProxyConnection
from tests.contract.beside import Beside
from tests.contract.sshd import Sshd, start_sshd

DIRECT = [
    "local",
    pytest.param("ssh", marks=pytest.mark.needs_sshd),
    pytest.param("fabric", marks=pytest.mark.needs_sshd),
]
FRONTS = [*DIRECT, pytest.param("worker", marks=pytest.mark.needs_sshd)]
"""``worker``: ssh, by a worker."""
SHELLS = ["dash", "bash", pytest.param("zsh", marks=pytest.mark.needs_zsh)]


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    server = start_sshd(tmp_path_factory.mktemp("sshd"))
    yield server
    server.end()


@dataclass
class Machine:
    """A way to connect, whose spools lie in ``tmp``."""

    kind: str
    address: Address
    tmp: Path
    events: list[Event] = field(default_factory=list)
    opened: list[NodeConnection] = field(default_factory=list)
    recorded: asyncio.Event | None = None
    """What is told of shells counts as recorded when this is set; without one, at once."""

    def connect(self, run_id: str = "run", limits: Limits | None = None) -> NodeConnection:
        limits, hear = limits or Limits(reconnect_s=10), self.events.append
        if self.kind == "worker":
            beside = Beside(run_id, limits)
            made: Any = ProxyConnection(self.address, "ssh", beside, on_event=hear, record=self._record)
        else:
            made = connect(self.address, self.kind, limits=limits, run_id=run_id, on_event=hear, record=self._record)
        self.opened.append(made)
        connection: NodeConnection = made  # what tests ask of it beyond base.Connection, both have
        return connection

    async def _record(self, opened: ShellOpened) -> None:
        self.events.append(opened)
        if self.recorded is not None:
            await self.recorded.wait()

    def spools(self) -> list[Path]:
        return sorted(self.tmp.glob(".orch-*"))

    def shells(self) -> set[str]:
        """The names of the shells that were opened here, as they are in their arguments."""
        return {file.read_text().strip() for spool in self.spools() for file in spool.glob("shell.*")}

    async def close(self) -> None:
        for connection in self.opened:
            await connection.close()


MakeMachine = Callable[[str, str], Machine]


@pytest.fixture
def make_machine(tmp_path: Path, request: pytest.FixtureRequest) -> MakeMachine:
    """A machine by front and shell; shells are called ``sh``, as on a Mac, so that they behave as sh."""

    def make(kind: str, shell: str = "") -> Machine:
        tmp = tmp_path / "node-tmp"
        tmp.mkdir()
        place = str(called_sh(tmp_path, shell)) if shell else "/bin/sh"
        if kind == "local":
            return Machine(kind, Address(name="node", tmp=str(tmp), shell=place), tmp)
        server: Sshd = request.getfixturevalue("sshd")
        return Machine(kind, server.address(tmp=str(tmp), shell=place), tmp)

    return make


def called_sh(tmp_path: Path, shell: str) -> Path:
    link = tmp_path / shell / "sh"
    link.parent.mkdir()
    link.symlink_to(shutil.which(shell) or f"/bin/{shell}")
    return link


def play(machine: Machine, work: Callable[[NodeConnection], Awaitable[None]], limits: Limits | None = None) -> None:
    """Runs ``work`` with a connection, closes it, and looks that nothing of ours is left on the machine."""

    async def whole() -> None:
        connection = machine.connect(limits=limits)
        try:
            await work(connection)
        finally:
            shells = machine.shells()
            await machine.close()
        async with asyncio.timeout(5):
            while running(shells):
                await asyncio.sleep(0.02)

    asyncio.run(whole())
    assert machine.spools() == []


def running(names: set[str]) -> list[int]:
    """The processes that have any of these names in their arguments: shells, and what they forked and did not exec."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "status"])
        if names & set(process.info["cmdline"] or ()) and process.info["status"] != psutil.STATUS_ZOMBIE
    ]
