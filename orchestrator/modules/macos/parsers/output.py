"""
What a parser is given and what it gives back.

`Output` is one finished command. The five constructors below are the only makers of results, so that "we know it is
not there", "we were not let in", "it failed and said why" and "we cannot tell" are never mixed up.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from orchestrator.model.frozen import frozen

Parsed: TypeAlias = dict[str, Any]

_NONE_GIVEN = "the command gives no reason"
MAX_LINE = 8192  # keeps the time of every pattern bounded; longer than any line a parser reads for its end

_REFUSAL = re.compile(
    r"operation not permitted|permission denied|(must|need|requires?)\b.{0,40}\b(root|administrator)|running as root"
    r"|administrator access|requires full disk access|not authorized|interaction is not allowed",
    re.IGNORECASE,
)
_MISSING_TOOL = re.compile(r"command not found|: not found$|no such file or directory", re.IGNORECASE | re.MULTILINE)


@frozen
class Output:
    """
    The output of one command that has ended.

    `exit_code` is None when it is not known (then silence proves nothing); `macos` is a version such as "26.5" or None.
    """

    stdout: str
    stderr: str = ""
    exit_code: int | None = None
    macos: str | None = None

    @property
    def text(self) -> str:
        """Both streams, stdout first, line ends made uniform: for tools whose choice of stream varies."""
        parts = (self.stdout, self.stderr)
        return "\n".join(part.rstrip("\r\n") for part in parts if part).replace("\r\n", "\n")

    @property
    def lines(self) -> list[str]:
        """The lines of `text` that hold something, with their indentation, cut at `MAX_LINE` characters."""
        return [line.rstrip()[:MAX_LINE] for line in self.text.split("\n") if line.strip()]

    @property
    def rows(self) -> list[str]:
        """As `lines`, of stdout alone: for tools that list items there and complain on stderr."""
        return Output(self.stdout).lines

    @property
    def silent(self) -> bool:
        """True when neither stream holds anything but blanks."""
        return not self.text.strip()


Parser: TypeAlias = Callable[[Output], Parsed]


def known(**fields: Any) -> Parsed:
    """The command answered and the answer was understood."""
    return {"status": "known", **fields}


def absent(reason: str, **fields: Any) -> Parsed:
    """The command says that what was asked for does not exist."""
    return {"status": "absent", "reason": reason or _NONE_GIVEN, **fields}


def refused(reason: str, **fields: Any) -> Parsed:
    """The command was not allowed to look or to act."""
    return {"status": "not permitted", "reason": reason or _NONE_GIVEN, **fields}


def failed(reason: str, **fields: Any) -> Parsed:
    """The command tried and says why it did not succeed."""
    return {"status": "failed", "reason": reason or _NONE_GIVEN, **fields}


def unknown(reason: str, **fields: Any) -> Parsed:
    """No conclusion can be drawn."""
    return {"status": "unknown", "reason": reason or _NONE_GIVEN, **fields}


def otherwise(output: Output, *, quote: bool = True) -> Parsed:
    """
    The result for output in which a parser found nothing it knows: the first of refused, absent, failed, unknown.

    `quote=False` keeps the text itself out of the result, for commands that may print secrets.
    """
    if output.silent:
        if output.exit_code is None:
            return unknown("no output and no exit status")
        return unknown(f"no output, exit status {output.exit_code}")
    said = output.lines[0].strip()[:200] if quote else "the text is withheld: it may hold secrets"
    if _REFUSAL.search(output.text):
        return refused(said)
    if output.exit_code == 127 or (_MISSING_TOOL.search(output.text) and output.exit_code != 0):
        return absent(said)
    if output.exit_code:
        return failed(said, exit_code=output.exit_code)
    return unknown("the output is not in a known form", text=said)
