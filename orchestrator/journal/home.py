"""Where runs are kept: the state directory, private to its owner, and the names of runs."""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from orchestrator.model.errors import UserError

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Digits and letters that nobody mistakes for one another, in the order in which they sort."""


def state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The state directory, made with mode 0700: ``$ORCH_HOME``, ``$XDG_STATE_HOME/orch`` or ``~/.local/state/orch``.

    Raises UserError where it cannot be made, or where others could write to it.
    """
    path = _chosen(environ)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = path.stat().st_mode
    except OSError as error:
        raise UserError(
            f"the state directory {path} cannot be used: {error.strerror}",
            hint="set ORCH_HOME to a directory of your own",
        ) from error
    if mode & stat.S_IWOTH:
        raise UserError(
            f"the state directory {path} is writable by everyone",
            evidence=f"mode {stat.S_IMODE(mode):04o}",
            hint=f"chmod 700 {path}",
        )
    return path


def runs_dir(home: Path) -> Path:
    """The directory below ``home`` that holds one directory for each run."""
    path = home / "runs"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def new_run_id(now: float | None = None) -> str:
    """A name for a run that sorts by time (UTC) and can be typed: ``20261121-141503-k7f3``.

    The first two of the last four characters are the part of the second, to about a millisecond.
    """
    at = time.time() if now is None else now
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(at))
    high, low = divmod(int(at % 1 * len(LETTERS) ** 2), len(LETTERS))
    return f"{stamp}-{LETTERS[high]}{LETTERS[low]}{secrets.choice(LETTERS)}{secrets.choice(LETTERS)}"


def _chosen(environ: Mapping[str, str]) -> Path:
    if own := environ.get("ORCH_HOME"):
        return Path(own).expanduser().absolute()
    base = environ.get("XDG_STATE_HOME")
    if base and os.path.isabs(base):
        return Path(base) / "orch"
    return Path.home() / ".local/state/orch"
