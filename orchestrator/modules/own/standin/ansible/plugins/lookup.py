"""The base of lookups. What needs the run (options, files, templates) is put before it when one is called."""

from __future__ import annotations

from typing import Any


class LookupBase:
    """What a ``LookupModule`` derives from."""

    def __init__(self, loader: Any = None, templar: Any = None, **_more: Any) -> None:
        self._loader = loader
        self._templar = templar

    @staticmethod
    def _flatten(terms: Any) -> list[Any]:
        return [item for term in terms for item in (term if isinstance(term, (list, tuple)) else [term])]

    @staticmethod
    def _combine(a: Any, b: Any) -> list[Any]:
        return [LookupBase._flatten([x, y]) for x in a for y in b]
