import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.cli.main import status

Orch = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to work in, with a state directory of its own and no configuration of Ansible's."""
    for name in [name for name in os.environ if name.startswith(("ANSIBLE_", "ORCH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ORCH_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    work = tmp_path / "work"
    work.mkdir()
    (work / "hosts").write_text("here ansible_connection=local\n")
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def orch(here: Path, capfd: pytest.CaptureFixture[str]) -> Orch:
    """Run a command line in this process; returns its exit status, stdout and stderr."""

    def run(*argv: str | Path) -> tuple[int, str, str]:
        found = status([str(word) for word in argv])
        captured = capfd.readouterr()
        return found, captured.out, captured.err

    return run


@pytest.fixture
def process(here: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start ``orch`` as a process of its own."""

    def start(*argv: str, **env: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from orchestrator.cli.main import main; main()", *argv]
        return subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
