"""Plug-ins of collections, read when a template first names one: a machine may hold many collections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Read = Callable[[str, Path], dict[str, Any]]
"""From a kind of plug-in and a directory to what the files in it define, by short name."""


class Sought:
    """The plug-ins of the collections below ``roots``, by kind and full name; each directory is read once."""

    def __init__(self, roots: Iterable[str], read: Read) -> None:
        self._roots = tuple(Path(root).expanduser() / "ansible_collections" for root in dict.fromkeys(roots))
        self._read = read
        self._known: dict[tuple[str, str], dict[str, Any]] = {}

    def __call__(self, kind: str, name: str) -> Any:
        """The plug-in ``name`` (``NAMESPACE.COLLECTION.NAME``), or None."""
        namespace, _, rest = name.partition(".")
        collection, _, short = rest.partition(".")
        if not short or not (namespace.isidentifier() and collection.isidentifier()):
            return None
        where = f"{namespace}/{collection}/plugins/{kind}"
        if (kind, where) not in self._known:
            place = next((root / where for root in self._roots if (root / where).is_dir()), None)
            self._known[kind, where] = {} if place is None else self._read(kind, place)
        return self._known[kind, where].get(short)
