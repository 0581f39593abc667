"""Simulated Macs for the tests of the macOS modules: their tools and launchd, without an SSH front in between."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.model.program import Recall, Remember, Request, Sleep
from orchestrator.sim.fleet import SimFleet, SimNode
from orchestrator.sim.mac import SimMac, session_environment
from tests.contract.driver import Node, Shell

MAX_AGE_S = 900.0


@dataclass
class MacNode(Node):
    """A Mac as a module's whole world: a memory of restarts that a test may fill; sleeps are real or only counted."""

    mac: SimNode | None = None
    host: str = "mac1"
    remembered: list[tuple[str, str, float]] = field(default_factory=list)
    pauses: bool = True
    skipped_s: float = 0.0

    def reply(self, request: Request) -> Any:
        now = time.monotonic() + self.skipped_s
        match request:
            case Sleep(seconds=seconds):
                time.sleep(seconds if self.pauses else 0)
                self.skipped_s += 0 if self.pauses else seconds
            case Recall(topic=topic, within_s=within_s):
                found = [(host, now - at) for kept, host, at in self.remembered if kept == topic]
                return tuple(sorted((one for one in found if one[1] < within_s), key=lambda one: one[1]))
            case Remember(topic=topic):
                self.remembered.append((topic, self.host, now))
            case _:
                return super().reply(request)
        return None


def node_of(mac: SimNode, shell: tuple[str, ...] = ("bash", "--posix"), session: str = "ssh 1") -> MacNode:
    environment = {**session_environment(mac.mac, mac.dir), "SIM_SESSION": session}
    words = [f"{name}={value}" for name, value in environment.items()]
    return MacNode(Shell(("/usr/bin/env", *words, *shell), mac.dir.home), mac=mac)


@contextmanager
def macs(root: Path, *wanted: SimMac) -> Iterator[dict[str, SimNode]]:
    """The Macs, up; they are ended with the block. Their event loop has a thread of its own."""
    up, done = threading.Event(), threading.Event()
    nodes: dict[str, SimNode] = {}
    troubles: list[BaseException] = []

    async def serve() -> None:
        async with SimFleet(root, list(wanted), max_age_s=MAX_AGE_S) as fleet:
            nodes.update(fleet.nodes)
            up.set()
            await asyncio.to_thread(done.wait, MAX_AGE_S)

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            troubles.append(error)
            up.set()

    thread = threading.Thread(target=run)
    thread.start()
    up.wait(MAX_AGE_S)
    try:
        if troubles:
            raise troubles[0]
        yield nodes
    finally:
        done.set()
        thread.join(MAX_AGE_S)
