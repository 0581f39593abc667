"""
`python -m orchestrator.modules.macos.parsers SLUG < RECORDING` prints what a recording says, as JSON with sorted keys.

Exit status: 0 parsed (whatever the recording says), 1 bad usage or nobody reads the answer, 3 no parser for the slug.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import NoReturn

from orchestrator.modules.macos.parsers.output import Output
from orchestrator.modules.macos.parsers.registry import TABLE, markdown, parse

_BAD_USAGE = 1
_NO_PARSER = 3


class _Arguments(argparse.ArgumentParser):
    """argparse, but bad usage exits 1."""

    def error(self, message: str) -> NoReturn:
        """One line of what is wrong, one of how to go on."""
        self.exit(_BAD_USAGE, f"error: {message}\nhint: {self.prog} --help\n")


def _arguments() -> argparse.ArgumentParser:
    arguments = _Arguments(prog="python -m orchestrator.modules.macos.parsers", description=__doc__)
    arguments.add_argument("slug", nargs="?", help="which command's output it is, e.g. launchctl-print")
    arguments.add_argument("--exit-code", type=int, help="the command's exit status; left out: not known")
    arguments.add_argument("--stream", choices=("stdout", "stderr"), default="stdout", help="where it was printed")
    arguments.add_argument("--macos", help="version of macOS, e.g. 26.5")
    arguments.add_argument("--table", action="store_true", help="print the table of parsers as Markdown instead")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status; see the module."""
    arguments = _arguments()
    given = arguments.parse_args(argv)
    if given.table:
        sys.stdout.write(markdown())
        return 0
    if given.slug is None:
        arguments.error("which SLUG? or --table")
    if given.slug not in TABLE:
        sys.stderr.write(f"error: no parser for {given.slug!r}\nhint: --table lists all slugs\n")
        return _NO_PARSER
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    streams = {given.stream: text}
    output = Output(streams.get("stdout", ""), streams.get("stderr", ""), given.exit_code, given.macos)
    sys.stdout.write(json.dumps(parse(given.slug, output), indent=2, sort_keys=True, allow_nan=False) + "\n")
    return 0


if __name__ == "__main__":
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None  # the reader has gone: do not let the interpreter flush again
        status = _BAD_USAGE
    sys.exit(status)
