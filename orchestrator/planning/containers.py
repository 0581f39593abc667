"""Lists and mappings whose templates are rendered when somebody looks, and the way back to plain values."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Final, SupportsIndex, TypeVar, overload

from orchestrator.language.load import is_template
from orchestrator.model.place import Text
from orchestrator.model.secrets import Secret
from orchestrator.planning.markers import OMIT, Marker, Omit, Told, tripped, type_name

Resolve = Callable[[Any], Any]
"""From a raw value – template text, container, sealed value – to one that templates may work with."""

SCALARS: Final = frozenset(
    {str, int, bool, float, bytes, type(None), datetime.datetime, datetime.date, datetime.time, Secret, Omit}
)
_Default = TypeVar("_Default")


class LazyDict(dict[Any, Any]):
    """A copy of a mapping whose values are rendered on first access. Python code trips on markers, ``peek`` not."""

    __slots__ = ("_resolve",)

    def __init__(self, source: Mapping[Any, Any], resolve: Resolve) -> None:
        super().__init__(source)
        self._resolve = resolve

    def peek(self, key: Any) -> Any:
        value = super().__getitem__(key)
        if type(value) in SCALARS:
            return value
        value = self._resolve(value)
        super().__setitem__(key, value)
        return value

    def __getitem__(self, key: Any) -> Any:
        return tripped(self.peek(key))

    def get(self, key: Any, default: Any = None, /) -> Any:
        return self[key] if key in self else default  # noqa: SIM401 - that would be this very method

    def __iter__(self) -> Iterator[Any]:
        # Overridden so that dict(x) and **x take the slow road, by __getitem__, instead of copying raw values.
        return super().__iter__()

    def items(self) -> Any:
        return [(key, self[key]) for key in self]

    def values(self) -> Any:
        return [self[key] for key in self]

    def pop(self, key: Any, *default: Any) -> Any:
        if key in self:
            value = self[key]
            super().pop(key)
            return value
        return super().pop(key, *default)

    def popitem(self) -> tuple[Any, Any]:
        key = list(self)[-1]
        return key, self.pop(key)

    def setdefault(self, key: Any, default: Any = None, /) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def copy(self) -> dict[Any, Any]:
        return dict(self.items())

    def __or__(self, other: Any) -> dict[Any, Any]:
        return {**self.copy(), **other} if isinstance(other, dict) else NotImplemented

    def __ror__(self, other: Any) -> dict[Any, Any]:
        return {**other, **self.copy()} if isinstance(other, dict) else NotImplemented

    def __eq__(self, other: object) -> bool:
        return self.copy() == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        return repr(self.copy())

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.copy(),)

    __hash__ = None


class LazyList(list[Any]):
    """A copy of a list whose items are rendered on first access. Python code trips on markers; ``peek`` does not."""

    __slots__ = ("_resolve",)

    def __init__(self, source: Iterable[Any], resolve: Resolve) -> None:
        super().__init__(source)
        self._resolve = resolve

    def peek(self, index: SupportsIndex) -> Any:
        value = super().__getitem__(index)
        if type(value) in SCALARS:
            return value
        value = self._resolve(value)
        super().__setitem__(index, value)
        return value

    def written(self, index: SupportsIndex) -> Any:
        """The item as the user wrote it, where that is text; else what it comes to."""
        value = super().__getitem__(index)
        return value if isinstance(value, Text) else self.peek(index)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        if isinstance(index, slice):
            return LazyList(super().__getitem__(index), self._resolve)
        return tripped(self.peek(index))

    def __iter__(self) -> Iterator[Any]:
        index = 0
        while index < len(self):
            yield self[index]
            index += 1

    def __reversed__(self) -> Iterator[Any]:
        return iter(list(self)[::-1])

    def __contains__(self, value: object) -> bool:
        return value in list(self)

    def index(self, value: Any, *span: Any) -> int:
        return list(self).index(value, *span)

    def count(self, value: Any) -> int:
        return list(self).count(value)

    def pop(self, index: SupportsIndex = -1) -> Any:
        value = self[index]
        del self[index]
        return value

    def sort(self, **how: Any) -> None:
        self[:] = sorted(self, **how)

    def copy(self) -> list[Any]:
        return list(self)

    def __add__(self, other: Any) -> list[Any]:
        return [*self, *other] if isinstance(other, list) else NotImplemented

    def __radd__(self, other: Any) -> list[Any]:
        return [*other, *self] if isinstance(other, list) else NotImplemented

    def __mul__(self, times: SupportsIndex) -> list[Any]:
        return list(self) * times

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return list(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Any) -> bool:
        return list(self) < list(other) if isinstance(other, list) else NotImplemented

    def __gt__(self, other: Any) -> bool:
        return list(self) > list(other) if isinstance(other, list) else NotImplemented

    def __le__(self, other: Any) -> bool:
        return list(self) <= list(other) if isinstance(other, list) else NotImplemented

    def __ge__(self, other: Any) -> bool:
        return list(self) >= list(other) if isinstance(other, list) else NotImplemented

    def __repr__(self) -> str:
        return repr(list(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)

    __hash__ = None


class Raw(Mapping[str, Any]):
    """A mapping whose values are as written: templates see a ``LazyMapping`` of it."""


class LazyMapping(Mapping[str, Any]):
    """A view of a Raw mapping, rendered when looked at, never copied."""

    def __init__(self, source: Raw, resolve: Resolve) -> None:
        self._source = source
        self._resolve = resolve

    def __getitem__(self, key: str) -> Any:
        return self._resolve(self._source[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._source)


def plain(value: Any, *, strict: bool = True) -> Any:
    """``value`` with every lazy container made plain, ``omit`` dropped, tuples, sets and views made lists.

    Trips on markers. Where ``strict``, raises TypeError for a type that variables cannot hold (a range, a timedelta).
    """
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind is Text:
        return str(value)
    if kind in (list, tuple, LazyList):
        return [plain(each, strict=strict) for each in value if each is not OMIT]
    if kind in (dict, LazyDict):
        return {plain(key): plain(each, strict=strict) for key, each in value.items() if each is not OMIT}
    return _plain_other(value, strict)


def plain_but_trusted(value: Any) -> Any:
    """``plain(value)``, but text that people wrote is still known as such, wherever templates carried it: a task may
    take a condition from it. What is a template itself stands for its result, and is plain."""
    kind = type(value)
    if isinstance(value, Text):
        return str(value) if is_template(value) else value
    if kind in (list, tuple, LazyList):
        return [plain_but_trusted(each) for each in value if each is not OMIT]
    if kind in (dict, LazyDict):
        return {plain(key): plain_but_trusted(each) for key, each in value.items() if each is not OMIT}
    return plain(value)


def plain_but_told(value: Any, told: Told) -> Any:
    """``plain(value)``, but what is not defined is told in its place."""
    kind = type(value)
    if kind in (LazyDict, LazyList):
        keys = value if kind is LazyDict else range(len(value))
        value = {key: value.peek(key) for key in keys}
        return plain_but_told(value if kind is LazyDict else list(value.values()), told)
    if kind in (list, tuple):
        return [plain_but_told(each, told) for each in value if each is not OMIT]
    if kind is dict:
        return {plain(key): plain_but_told(each, told) for key, each in value.items() if each is not OMIT}
    return plain(told.in_place_of(value))


def _plain_other(value: Any, strict: bool) -> Any:
    if isinstance(value, Marker):
        value.trip()
    if not strict:
        return value
    if isinstance(value, Mapping):
        return {plain(key): plain(each) for key, each in value.items() if each is not OMIT}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Set | Sequence | Iterator) and not isinstance(value, range):
        return [plain(each) for each in value if each is not OMIT]
    for scalar in (bool, int, float, bytes, datetime.datetime, datetime.date, datetime.time):
        if isinstance(value, scalar):
            return value
    raise TypeError(f"Error rendering template: Type {type_name(value)!r} is unsupported for variable storage.")
