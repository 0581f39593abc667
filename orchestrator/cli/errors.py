"""Errors as people see them: place and cause, evidence, hint. Never a traceback, but into a file for a bug of ours."""

from __future__ import annotations

import errno
import os
import sys
import time
import traceback
from pathlib import Path

from orchestrator import __version__
from orchestrator.cli.last_write import hidden
from orchestrator.model.errors import Bug, HostError, OrchestratorError, UserError
from orchestrator.model.status import Status
from orchestrator.report.safe import safe

REPORTED_BY = "please send that file (it holds no values of yours beyond the command line) with what you did"

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""What the system says where it has no room for our words, or no disk: nobody's mistake in this program."""


def tell(error: Exception, argv: list[str]) -> int:
    """Print ``error`` to stderr; returns the exit status that fits it."""
    if isinstance(error, UserError):
        return _say(error, error.status)
    if isinstance(error, HostError):
        return _say(error, Status.UNREACHABLE)
    if isinstance(error, OrchestratorError) and not isinstance(error, Bug):
        return _say(error, Status.BUG)
    if isinstance(error, OSError) and error.errno in FULL:
        return _full(error)
    # Typer's errors have moved between its versions; what they all have is this method.
    if hasattr(error, "format_message"):
        return _usage(error)
    if type(error).__name__ == "Abort":
        return Status.INTERRUPTED
    return _bug(error, argv)


def leave_stdout() -> None:
    """Let the interpreter end without a complaint about a reader that has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(error: OrchestratorError, status: int) -> int:
    print(hidden(f"error: {safe(str(error))}"), file=sys.stderr)
    return status


def _usage(error: Exception) -> int:
    context = getattr(error, "ctx", None)
    words = error.format_message()  # type: ignore[attr-defined]
    if not words and context is not None:  # a group's name alone: its help is on stdout already
        words = f"{context.command_path}: which one? {', '.join(context.command.list_commands(context))}"
    print(f"error: {words}", file=sys.stderr)
    if context is not None:
        print(f"  hint: {context.command_path} --help", file=sys.stderr)
    return Status.FAILED  # what argparse, and so ansible-playbook, says to options it does not know


def _full(error: OSError) -> int:
    """What could not be written: a file that has a name, or else what this command prints."""
    where = error.filename or "the output"
    print(hidden(f"error: {safe(str(where))} cannot be written: {error.strerror}"), file=sys.stderr)
    print("  hint: is there room where it goes to (df -h)?", file=sys.stderr)
    leave_stdout()
    return Status.WRONG


def _bug(error: Exception, argv: list[str]) -> int:
    print(hidden(f"bug: {type(error).__name__}: {safe(str(error))}"), file=sys.stderr)
    try:
        file = _write_traceback(error, argv)
        print(f"  evidence: {file}\n  hint: {REPORTED_BY}", file=sys.stderr)
    except (OSError, UserError):
        traceback.print_exception(error)
    return Status.BUG


def _write_traceback(error: Exception, argv: list[str]) -> Path:
    """The file with the traceback. Values after a flag are left out: one of them might be a secret."""
    from orchestrator.journal.home import state_dir

    directory = state_dir() / "bugs"
    directory.mkdir(mode=0o700, exist_ok=True)
    file = directory / time.strftime("%Y%m%d-%H%M%S.txt", time.gmtime())
    flags = [word.partition("=")[0] if word.startswith("-") else "…" for word in argv[1:]]
    head = f"orch {__version__}, Python {sys.version}\norch {' '.join([*argv[:1], *flags])}\n\n"
    file.touch(mode=0o600)
    file.write_text(hidden(head + "".join(traceback.format_exception(error))), encoding="utf-8")
    return file
