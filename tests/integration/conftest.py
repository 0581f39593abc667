"""Simulated Macs behind OpenSSH's sshd, and ``orch`` as a person starts it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestrator.sim.fleet import SimFleet, SimNode
from orchestrator.sim.mac import SimMac

LIMIT_S = 50


@dataclass(frozen=True)
class Macs:
    """Running simulated Macs; ``loop`` is where their event loop runs."""

    fleet: SimFleet
    loop: asyncio.AbstractEventLoop

    @property
    def nodes(self) -> list[SimNode]:
        return [node for _, node in sorted(self.fleet.nodes.items())]

    def inventory(self, path: Path, **overrides: dict[str, Any]) -> Path:
        """An inventory file of these Macs in the group ``macs``; ``overrides`` add variables by host."""
        data = self.fleet.inventory()
        hosts = data["all"]["hosts"]
        for name, variables in overrides.items():
            hosts.setdefault(name, {}).update(variables)
        data["all"]["children"] = {"macs": {"hosts": dict.fromkeys(hosts)}}
        path.write_text(yaml.safe_dump(data))
        return path


def running_macs(root: Path, *macs: SimMac) -> Iterator[Macs]:
    """The Macs, up until the generator is closed."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    fleet = SimFleet(root, macs, front="openssh", max_age_s=900)
    asyncio.run_coroutine_threadsafe(fleet.__aenter__(), loop).result(30)
    try:
        yield Macs(fleet, loop)
    finally:
        asyncio.run_coroutine_threadsafe(fleet.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="session")
def macs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Macs]:
    """Two Macs with a running gateway each, shared by the tests of a process."""
    yield from running_macs(tmp_path_factory.mktemp("macs"), SimMac(name="mac1"), SimMac(name="mac2", macos=15))


@dataclass(frozen=True)
class Told:
    """What ``orch`` said and how it ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("kind") == kind]


@dataclass(frozen=True)
class Orch:
    """Runs the command line in ``home``, with its state there too."""

    home: Path

    def __call__(self, *words: str | Path, limit_s: float = LIMIT_S, **environment: str) -> Told:
        done = subprocess.run(
            [sys.executable, "-m", "orchestrator", *map(str, words)],
            cwd=self.home,
            env={**os.environ, "ORCH_HOME": str(self.home / "state"), "NO_COLOR": "1", **environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=limit_s,
            check=False,
        )
        return Told(done.returncode, done.stdout, done.stderr)

    def play(self, text: str, *words: str | Path, name: str = "play.yml", **more: str) -> Told:
        """``orch run`` of a playbook with this text."""
        (self.home / name).write_text(text)
        return self("run", name, *words, **more)


@pytest.fixture
def orch(tmp_path: Path) -> Orch:
    return Orch(tmp_path)
