"""Cuts, kills, half-open lines, full disks; afterwards a plain second run converges."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.nursery import Nursery
from tests.chaos.scene import Scene
from tests.contract.sshd import Sshd, start_sshd


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    server = start_sshd(tmp_path_factory.mktemp("sshd"))
    yield server
    server.end()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    begun = Nursery()
    yield begun
    begun.end()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, sshd: Sshd) -> dict[str, Any]:
    """The final state of the rollout when nothing goes wrong."""
    return ending(Path(tmp_path_factory.mktemp("undisturbed")), sshd)


def ending(home: Path, sshd: Sshd) -> dict[str, Any]:
    """How the rollout ends when nothing goes wrong; ``events``: how many its journal has."""
    scene = Scene.laid(home, sshd)
    told = scene.play()
    assert told.status == 0, told
    final = scene.final()
    assert final["spools"] == []
    return {**final, "events": len(scene.ended()[1]) + 1}
