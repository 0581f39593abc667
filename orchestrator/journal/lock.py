"""Who is writing a run's journal: a lock file held by one process, with its pid, host and heartbeat."""

from __future__ import annotations

import fcntl
import json
import math
import os
import socket
import time
from pathlib import Path
from types import TracebackType

from orchestrator.model.errors import UserError
from orchestrator.model.frozen import frozen

STALE_S = 60.0
"""A writer on another machine that has been silent for so long counts as gone."""


@frozen
class Owner:
    """What the lock file says. ``seq`` is the last event that its writer had taken."""

    pid: int = 0
    host: str = ""
    beat: float = 0.0
    seq: int = 0


class Lock:
    """The right to write one journal; the kernel ends it with the process, however that ends.

    A writer on another machine (the directory was copied, or is shared) is judged by its heartbeat: while that is fresh
    the lock is its own. One that fell silent may be taken over, by somebody who says so (``is_taken_over``).
    """

    def __init__(self, path: Path, *, is_taken_over: bool = False) -> None:
        _check_elsewhere(read_owner(path), is_taken_over)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._seq = 0
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            owner = read_owner(path)
            raise UserError(
                "this run is still being written",
                evidence=f"by process {owner.pid} on {owner.host}",
                hint="wait for it, or stop that process",
            ) from error
        try:
            self.beat(0)
        except OSError:
            os.close(self._file)
            raise

    def beat(self, seq: int) -> None:
        """Say that we live and have taken events up to ``seq``."""
        self._seq = seq
        self._write(socket.gethostname())

    def _write(self, host: str) -> None:
        owner = {"pid": os.getpid(), "host": host, "beat": round(time.time(), 1), "seq": self._seq}
        # Of fixed length: a reader never sees the rest of a longer text behind a shorter one.
        os.pwrite(self._file, json.dumps(owner).ljust(400).encode(), 0)

    def release(self) -> None:
        """Nobody's from now on, and the file says so."""
        self._write("")
        os.close(self._file)

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _check_elsewhere(owner: Owner, is_taken_over: bool) -> None:
    """Raises UserError where another machine's process holds the lock, or may hold it."""
    if owner.host in ("", socket.gethostname()):
        return
    silent_s = time.time() - owner.beat
    evidence = f"by process {owner.pid} on {owner.host}, last heard of {silent_s:.0f} s ago"
    if silent_s < STALE_S:
        left_s = math.ceil(STALE_S - silent_s)
        hint = f"wait for it, or stop it; when it has been silent for {STALE_S:g} s ({left_s} s more), give --take-over"
        raise UserError("this run is still being written", evidence=evidence, hint=hint)
    if not is_taken_over:
        raise UserError(
            "this run was being written on another machine, and did not say that it had ended",
            evidence=evidence,
            hint="make sure that process is gone, then give --take-over",
        )


def read_owner(path: Path) -> Owner:
    """What the lock file at ``path`` says; an empty Owner where it says nothing that makes sense."""
    try:
        said = json.loads(path.read_bytes())
        return Owner(int(said["pid"]), str(said["host"]), float(said["beat"]), int(said["seq"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Owner()


def is_held(path: Path) -> bool:
    """True while a process writes the journal. Another machine's is judged by its heartbeat."""
    owner = read_owner(path)
    if owner.host not in ("", socket.gethostname()):
        return time.time() - owner.beat < STALE_S
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False
