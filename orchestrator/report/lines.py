"""What reports are made of: lines with a meaning, and what takes events."""

from __future__ import annotations

from typing import Protocol

from orchestrator.journal.entry import Entry
from orchestrator.model.frozen import frozen


@frozen
class Line:
    """Text for a person, without its last newline. ``style`` is a key of ``STYLES``; talk goes to stderr."""

    text: str
    style: str = "plain"
    is_talk: bool = False


STYLES = {
    "plain": "",
    "ok": "green",
    "changed": "yellow",
    "failed": "red",
    "unreachable": "bold red",
    "unknown": "bold magenta",
    "skipped": "cyan",
    "included": "cyan",
    "note": "bright_black",
    "warning": "magenta",
    "error": "red",
}


class Sink(Protocol):
    """Something that is told every entry of a journal, in order, and closed at the end."""

    def take(self, entry: Entry) -> None: ...

    def close(self) -> None: ...


class Teller(Protocol):
    """Turns entries into lines."""

    def tell(self, entry: Entry) -> list[Line]: ...
