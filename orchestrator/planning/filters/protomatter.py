"""What ansible-core's own playbooks call to look at values from the inside: ``ansible._protomatter``.

It is not meant for others, and documented in its source alone (ansible-core 2.19, ``ansible/_internal``). What depends
on the inside of Ansible itself (``unmask``, ``true_type``) is not there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.language.load import Vaulted
from orchestrator.model.place import Text
from orchestrator.planning.containers import plain
from orchestrator.planning.markers import Broken
from orchestrator.planning.sealed import Opened

PREFIX: Final = "ansible._protomatter."


def apply_trust(value: Any) -> Any:
    """Text as if the user had written it: it may be a template, or a condition."""
    return Text(value) if isinstance(value, str) else value


def dump_object(value: Any) -> Any:
    """An error as a mapping; anything else as it is."""
    return {"exception": {"message": value.message}} if isinstance(value, Broken) else value


def origin(value: Any) -> str | None:
    """Where text was written, if that is known."""
    place = getattr(value, "place", None)
    return None if place is None else str(place)


def python_literal_eval(value: Any, ignore_errors: bool = False) -> Any:
    """The value of a Python literal."""
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, TypeError):
        if ignore_errors:
            return value
        raise


def tag_names(value: Any) -> list[str]:
    """What is known of a value beside itself, in Ansible's words."""
    return sorted(name for name, holds in _TAGS.items() if holds(value))


def tagged(value: Any) -> bool:
    return bool(tag_names(value))


def tagged_with(value: Any, tag_name: str) -> bool:
    """Whether that is known of the value."""
    if tag_name not in _TAGS:
        raise ValueError(f"Unknown tag name {tag_name!r}.")
    return _TAGS[tag_name](value)


_TAGS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "Origin": lambda value: getattr(value, "place", None) is not None,
    "TrustedAsTemplate": lambda value: isinstance(value, Text),
    "VaultedValue": lambda value: isinstance(value, Opened | Vaulted),
}
PROTOMATTER: Final[Mapping[str, Callable[..., Any]]] = {
    f"{PREFIX}{function.__name__}": function
    for function in (apply_trust, dump_object, origin, python_literal_eval, tag_names)
} | {f"{PREFIX}finalize": plain}
PROTOMATTER_TESTS: Final[Mapping[str, Callable[..., Any]]] = {
    f"{PREFIX}{function.__name__}": function for function in (tagged, tagged_with)
}
