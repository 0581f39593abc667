"""Where a value was written, and the text that people wrote.

Only text from the user's own files and command line is ever a template. That one fact is carried by the type:
the loaders make ``Text``; whatever comes from a node, a command or a computation is plain ``str``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; ``line`` and ``column`` count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Text(str):
    """A string with the place where a person wrote it; trusted as template text."""

    __slots__ = ("place",)
    place: Place | None

    def __new__(cls, value: str, place: Place | None = None) -> Text:
        text = super().__new__(cls, value)
        text.place = place
        return text


class Nearer(Text):
    """The text of a keyword, and what its surroundings say of it: ``outer`` holds where the text comes to ``omit``."""

    __slots__ = ("outer",)
    outer: object


def nearer(text: Text, outer: object) -> Nearer:
    """``text`` before ``outer``."""
    result = Nearer(text, text.place)
    result.outer = outer
    return result


def place_of(value: object) -> Place | None:
    """The nearest known place of a loaded value: its own, its first key's or its first item's."""
    if isinstance(value, Text):
        return value.place
    if isinstance(value, dict | list | tuple):
        return next(filter(None, map(place_of, value)), None)
    return None
