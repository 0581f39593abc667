"""The last write of this process: whatever reaches stderr or a file of ours on a way that nobody planned.

Tracebacks, warnings and logs of libraries carry values in their messages. Reports and the journal have a redactor of
their own; this is for everything else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO, cast

Hide = Callable[[str], str]
_known: list[Hide] = []


def forget() -> None:
    """Nothing is known to be secret: a command line begins."""
    _known.clear()


def hide_with(hide: Hide) -> None:
    """From now on ``hide`` is applied to everything that is written last."""
    _known.append(hide)


def hidden(text: str) -> str:
    """``text`` without what is known to be secret."""
    for hide in _known:
        text = hide(text)
    return text


def say(text: str) -> None:
    """Print a line to stdout, secrets hidden."""
    print(hidden(text))


def guard_stderr() -> None:
    """Put this process's stderr behind ``hidden``."""
    sys.stderr = cast(TextIO, LastWrite(sys.stderr))


class LastWrite:
    """A text stream that writes whole lines to another one, secrets hidden. What is flushed is no longer held back."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._line = ""

    def write(self, text: str) -> int:
        lines, newline, self._line = (self._line + text).rpartition("\n")
        if newline:
            self._stream.write(hidden(lines) + newline)
        return len(text)

    def flush(self) -> None:
        held, self._line = self._line, ""
        self._stream.write(hidden(held))
        self._stream.flush()

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
