"""What a command imports: the rest waits until it is used, since importing is most of what a short command takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOW = "import sys; print(*sorted(sys.modules), file=sys.stderr)"
HEAVY = frozenset({"asyncssh", "cryptography", "distributed", "fabric", "paramiko", "pydantic", "rich"})
WORLD = HEAVY | {"asyncio", "jinja2", "yaml", "sqlite3", "orchestrator.engine", "orchestrator.modules"}


def imported(tmp_path: Path, *argv: str, **environment: str) -> set[str]:
    """The modules that are there when ``orch ARGV`` ends, well or with help; nothing measures coverage meanwhile, which
    would bring modules of its own."""
    code = (
        f"import atexit, sys\natexit.register(lambda: exec({SHOW!r}))\nfrom orchestrator.cli.main import main\nmain()"
    )
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    told = subprocess.run(
        [sys.executable, "-c", code, *argv],
        cwd=tmp_path,
        env={**bare, "ORCH_HOME": str(tmp_path / "state"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return set(told.stderr.splitlines()[-1].split())


def test_the_version_needs_nothing(tmp_path: Path) -> None:
    assert not imported(tmp_path, "--version") & (WORLD | {"typer", "dataclasses"})


@pytest.mark.parametrize("argv", [("run", "--help"), ("--help",)])
def test_help_needs_no_engine(tmp_path: Path, argv: tuple[str, ...]) -> None:
    assert not imported(tmp_path, *argv) & (WORLD - {"rich"})


def test_a_play_without_tasks_needs_no_transport_and_no_arguments(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text("- hosts: all\n  gather_facts: false\n")
    assert not imported(tmp_path, "run", "play.yml", "-i", "mac1,") & (HEAVY | {"orchestrator.transport.connection"})
