"""What a module warns of; told with its result."""

from __future__ import annotations

from typing import Any

_warnings: list[str] = []
_deprecations: list[dict[str, Any]] = []


def warn(warning: str, *, help_text: str | None = None, obj: Any = None) -> None:
    """Tell people ``warning``, once."""
    text = f"{warning} {help_text}" if help_text else str(warning)
    if text not in _warnings:
        _warnings.append(text)


def deprecate(
    msg: str,
    version: str | None = None,
    date: Any = None,
    collection_name: str | None = None,
    deprecator: Any = None,
    **_more: Any,
) -> None:
    """Tell people that something will go away, with ``version`` or at ``date``."""
    collection_name = collection_name or getattr(deprecator, "resolved_name", None)
    given = {"msg": msg, "collection_name": collection_name, "version": version, "date": date and str(date)}
    told = {name: value for name, value in given.items() if value is not None}
    if told not in _deprecations:
        _deprecations.append(told)


def get_warning_messages() -> tuple[str, ...]:
    """All warnings so far."""
    return tuple(_warnings)


def get_deprecation_messages() -> tuple[dict[str, Any], ...]:
    """All that was said to go away so far."""
    return tuple(_deprecations)
