"""Names that are nearly others: what a person meant, and what a person will mix up."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import combinations

CONFUSABLE = 2
"""Names that so few changed letters turn into one another are mixed up sooner or later."""
LONG = 8
"""Of names shorter than this only one letter may differ: `mail` and `main` are words, `pin` and `tls` are not near."""


def meant(name: str, known: Iterable[str], instead: str | None = None) -> str | None:
    """The hint with the names in ``known`` that come near ``name``, or else ``instead``."""
    near = difflib.get_close_matches(name, list(known), 3, 0.6)
    return f"did you mean {' or '.join(near)}?" if near else instead


def confusable(names: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of ``names`` that one or two changed, missing or swapped letters turn into one another. Numbers that
    count (``node1``, ``node2``) are meant to be near."""
    pairs = combinations(sorted(set(names)), 2)
    return [(a, b) for a, b in pairs if _without_count(a) != _without_count(b) and distance(a, b) <= _allowed(a, b)]


def distance(a: str, b: str) -> int:
    """How many letters must be put in, taken out, replaced or swapped with the next one to turn ``a`` into ``b``."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        new = [i]
        for j, right in enumerate(b, 1):
            cost = min(row[j] + 1, new[-1] + 1, row[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        before, row = row, new
    return row[-1]


def _allowed(a: str, b: str) -> int:
    return CONFUSABLE if min(len(a), len(b)) >= LONG else 1


def _without_count(name: str) -> str:
    """``name`` without the number at its end; a name that has none stays apart from one that has."""
    bare = name.rstrip("0123456789")
    return f"{bare}#" if bare != name else name
