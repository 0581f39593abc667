"""Versions that can be compared, as ``distutils`` had them."""

from __future__ import annotations

import functools
import re
from typing import Any


@functools.total_ordering
class Version:
    """A version: text that comes to something which can be compared."""

    version: Any = ()

    def __init__(self, vstring: str | None = None) -> None:
        self.vstring = ""
        if vstring:
            self.parse(vstring)

    def parse(self, vstring: str) -> None:
        """Take ``vstring`` for the version."""
        self.vstring = vstring

    def __str__(self) -> str:
        return self.vstring

    def __repr__(self) -> str:
        return f"{type(self).__name__} ({str(self)!r})"

    def _rank(self) -> Any:
        return self.version

    def __eq__(self, other: object) -> bool:
        other = type(self)(other) if isinstance(other, str) else other
        return bool(self._rank() == other._rank()) if isinstance(other, Version) else NotImplemented

    def __lt__(self, other: Any) -> bool:
        return bool(self._rank() < (type(self)(other) if isinstance(other, str) else other)._rank())

    __hash__ = None  # type: ignore[assignment]


class LooseVersion(Version):
    """Numbers and words in any order: ``1.5.2b2``, ``3.10a``, ``2g6``."""

    component_re = re.compile(r"(\d+|[a-z]+|\.)", re.VERBOSE)

    def parse(self, vstring: str) -> None:
        self.vstring = vstring
        parts = [part for part in self.component_re.split(vstring) if part and part != "."]
        self.version = [int(part) if part.isdigit() else part for part in parts]


class StrictVersion(Version):
    """Two or three numbers, and perhaps ``a`` or ``b`` with a number. Raises ValueError for anything else."""

    prerelease: tuple[str, int] | None = None

    def parse(self, vstring: str) -> None:
        found = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?", vstring, re.ASCII)
        if found is None:
            raise ValueError(f"invalid version number '{vstring}'")
        self.version = tuple(int(part or 0) for part in found.groups()[:3])
        self.prerelease = (found[4], int(found[5])) if found[4] else None

    def __str__(self) -> str:
        shown = self.version if self.version[2] else self.version[:2]
        return ".".join(map(str, shown)) + "".join(map(str, self.prerelease or ()))

    def _rank(self) -> Any:
        return (self.version, self.prerelease or ("c", 0))
