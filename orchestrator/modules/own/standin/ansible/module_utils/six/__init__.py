"""Names of the time between two Pythons, of which one is left."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

PY2, PY3, PY34 = False, True, True
string_types = (str,)
integer_types = (int,)
class_types = (type,)
text_type = str
binary_type = bytes
MAXSIZE = sys.maxsize


def iteritems(d: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """The pairs of ``d``."""
    return iter(d.items())


def iterkeys(d: Mapping[Any, Any]) -> Iterator[Any]:
    """The keys of ``d``."""
    return iter(d.keys())


def itervalues(d: Mapping[Any, Any]) -> Iterator[Any]:
    """The values of ``d``."""
    return iter(d.values())


def b(s: str) -> bytes:
    """``s`` as bytes."""
    return s.encode("latin-1")


def u(s: str) -> str:
    """``s`` as it is."""
    return s


def ensure_text(s: Any, encoding: str = "utf-8", errors: str = "strict") -> str:
    """``s`` as text."""
    return s.decode(encoding, errors) if isinstance(s, bytes) else str(s)


def ensure_binary(s: Any, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    """``s`` as bytes."""
    return s if isinstance(s, bytes) else str(s).encode(encoding, errors)


ensure_str = ensure_text


def with_metaclass(meta: Any, *bases: type) -> Any:
    """A base class of the metaclass ``meta``."""
    return meta("temporary_class", bases, {})


def add_metaclass(metaclass: Any) -> Any:
    """A decorator that makes a class anew, of ``metaclass``."""
    return lambda cls: metaclass(cls.__name__, cls.__bases__, {k: v for k, v in vars(cls).items() if k != "__dict__"})


def raise_from(value: BaseException, from_value: BaseException | None) -> None:
    """Raise ``value`` because of ``from_value``."""
    raise value from from_value


def _moves() -> ModuleType:
    """``six.moves``: new places of the standard library under old names."""
    import builtins
    import configparser
    import functools
    import itertools
    import queue
    import shlex
    import urllib.error
    import urllib.parse
    import urllib.request
    import urllib.response

    moves = ModuleType(f"{__name__}.moves")
    moves.__path__ = []
    names: dict[str, Any] = {
        "range": range, "xrange": range, "map": map, "filter": filter, "zip": zip, "input": input,
        "builtins": builtins, "configparser": configparser, "queue": queue, "reduce": functools.reduce,
        "zip_longest": itertools.zip_longest, "shlex_quote": shlex.quote, "StringIO": __import__("io").StringIO,
        "urllib": urllib, "urllib_parse": urllib.parse,
    }  # fmt: skip
    vars(moves).update(names)
    places: Iterable[tuple[str, Any]] = (
        ("", moves), (".urllib", urllib), (".urllib.parse", urllib.parse), (".urllib.error", urllib.error),
        (".urllib.request", urllib.request), (".urllib.response", urllib.response),
        (".configparser", configparser), (".queue", queue), (".builtins", builtins),
    )  # fmt: skip
    for name, module in places:
        sys.modules[f"{__name__}.moves{name}"] = module
    return moves


moves = _moves()
