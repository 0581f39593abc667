"""Texts of bytes and the other way round, and JSON."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any


def to_text(obj: Any, encoding: str = "utf-8", errors: str | None = None, nonstring: str = "simplerepr") -> Any:
    """Text of bytes and of anything else; ``nonstring``: simplerepr, passthru, empty or strict."""
    if isinstance(obj, str):
        return obj
    if isinstance(obj, bytes):
        return obj.decode(encoding, _how(errors))
    return _of_another(obj, nonstring, "")


def to_bytes(obj: Any, encoding: str = "utf-8", errors: str | None = None, nonstring: str = "simplerepr") -> Any:
    """Bytes of text and of anything else; see ``to_text``."""
    if isinstance(obj, bytes):
        return obj
    if isinstance(obj, str):
        return obj.encode(encoding, _how(errors))
    other = _of_another(obj, nonstring, b"")
    return other.encode(encoding, _how(errors)) if isinstance(other, str) else other


to_native = to_text


def _of_another(obj: Any, nonstring: str, empty: Any) -> Any:
    if nonstring == "strict":
        raise TypeError("obj must be a string type")
    return obj if nonstring == "passthru" else empty if nonstring == "empty" else str(obj)


def _how(errors: str | None) -> str:
    return (
        "surrogateescape"
        if errors in (None, "surrogate_or_strict", "surrogate_then_replace")
        else ("replace" if errors == "surrogate_or_replace" else errors or "strict")
    )


def jsonify(data: Any, **options: Any) -> str:
    """``data`` as JSON."""
    return json.dumps(data, default=plain, **options)


def plain(value: Any) -> Any:
    """What stands in JSON for a value that it does not know."""
    if isinstance(value, bytes):
        return to_text(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, tuple)) or hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def container_to_bytes(d: Any, encoding: str = "utf-8", errors: str = "surrogate_or_strict") -> Any:
    """``d`` with all texts in it as bytes."""
    return _in_container(d, lambda each: to_bytes(each, encoding, errors) if isinstance(each, str) else each)


def container_to_text(d: Any, encoding: str = "utf-8", errors: str = "surrogate_or_strict") -> Any:
    """``d`` with all bytes in it as texts."""
    return _in_container(d, lambda each: to_text(each, encoding, errors) if isinstance(each, bytes) else each)


def _in_container(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {_in_container(key, change): _in_container(each, change) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_in_container(each, change) for each in value)
    return change(value)
