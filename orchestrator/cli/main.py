"""argv in, exit status out: the only place that ends the process, and the only one that catches everything.

Exit status: see ``model/status.py``.
"""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

from orchestrator import __version__
from orchestrator.model.status import Status

OBJECTS_BETWEEN_COLLECTIONS = 150_000
"""Python looks for cycles after every 700 objects. Most of ours stay as long as the run, so that this takes a fifteenth
of all CPU time and finds next to nothing."""


def main() -> NoReturn:
    """The command ``orch``."""
    from orchestrator.cli.last_write import guard_stderr

    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    guard_stderr()
    ended = status(sys.argv[1:])
    gc.freeze()  # what there is goes with the process; a last search for cycles takes as long as starting it did
    sys.exit(ended)


def status(argv: list[str]) -> int:
    """Run the command line ``argv`` and return its exit status; errors are told on stderr."""
    if argv == ["--version"]:
        print(f"orch {__version__}")
        return 0
    from orchestrator.cli import errors, last_write
    from orchestrator.cli.app import build

    last_write.forget()

    try:
        found = build(argv[0] if argv else None)(argv or ["--help"], prog_name="orch", standalone_mode=False)
        return _let_out(found if isinstance(found, int) else 0, argv)
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except BrokenPipeError:
        errors.leave_stdout()
        return 0
    except Exception as error:
        return errors.tell(error, argv)


def _let_out(ended: int, argv: list[str]) -> int:
    """The exit status when what was printed has left: what cannot be written is told here, and not by the interpreter's
    last breath. A status other than 0 stays."""
    from orchestrator.cli import errors

    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        told = 0 if isinstance(error, BrokenPipeError) else errors.tell(error, argv)
        errors.leave_stdout()
        return ended or told
    return ended


if __name__ == "__main__":
    main()
