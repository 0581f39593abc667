"""Filters, tests and lookups under the names that templates call them by."""

from __future__ import annotations

import functools
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from dataclasses import dataclass, field, replace
from typing import Any

from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.tests import TESTS as JINJA_TESTS

from orchestrator.model.errors import TemplateError, UnknownName
from orchestrator.model.secrets import Secret
from orchestrator.planning.containers import LazyDict, LazyList
from orchestrator.planning.filters import FILTERS, SEES_ITEMS, SEES_MARKERS
from orchestrator.planning.lookups import LOOKUPS, Lookup
from orchestrator.planning.markers import FAILURES, Broken, Tripped, Unopened, first_marker
from orchestrator.planning.tests import TESTS

Plugin = Callable[..., Any]
Seek = Callable[[str, str], Any]
"""From a kind (filter, test, lookup) and a full name to the plug-in, or None."""
BUILTIN = "ansible.builtin."
STREAMS = (Iterator, ItemsView, KeysView, ValuesView, range)
"""What is made a list as soon as a template gets it."""


class Table(dict[str, Plugin]):
    """Plug-ins by name; one that is not there is sought once it is asked for."""

    def __init__(self, known: Mapping[str, Plugin], seek: Callable[[str], Plugin | None]) -> None:
        super().__init__(known)
        self._seek = seek

    def __missing__(self, name: str) -> Plugin:
        found = self._seek(name)
        if found is None:
            raise KeyError(name)
        self[name] = found
        return found

    def get(self, name: str, default: Any = None, /) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self.get(str(name)) is not None


@dataclass(frozen=True, eq=False)
class Plugins:
    """Explicit tables of what templates may call; ``with_user`` adds a user's own."""

    filters: Mapping[str, Plugin] = field(default_factory=lambda: guarded_filters(_named(FILTERS)))
    tests: Mapping[str, Plugin] = field(default_factory=lambda: guarded_tests(_named(TESTS)))
    lookups: Mapping[str, Lookup] = field(default_factory=lambda: _named(LOOKUPS))
    seek: Seek | None = None
    """Finds what no table holds: the plug-ins of collections."""
    route: Callable[[str, str], str] = lambda _kind, name: name
    """From a kind and a full name to the one that the collection has handed it on to."""

    def lookup(self, name: str) -> Lookup | None:
        """The lookup ``name``, or None."""
        found = self.lookups.get(name)
        return self._sought("lookup", name, self.lookups) if found is None else found

    def _sought(self, kind: str, name: str, known: Mapping[str, Any]) -> Any:
        try:
            full = self.route(kind, name)
        except UnknownName as error:
            raise TemplateError(f"The {kind} plugin {name!r} failed to load: {error.message}") from error
        return known[full] if full != name and full in known else self.seek(kind, full) if self.seek else None

    def table(self, kind: str) -> Table:
        """The filters or tests, with those that are found only when somebody names them."""
        known = self.filters if kind == "filter" else self.tests

        def found(name: str) -> Plugin | None:
            each = self._sought(kind, name, known)
            return None if each is None else _guard(each, kind, name, "")

        return Table(known, found)

    def with_user(
        self,
        filters: Mapping[str, Plugin] | None = None,
        tests: Mapping[str, Plugin] | None = None,
        lookups: Mapping[str, Lookup] | None = None,
    ) -> Plugins:
        """A copy with a user's plug-ins before the built-in ones of the same name."""
        return replace(
            self,
            filters={**self.filters, **guarded(filters or {}, "filter", prefix="")},
            tests={**self.tests, **guarded(tests or {}, "test", prefix="")},
            lookups={**self.lookups, **(lookups or {})},
        )


def guarded_filters(table: Mapping[str, Plugin]) -> dict[str, Plugin]:
    """Jinja's filters, with ``table`` before them, all guarded."""
    return guarded({**_named(JINJA_FILTERS), **table}, "filter")


def guarded_tests(table: Mapping[str, Plugin]) -> dict[str, Plugin]:
    """Jinja's tests, with ``table`` before them, all guarded; the operators under their signs as well."""
    return guarded({**_named(JINJA_TESTS), **table}, "test")


