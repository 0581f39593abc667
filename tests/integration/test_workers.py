"""Runs whose connections are held by worker processes, or by a Dask cluster: the same end, whoever is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.chaos.conftest import sshd, undisturbed  # noqa: F401 - fixtures
from tests.chaos.scene import Scene
from tests.contract.sshd import Sshd
from tests.integration.cluster import DaskCluster, dask_cluster
from tests.integration.conftest import Orch

pytestmark = [pytest.mark.needs_sshd, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("cluster"), ["here", "there"], tls=True) as made:
        yield made


@contextmanager
def when(path: Path, act: Callable[[], None]) -> Iterator[None]:
    """Inside the block, ``act`` is done as soon as ``path`` is there."""

    def wait() -> None:
        deadline = time.monotonic() + 30
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    yield
    thread.join()


def same(scene: Scene, told: object, undisturbed: dict[str, Any]) -> None:  # noqa: F811
    final = scene.final()
    assert final == {name: undisturbed[name] for name in final}, told


def test_processes_come_to_the_same_end(tmp_path: Path, sshd: Sshd, undisturbed: dict[str, Any]) -> None:  # noqa: F811
    scene = Scene.laid(tmp_path, sshd)
    told = scene.play("--engine", "processes:2")
    same(scene, told, undisturbed)
    assert "lost" not in told.stderr


def test_a_killed_process_changes_nothing(tmp_path: Path, sshd: Sshd, undisturbed: dict[str, Any]) -> None:  # noqa: F811
    scene = Scene.laid(tmp_path, sshd)

    def kill() -> None:
        workers = [
            child.pid
            for orch in psutil.Process().children()
            for child in orch.children()
            if "orchestrator.transport.worker" in child.cmdline()
        ]
        os.kill(workers[0], signal.SIGKILL)

    with when(tmp_path / "logs" / "once", kill):
        told = scene.play("--engine", "processes:2")
    same(scene, told, undisturbed)
    assert "was lost; another one takes over" in told.stdout + told.stderr


def test_a_killed_engine_takes_its_workers_along_and_is_resumed(
    tmp_path: Path,
    sshd: Sshd,  # noqa: F811
    undisturbed: dict[str, Any],  # noqa: F811
) -> None:
    scene = Scene.laid(tmp_path, sshd)
    assert scene.play_until("20:after", "--engine", "processes:2").status == -signal.SIGKILL
    told = scene.resume()
    same(scene, told, undisturbed)


def test_a_cluster_loses_a_worker_and_comes_to_the_same_end(
    tmp_path: Path,
    sshd: Sshd,  # noqa: F811
    undisturbed: dict[str, Any],  # noqa: F811
    cluster: DaskCluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    whole = Scene.laid(tmp_path / "whole", sshd)
    told = whole.play("--engine", cluster.engine)
    same(whole, told, undisturbed)
    torn = Scene.laid(tmp_path / "torn", sshd)
    with when(torn.home / "logs" / "once", lambda: cluster.kill(0)):
        told = torn.play("--engine", cluster.engine)
    same(torn, told, undisturbed)
    assert "was lost; another one takes over" in told.stdout + told.stderr


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("threads", "--engine threads is not known"),
        ("processes:0", "processes:N (1 to 64)"),
        ("dask://far.example:8786", "is not encrypted"),
        ("dask://127.0.0.1:1", "no Dask scheduler"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_touched(orch: Orch, word: str, says: str) -> None:
    (orch.home / "hosts").write_text("n1\n")
    told = orch("exec", "all", "-i", "hosts", "-a", "true", "--engine", word, "-T", "2")
    assert told.status == 1
    assert says in told.stderr and "hint: " in told.stderr and "Traceback" not in told.stderr
    assert not list((orch.home / "state").glob("runs/*")), "a run that never began is none"
    assert orch("resume").stderr.startswith("error: there are no runs yet")
