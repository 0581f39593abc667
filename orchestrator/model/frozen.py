"""Frozen dataclasses that take little time to define.

``@dataclass(frozen=True, slots=True)`` writes and compiles six methods for each class: 0.4 ms (Python 3.11), of which a
run would pay two hundred: a quarter of its CPU time before the first host is dialled. Here all but the constructor are
shared by all classes, and that is written when the first object is made, which many classes never see. Whoever reads,
replaces, matches or compares such objects finds dataclasses, and so does mypy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

T = TypeVar("T")


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Any] | None = None, /, *, kw_only: bool = False) -> Any:
    """Make ``cls`` a dataclass with slots whose objects never change: equal and hashed by their fields, and picklable.
    ``kw_only``: its fields are given by name. ``__post_init__`` and ``field(init=False)`` are not known."""

    def decorate(cls: type[Any]) -> type[Any]:
        cls.__doc__ = cls.__doc__ or cls.__name__  # else dataclasses would write its signature there, which takes 2 ms
        made = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
        made.__init__ = _first_constructor(made)
        own = cls.__dict__
        for name, method in SHARED.items():
            if name not in own or (name == "__hash__" and own[name] is None):
                setattr(made, name, method)
        made.__compared__ = attrgetter(*[each.name for each in fields(made) if each.compare] or ["__class__"])
        return made

    return decorate if cls is None else decorate(cls)


def _first_constructor(cls: type[Any]) -> Callable[..., None]:
    """The constructor for the first object, which makes the one for all the others."""

    def construct(self: Any, *values: Any, **named: Any) -> None:
        cls.__init__ = constructor = _constructor(cls)
        constructor(self, *values, **named)

    return construct


def _constructor(cls: type[Any]) -> Callable[..., None]:
    """``__init__`` of ``cls`` as one would write it: an argument for each field, and what sets its slot."""
    names: dict[str, Any] = {"MISSING": MISSING}
    given: list[str] = []
    named: list[str] = []
    lines: list[str] = []
    for each in fields(cls):
        names[f"set_{each.name}"] = getattr(cls, each.name).__set__
        (named if each.kw_only else given).append(_argument(each, names))
        made = f"make_{each.name}() if {each.name} is MISSING else " if f"make_{each.name}" in names else ""
        lines.append(f"    set_{each.name}(self, {made}{each.name})")
    arguments = ", ".join(["self", *given, *(["*", *named] if named else [])])
    exec("\n".join([f"def __init__({arguments}):", *(lines or ["    pass"])]), names)  # noqa: S102 - as dataclasses does
    constructor: Callable[..., None] = names["__init__"]
    constructor.__qualname__ = f"{cls.__qualname__}.__init__"
    return constructor


def _argument(each: Field[Any], names: dict[str, Any]) -> str:
    """The field as an argument; what it is by default joins ``names``."""
    if each.default_factory is not MISSING:
        names[f"make_{each.name}"] = each.default_factory
        return f"{each.name}=MISSING"
    if each.default is MISSING:
        return each.name
    names[f"default_{each.name}"] = each.default
    return f"{each.name}=default_{each.name}"


# ---- what all of them share ------------------------------------------------------------------------------


def _repr(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self.__compared__(self) == self.__compared__(other)


def _hash(self: Any) -> int:
    return hash(self.__compared__(self))


def _setattr(_self: Any, name: str, _value: Any) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(_self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in fields(self)]


def _setstate(self: Any, state: list[Any]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)


SHARED: dict[str, Callable[..., Any]] = {
    "__repr__": _repr,
    "__eq__": _eq,
    "__hash__": _hash,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
    "__getstate__": _getstate,
    "__setstate__": _setstate,
}