def guarded(table: Mapping[str, Plugin], kind: str, *, prefix: str = BUILTIN) -> dict[str, Plugin]:
    """``table`` with each function guarded; ``prefix`` stands before its short name in errors."""
    return {name: _guard(function, kind, name, prefix) for name, function in table.items()}


def _named(table: Mapping[str, Any]) -> dict[str, Any]:
    """``table`` with each plain name under ``ansible.builtin`` and ``ansible.legacy`` as well."""
    plain = {name: function for name, function in table.items() if name.isidentifier()}
    prefixes = ("ansible.builtin.", "ansible.legacy.")
    return {**table, **{prefix + name: each for prefix in prefixes for name, each in plain.items()}}


def _guard(function: Plugin, kind: str, name: str, prefix: str) -> Plugin:
    """``function`` with its failures as markers, its streams as lists, and secrets kept secret.

    Given a marker it returns that marker unread, unless it is one of the few that know them.
    """
    short = name.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
    sees_markers, opens = short in SEES_MARKERS[kind], (kind, short) == ("filter", "unvault")
    sees_items = kind == "filter" and short in SEES_ITEMS

    @functools.wraps(function, updated=("__dict__",) if hasattr(function, "__dict__") else ())
    def call(*args: Any, **kwargs: Any) -> Any:
        if not sees_markers:
            marker = first_marker((*args, *kwargs.values()))
            if marker is not None and not (opens and isinstance(marker, Unopened)):
                return marker
        try:
            if not sees_markers:
                if any(map(_holds_secret, args)):
                    return _unveiled(function, kind, args, kwargs)
                args = tuple(map(_wary, args))
            result = function(*(map(_peeked, args) if sees_items else args), **kwargs)
            if isinstance(result, STREAMS):
                return list(result)
        except Tripped as tripped:
            return tripped.marker
        except FAILURES as error:
            return Broken(failed(kind, name, error, prefix))
        return result if kind == "filter" or type(result) is bool or sees_markers else bool(result)

    return call


def failed(kind: str, name: str, error: Exception, prefix: str = BUILTIN) -> TemplateError:
    """The error of a plug-in that raised ``error``, in Ansible's words."""
    full = name if "." in name else prefix + name
    reason = getattr(error, "message", None) or str(error) or type(error).__name__
    wrapped = TemplateError(
        f"The {kind} plugin {full!r} failed: {reason}",
        evidence=getattr(error, "evidence", None),
        hint=getattr(error, "hint", None),
    )
    wrapped.__cause__ = error
    return wrapped


def _wary(value: Any) -> Any:
    """``value``, and where markers are in it, a copy that whoever reads one of them trips on."""
    kind = type(value)
    if kind is list and first_marker(value) is not None:
        return LazyList(value, _as_it_is)
    if kind is dict and first_marker(value.values()) is not None:
        return LazyDict(value, _as_it_is)
    return value


def _as_it_is(value: Any) -> Any:
    return value


def _peeked(value: Any) -> Any:
    return [value.peek(index) for index in range(len(value))] if type(value) is LazyList else value


def _holds_secret(value: Any) -> bool:
    if isinstance(value, list):
        # Past LazyList's own iteration, so that looking for secrets renders nothing.
        return any(type(each) is Secret for each in list.__iter__(value))
    return type(value) is Secret


def _revealed(value: Any) -> Any:
    if isinstance(value, list):
        return [_revealed(each) for each in value]
    return value.reveal() if type(value) is Secret else value


def _unveiled(function: Plugin, kind: str, args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    revealed = [_revealed(arg) if _holds_secret(arg) else arg for arg in args]
    result = function(*revealed, **kwargs)
    return bool(result) if kind == "test" else _veiled(result)


def _veiled(value: Any) -> Any:
    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, dict):
        return {key: _veiled(each) for key, each in value.items()}
    if isinstance(value, list | tuple | Iterator):
        return [_veiled(each) for each in value]
    return value


@functools.cache
def builtin() -> Plugins:
    """The built-in tables, made once."""
    return Plugins()
