"""What a command imports: the rest waits until it is used, since importing is most of what a short command takes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.model.status import Status

SHOW = "import sys; print(*sorted(sys.modules), file=sys.stderr)"
HEAVY = frozenset({"asyncssh", "cryptography", "distributed", "fabric", "paramiko", "pydantic", "rich"})
WORLD = HEAVY | {"asyncio", "jinja2", "yaml", "sqlite3", "orchestrator.engine", "orchestrator.modules"}


WATCH = """
import atexit, sys
seen = []
def watch(event, args):
    if event in ("socket.connect", "subprocess.Popen"):
        seen.append(event)
    elif event == "import" and args[0] in ("asyncssh", "pydantic"):
        seen.append(args[0])
sys.addaudithook(watch)
atexit.register(lambda: print(*seen, file=sys.stderr))
from orchestrator.cli.main import main
main()
"""
"""Says last in what order these came: a connection, a process, the SSH library, the one that checks arguments."""


def imported(tmp_path: Path, *argv: str, **environment: str) -> set[str]:
    """The modules that are there when ``orch ARGV`` ends, well or with help; nothing measures coverage meanwhile, which
    would bring modules of its own."""
    code = (
        f"import atexit, sys\natexit.register(lambda: exec({SHOW!r}))\nfrom orchestrator.cli.main import main\nmain()"
    )
    told = started(tmp_path, code, *argv, **environment)
    assert told.returncode == 0, told.stderr
    return set(told.stderr.splitlines()[-1].split())


def started(tmp_path: Path, code: str, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A Python that runs ``code`` with the arguments ``argv``."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return subprocess.run(
        [sys.executable, "-c", code, *argv],
        cwd=tmp_path,
        env={**bare, "ORCH_HOME": str(tmp_path / "state"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def watched(tmp_path: Path, task: str, *flags: str, **environment: str) -> list[str]:
    """What a run of ``task`` on a host that refuses connections did, in order."""
    (tmp_path / "play.yml").write_text(f"- hosts: all\n  gather_facts: false\n  tasks:\n    - {task}\n")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        (tmp_path / "hosts").write_text(f"mac1 ansible_host=127.0.0.1 ansible_port={closed.getsockname()[1]}\n")
        told = started(tmp_path, WATCH, "run", "play.yml", "-i", "hosts", *flags, HOME=str(tmp_path), **environment)
    assert told.returncode in (Status.OK, Status.WRONG, Status.UNREACHABLE), told.stderr
    return told.stderr.splitlines()[-1].split()


def test_the_version_needs_nothing(tmp_path: Path) -> None:
    assert not imported(tmp_path, "--version") & (WORLD | {"typer", "dataclasses"})


@pytest.mark.parametrize("argv", [("run", "--help"), ("--help",)])
def test_help_needs_no_engine(tmp_path: Path, argv: tuple[str, ...]) -> None:
    assert not imported(tmp_path, *argv) & (WORLD - {"rich"})


def test_a_play_without_tasks_needs_no_transport_and_no_arguments(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text("- hosts: all\n  gather_facts: false\n")
    assert not imported(tmp_path, "run", "play.yml", "-i", "mac1,") & (HEAVY | {"orchestrator.transport.connection"})


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_a_host_is_dialled_while_libraries_are_imported_and_nothing_is_started(tmp_path: Path, strategy: str) -> None:
    seen = watched(tmp_path, "command: 'true'", "--forks", "50", "--diff", ANSIBLE_STRATEGY=strategy)
    assert seen[0] == "socket.connect"
    assert {"asyncssh", "pydantic"} <= set(seen)
    assert "subprocess.Popen" not in seen


@pytest.mark.parametrize(
    ("task", "flags"),
    [
        ("debug: msg=here", ()),
        ("{command: 'true', when: false}", ()),
        ("{command: 'true', loop: []}", ()),
        ("{command: 'true', tags: never}", ()),
        ("{command: 'true', delegate_to: localhost, connection: local}", ()),
        ("wait_for: timeout=1", ("--check",)),
        ("command: 'true'", ("--list-tasks",)),
        ("command: 'true'", ("--syntax-check",)),
        ("{command: 'true', no_such_keyword: 1}", ()),
    ],
)
def test_a_host_that_nothing_is_done_on_is_not_dialled(tmp_path: Path, task: str, flags: tuple[str, ...]) -> None:
    assert "socket.connect" not in watched(tmp_path, task, *flags)
