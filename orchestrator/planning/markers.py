"""What stands in for a value that could not be had, so that ``default``, ``is defined`` and untaken branches work.

Rendering a variable never raises in the middle of another template: it yields a marker, and only the outermost
rendering turns a marker that is left in its result into an error. (ansible-core 2.19 does the same.)
"""

from __future__ import annotations

import csv
import re
import subprocess
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from jinja2 import StrictUndefined, TemplateError, UndefinedError
from jinja2.utils import missing

from orchestrator.model.errors import OrchestratorError
from orchestrator.model.place import Text

FAILURES: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    OrchestratorError,
    RuntimeError,
    StopIteration,
    TemplateError,
    TypeError,
    ValueError,
    csv.Error,
    re.error,
    subprocess.SubprocessError,
)
"""What the text of a template, or the data it works on, can provoke in correct code."""


class Tripped(UndefinedError):
    """Someone used a marker as a value; carries it back to the rendering that it ends."""

    def __init__(self, marker: Marker) -> None:
        super().__init__(marker._undefined_message)
        self.marker = marker


_LISTS: Final = {"LazyList": "ansible._internal._templating._lazy_containers._AnsibleLazyTemplateList"}
"""What ansible-core 2.19 calls a list of variables when it has no element to give; playbooks print it."""


class Marker(StrictUndefined):
    """A value that could not be had. Attributes and items of it are itself; any other use trips.

    ``source`` is the innermost template in which it arose.
    """

    __slots__ = ("source",)
    source: Text | None

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[Any] = UndefinedError,
    ) -> None:
        if hint is None and obj is not missing and name is not None:
            kind = type_name(obj)
            is_item = kind == "list" and isinstance(name, int) and not list.__len__(obj)  # as Jinja says it of none
            hint = f"object of type {kind!r} has no attribute {name!r}"
            hint = f"{_LISTS.get(type(obj).__name__, kind)} object has no element {name}" if is_item else hint
        super().__init__(hint, obj, name, exc)
        self.source = None

    @property
    def message(self) -> str:
        return self._undefined_message

    def trip(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise Tripped(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Any:
        return self


_USES = """add bool call complex contains div eq float floordiv format ge gt hash int iter le len lt mod mul ne neg pos
pow radd rdiv repr rfloordiv rmod rmul rpow rsub rtruediv setitem str sub truediv""".split()

for _use in _USES:
    setattr(Marker, f"__{_use}__", Marker.trip)


class Missing(Marker):
    """A name, attribute or item that is not defined."""

    __slots__ = ()


class Broken(Marker):
    """A value whose making failed with ``error``; not "undefined", so ``default`` does not hide it."""

    __slots__ = ("error",)
    error: Exception

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Unopened(Broken):
    """A sealed value that could not be opened; the filter ``unvault`` may still do so, with a password of its own."""

    __slots__ = ("ciphertext",)
    ciphertext: str

    def __init__(self, error: Exception, ciphertext: str) -> None:
        super().__init__(error)
        self.ciphertext = ciphertext


class Omit:
    """The type of ``omit``: dropped from the list or mapping it stands in."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<<Omit>>"


OMIT: Final = Omit()

_SHOWN = {
    "LazyDict": "dict",
    "LazyList": "list",
    "Text": "str",
    "Opened": "str",
    "Secret": "str",
    "Missing": "UndefinedMarker",
    "Broken": "CapturedExceptionMarker",
    "Unopened": "VaultExceptionMarker",
    "Omit": "_OmitType",
}


def type_name(value: object) -> str:
    """The name of ``value``'s type as a playbook's author knows it."""
    name = type(value).__name__
    return _SHOWN.get(name, name)


def told_in_place(marker: Marker, number: int = 1) -> str:
    """The words of ansible-core 2.19 for a value that could not be had, in texts that are shown all the same."""
    return f"<< error {number} - {marker.message} >>"


class Told:
    """Tells what is not defined in its place, numbered. ``said`` holds the words so far."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def in_place_of(self, value: Any) -> Any:
        """``value``, or the words for it where it is not defined."""
        if not isinstance(value, Missing):
            return value
        self.said.append(value.message)
        return told_in_place(value, len(self.said))


def tripped(value: Any) -> Any:
    """``value``; trips where it is a marker."""
    return value.trip() if isinstance(value, Marker) else value


def first_marker(values: Iterable[object]) -> Marker | None:
    """The first marker among ``values``, or None."""
    return next((value for value in values if isinstance(value, Marker)), None)
