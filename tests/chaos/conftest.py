from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.scene import Scene
from tests.contract.sshd import Sshd, start_sshd


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    server = start_sshd(tmp_path_factory.mktemp("sshd"))
    yield server
    server.end()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, sshd: Sshd) -> dict[str, Any]:
    """The final state of the rollout when nothing goes wrong."""
    scene = Scene.laid(Path(tmp_path_factory.mktemp("undisturbed")), sshd)
    told = scene.play()
    assert told.status == 0, told
    final = scene.final()
    assert final["spools"] == []
    return {**final, "events": len(scene.ended()[1]) + 1}
