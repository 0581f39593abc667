"""Filters that read and write JSON and YAML."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.language.load import load_text
from orchestrator.model.errors import TemplateError
from orchestrator.planning.containers import plain


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return plain(value)


def to_json(value: Any, profile: str | None = None, **options: Any) -> str:
    """``value`` as JSON; options are those of Python's ``json.dumps``."""
    for ignored in ("vault_to_text", "preprocess_unsafe"):
        options.pop(ignored, None)
    return json.dumps(plain(value), default=_json_value, **options)


def to_nice_json(value: Any, indent: int = 4, sort_keys: bool = True, **options: Any) -> str:
    """``value`` as JSON for people."""
    options.pop("separators", None)
    return to_json(value, indent=indent, sort_keys=sort_keys, separators=(",", ": "), **options)


def from_json(text: Any, profile: str | None = None, **options: Any) -> Any:
    """The value that JSON ``text`` holds."""
    return json.loads(text, **options)


def from_yaml(text: Any) -> Any:
    """The value that YAML ``text`` holds; what is no text stays as it is."""
    return plain(load_text(str(text), "<from_yaml>", error=TemplateError)) if isinstance(text, str) else text


def from_yaml_all(text: Any) -> Any:
    """The values of all documents in YAML ``text``."""
    if not isinstance(text, str):
        return [] if text is None else text
    parts = re.split(r"^(?:---|\.\.\.)(?=\s|$)", text, flags=re.MULTILINE)
    first, rest = parts[0], parts[1:]
    wanted = [first, *rest] if _holds_something(first) else rest
    return [from_yaml(part) for part in wanted if _holds_something(part) or part is not wanted[-1]]


def _holds_something(part: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith(("#", "%")) for line in part.splitlines())


DOCUMENTS: Final[Mapping[str, Callable[..., Any]]] = {
    "from_json": from_json,
    "from_yaml": from_yaml,
    "from_yaml_all": from_yaml_all,
    "to_json": to_json,
    "to_nice_json": to_nice_json,
}
