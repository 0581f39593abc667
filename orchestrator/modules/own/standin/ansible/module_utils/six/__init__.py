"""Names of the time between two Pythons, of which one is left."""

from __future__ import annotations

import functools
import importlib
import io
import itertools
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec
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


_PLACES = {
    "builtins": "builtins", "configparser": "configparser", "cPickle": "pickle", "html_parser": "html.parser",
    "http_client": "http.client", "http_cookiejar": "http.cookiejar", "http_cookies": "http.cookies", "queue": "queue",
    "socketserver": "socketserver", "urllib": "urllib", "urllib.error": "urllib.error", "urllib.parse": "urllib.parse",
    "urllib.request": "urllib.request", "urllib.response": "urllib.response", "urllib_error": "urllib.error",
    "urllib_parse": "urllib.parse", "xmlrpc_client": "xmlrpc.client",
}  # fmt: skip
"""Old names of modules, below ``six.moves``, and where the standard library has them."""
_NAMES: dict[str, Any] = {
    "StringIO": io.StringIO, "cStringIO": io.StringIO, "filter": filter, "getcwd": os.getcwd, "input": input,
    "map": map, "range": range, "reduce": functools.reduce, "shlex_quote": shlex.quote, "xrange": range, "zip": zip,
    "zip_longest": itertools.zip_longest,
}  # fmt: skip


class _Moves(ModuleType):
    """``six.moves``: new places under old names. A module is imported when somebody asks for it."""

    def __getattr__(self, name: str) -> Any:
        if name not in _PLACES:
            raise AttributeError(f"six.moves has no {name}")
        if name == "urllib":
            for each in ("error", "parse", "request", "response"):
                importlib.import_module(f"urllib.{each}")
        return importlib.import_module(_PLACES[name])


class _Finder:
    """Finds ``six.moves.NAME`` where somebody imports it as a module."""

    @staticmethod
    def find_spec(fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The spec of such a module; None for all others."""
        top, _, name = fullname.partition(".moves.")
        return ModuleSpec(fullname, _Finder, is_package=True) if top == __name__ and name in _PLACES else None  # type: ignore[arg-type]

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Nothing: the module is there already."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Put the standard library's module in its place."""
        sys.modules[module.__name__] = importlib.import_module(_PLACES[module.__name__.partition(".moves.")[2]])


moves = _Moves(f"{__name__}.moves")
vars(moves).update(_NAMES, __path__=[])
sys.modules[moves.__name__] = moves
sys.meta_path.insert(0, _Finder)  # else urllib.parse would be found again, below the urllib that stands in moves
