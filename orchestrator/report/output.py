"""Lines to stdout and stderr without a terminal's tricks: for pipes, files, CI, and whoever sets NO_COLOR."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from typing import TextIO

from orchestrator.journal.entry import Entry
from orchestrator.model.errors import UserError
from orchestrator.report.lines import Line, Teller
from orchestrator.report.safe import safe
from orchestrator.report.words import WIDTH


def is_rich(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """True where ``stream`` is a terminal whose owner wants colours and movement."""
    is_plain = environ.get("NO_COLOR") or environ.get("ANSIBLE_NOCOLOR") or environ.get("TERM") == "dumb"
    return stream.isatty() and not is_plain


def width_of(stream: TextIO) -> int:
    """The width for banners: the terminal's, less one column as Ansible; 79 elsewhere."""
    return max(20, shutil.get_terminal_size().columns - 1) if stream.isatty() else WIDTH


class Writer:
    """A text stream that hides secrets, shows control characters as escapes, and bears a reader who has left."""

    def __init__(self, stream: TextIO, redact: Callable[[str], str]) -> None:
        self._stream = stream
        self._redact = redact
        self.is_broken = False
        self._failure: OSError | None = None

    def line(self, text: str) -> None:
        """Write ``text`` and a newline, at once."""
        self.raw(f"{safe(self._redact(text))}\n")

    def raw(self, text: str) -> None:
        """Write text that is already safe to show."""
        if self.is_broken:
            return
        try:
            encoding = self._stream.encoding or "utf-8"
            self._stream.write(text if text.isascii() else text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            # The reader left (`| head`); the run goes on, its journal is complete.
            self.is_broken = True
        except OSError as error:
            # Its disk is full: no reason to stop half-way on the hosts, but one to say so at the end.
            self.is_broken, self._failure = True, error

    def end(self) -> None:
        """Raises UserError where the stream had no room for all of it."""
        if self._failure is not None:
            raise UserError(
                f"{self._stream.name.strip('<>')} could not be written to its end: {self._failure.strerror}",
                hint="is there room where it goes to (df -h)? The journal has it all: orch runs show",
            )


class Plain:
    """A sink that prints what ``teller`` makes of each entry."""

    def __init__(self, teller: Teller, out: Writer, talk: Writer) -> None:
        self._teller = teller
        self._out = out
        self._talk = talk

    def take(self, entry: Entry) -> None:
        for line in self._teller.tell(entry):
            self.show(line)

    def show(self, line: Line) -> None:
        (self._talk if line.is_talk else self._out).line(line.text)

    def close(self) -> None:
        """Nothing is held back. Raises UserError where not all could be written."""
        self._out.end()


class Talk(Plain):
    """A sink that prints only the talk of ``teller``: where stdout is data."""

    def __init__(self, teller: Teller, talk: Writer) -> None:
        super().__init__(teller, talk, talk)

    def show(self, line: Line) -> None:
        if line.is_talk:
            super().show(line)

    def close(self) -> None:
        """Nothing is held back; where talk cannot be written, nothing can be said of that."""
