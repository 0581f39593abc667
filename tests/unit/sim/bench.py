"""A launchd in this process, over a Mac on disk, with launchctl as a method."""

import asyncio
import plistlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from orchestrator.sim import faults
from orchestrator.sim.launchd.machine import Launchd
from orchestrator.sim.launchd.verbs import Answer, Caller, answer
from orchestrator.sim.mac import SimMac
from tests.unit.sim.desk import Desk

LIMIT_S = 10.0


class Bench:
    """A launchd in this process, with launchctl as a method."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.launchd = Launchd(desk.dir.root)

    async def ctl(self, line: str, uid: int = 501, manager: str = "Background") -> Answer:
        await self.launchd.refresh()
        return await answer(self.launchd, line.split(), Caller(uid, manager, str(self.desk.home)))

    async def fields(self, target: str) -> dict[str, str]:
        """The top-level fields of `print`."""
        said = await self.ctl(f"print {target}")
        return dict(re.findall(r"^\t(\w[^=\n]*?) = (.+)$", said.out, re.MULTILINE))

    async def until(self, target: str, claim: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """The fields, once the claim about them holds."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                fields = await self.fields(target)
                if claim(fields):
                    return fields
                await asyncio.sleep(0.01)

    async def answers(self, line: str, code: int) -> None:
        """Repeat a command until it exits with the code."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                if (await self.ctl(line)).code == code:
                    return
                await asyncio.sleep(0.01)

    def plist(self, script: str, label: str = "x.job", mode: int = 0o644, **keys: Any) -> Path:
        """A LaunchAgent that runs a shell script, throttled to 0.2 s unless said otherwise."""
        path = self.desk.home / "Library" / "LaunchAgents" / f"{label}.plist"
        job = {"Label": label, "ProgramArguments": ["/bin/sh", "-c", script], "ThrottleInterval": 0.2, **keys}
        path.write_bytes(plistlib.dumps(job))
        path.chmod(mode)
        return path

    async def load(self, script: str, **keys: Any) -> None:
        said = await self.ctl(f"bootstrap gui/501 {self.plist(script, **keys)}")
        assert said == Answer(), said


@asynccontextmanager
async def bench(tmp_path: Path, macos: int = 26, **switches: Any) -> AsyncIterator[Bench]:
    found = Bench(Desk(tmp_path, SimMac("m", macos=macos, gateway=False)))
    faults.switch(found.desk.dir.root, bootout_delay_s=0.05, **switches)
    found.launchd.start()
    try:
        yield found
    finally:
        await found.launchd.stop()


JOB = "gui/501/x.job"


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except FileNotFoundError:
        return False


def running(fields: dict[str, str]) -> bool:
    return fields.get("state") == "running"
