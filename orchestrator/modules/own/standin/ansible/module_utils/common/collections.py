"""What kind of container a value is, and containers that do not change."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any


class ImmutableDict(Hashable, Mapping[Any, Any]):
    """A mapping that stays as it is."""

    def __init__(self, *args: Any, **values: Any) -> None:
        self._store = dict(*args, **values)

    def __getitem__(self, key: Any) -> Any:
        return self._store[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._store)

    def __len__(self) -> int:
        return len(self._store)

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self) == dict(other)

    def __repr__(self) -> str:
        return f"ImmutableDict({self._store!r})"

    def union(self, overriding_mapping: Mapping[Any, Any]) -> ImmutableDict:
        """This one and the other, which wins."""
        return ImmutableDict(self._store, **overriding_mapping)

    def difference(self, subtractive_iterable: Any) -> ImmutableDict:
        """This one without those keys."""
        return ImmutableDict({key: value for key, value in self._store.items() if key not in set(subtractive_iterable)})


def is_string(seq: Any) -> bool:
    """Whether ``seq`` is text or bytes."""
    return isinstance(seq, (str, bytes))


def is_iterable(seq: Any, include_strings: bool = False) -> bool:
    """Whether one can go through ``seq``; text counts only where asked for."""
    return hasattr(seq, "__iter__") and (include_strings or not is_string(seq))


def is_sequence(seq: Any, include_strings: bool = False) -> bool:
    """Whether ``seq`` is a list or the like; text counts only where asked for."""
    return isinstance(seq, Sequence) and (include_strings or not is_string(seq))


def count(seq: Any) -> dict[Any, int]:
    """How often each value stands in ``seq``."""
    found: dict[Any, int] = {}
    for each in seq:
        found[each] = found.get(each, 0) + 1
    return found


__all__ = [
    "ImmutableDict",
    "Mapping",
    "MutableMapping",
    "MutableSequence",
    "Sequence",
    "count",
    "is_iterable",
    "is_sequence",
    "is_string",
]
