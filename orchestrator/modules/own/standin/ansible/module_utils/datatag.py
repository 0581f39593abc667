"""What modules say of values. Values carry no tags here, so that one that will go away is told of where it is made."""

from __future__ import annotations

from typing import Any, NamedTuple

from .common.warnings import deprecate


class Deprecator(NamedTuple):
    """Who says that something will go away."""

    resolved_name: str
    type: str | None = None


def deprecator_from_collection_name(collection_name: str | None) -> Deprecator | None:
    """A collection as the one who says it."""
    return Deprecator(collection_name) if collection_name else None


def deprecate_value(value: Any, msg: str, **when: Any) -> Any:
    """``value``, which will go away: that is told with the module's result."""
    deprecate(msg, **when)
    return value


def native_type_name(value: Any, /) -> str:
    """The name of a value's type, or of a type."""
    return (value if isinstance(value, type) else type(value)).__name__
