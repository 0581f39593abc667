"""``orch`` many times over, cheaply: a process that has imported everything forks for each run.

``python -m tests.chaos.nursery`` reads one JSON line a run (``words``, ``home``, ``environment``, ``gate``,
``point``), answers with the child's pid, and when the child has ended with its wait status. ``Nursery`` is the other
end of that pipe.

``gate`` is ``[NUMBER or a kind of event, PROGRAM]``: as the journal commits the event of that number, or the first of
that kind, the child runs PROGRAM and waits for it. SQLite itself tells of its statements; the product knows nothing
of this. ``SIGUSR1`` sets a child's clock an hour ahead, ``SIGUSR2`` an hour back.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EVERYTHING = """
orchestrator.cli.main orchestrator.cli.app orchestrator.cli.run orchestrator.cli.resume orchestrator.cli.playing
orchestrator.cli.loading orchestrator.cli.again orchestrator.cli.runs orchestrator.engine.fleet
orchestrator.engine.resume orchestrator.transport.ssh orchestrator.transport.open orchestrator.report.transcript
orchestrator.planning.template_file orchestrator.modules.builtin.command orchestrator.modules.builtin.copy
orchestrator.modules.macos.launchd orchestrator.modules.macos.keychain_reset orchestrator.modules.macos.browser_reset
""".split()


# ---- the nursery itself --------------------------------------------------------------------------------------


def main() -> None:
    """Forks until its stdin ends."""
    sys.path.insert(0, str(ROOT))
    for name in EVERYTHING:
        __import__(name)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(_child(asked))
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(status, flush=True)


def _child(asked: dict[str, Any]) -> int:
    signal.signal(signal.SIGUSR1, lambda *_: _turn_clock(3600))
    signal.signal(signal.SIGUSR2, lambda *_: _turn_clock(-3600))
    home = asked["home"]
    os.chdir(home)
    os.environ.update(asked["environment"])
    for number, name in ((0, os.devnull), (1, asked["stdout"]), (2, asked["stderr"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.closerange(3, 64)
    if asked["point"]:
        from tests.chaos.killed import Killer

        number, *rest = asked["point"].split(":")
        sqlite3.connect = Killer(int(number), *rest).connect  # type: ignore[assignment]
    if asked["gate"]:
        _at_commit(*asked["gate"])
    from orchestrator.cli.main import status

    try:
        return status(asked["words"])
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _turn_clock(by_s: float) -> None:
    """What people do to a clock: the system's one jumps, the monotonic one does not."""
    real = time.time
    time.time = lambda: real() + by_s


def _at_commit(event: int | str, program: Sequence[str]) -> None:
    """Have ``program`` run, once, in the commit of the wanted event."""
    opened = sqlite3.connect
    seen, armed, done = 0, False, False

    def statement(text: str) -> None:
        nonlocal seen, armed, done
        if text.startswith("INSERT INTO events"):
            seen += 1
            armed = armed or (seen == event if isinstance(event, int) else f"'{event}'" in text)
        if armed and not done and text.startswith("COMMIT"):
            done = True
            subprocess.run(program, check=False, stdin=subprocess.DEVNULL)

    def connect(*arguments: Any, **more: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = opened(*arguments, **more)
        database.set_trace_callback(statement)
        return database

    sqlite3.connect = connect  # type: ignore[assignment]


# ---- its other end -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """How a run of ``orch`` ended, and what it said. ``status`` is negative for a signal."""

    words: tuple[str, ...]
    status: int
    stdout: str
    stderr: str
    duration_s: float = 0.0

    def __str__(self) -> str:
        return f"orch {' '.join(self.words)}: status {self.status}\n{self.stdout}\n{self.stderr}"


@dataclass
class Child:
    """A run under way."""

    nursery: Nursery
    pid: int
    words: tuple[str, ...]
    files: tuple[Path, Path]
    began: float

    def send(self, name: signal.Signals) -> None:
        os.kill(self.pid, name)

    def wait(self) -> Told:
        status = os.waitstatus_to_exitcode(int(self.nursery.line()))
        texts = [file.read_bytes().decode(errors="replace") for file in self.files]
        return Told(self.words, status, *texts, time.monotonic() - self.began)


@dataclass
class Nursery:
    """Runs of ``orch``, one at a time."""

    process: subprocess.Popen[str] = field(
        default_factory=lambda: subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )

    def begin(self, home: Path, *words: str, gate: Any = None, point: str = "", label: str = "first") -> Child:
        stdin = self.process.stdin
        assert stdin is not None
        files = (home / f"{label}.out", home / f"{label}.err")
        asked = {
            "words": words,
            "home": str(home),
            "environment": {"ORCH_HOME": str(home / "state"), "NO_COLOR": "1"},
            "stdout": str(files[0]),
            "stderr": str(files[1]),
            "gate": gate,
            "point": point,
        }
        began = time.monotonic()
        print(json.dumps(asked), file=stdin, flush=True)
        return Child(self, int(self.line()), words, files, began)

    def run(self, home: Path, *words: str, point: str = "", label: str = "first") -> Told:
        return self.begin(home, *words, point=point, label=label).wait()

    def line(self) -> str:
        stdout = self.process.stdout
        assert stdout is not None
        line = stdout.readline()
        assert line, "the nursery has ended"
        return line

    def end(self) -> None:
        with self.process:  # closes both ends and waits
            pass


if __name__ == "__main__":
    main()
