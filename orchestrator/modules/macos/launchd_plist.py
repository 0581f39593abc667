"""A job's plist from structured data, and the differences of two plists key by key."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers.expat import ExpatError

from orchestrator.model.results import Diff

HIDDEN = ("EnvironmentVariables",)
"""Blocks whose values may be secrets: differences name the key and withhold the value."""


class BadPlist(ValueError):
    """The definition, or the text on the node, is no property list; says why."""


def definition_for(label: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition with its Label. Raises BadPlist where the two contradict."""
    if definition.get("Label", label) != label:
        raise BadPlist(f"the definition has the Label {definition['Label']!r}, the task says {label!r}")
    return {"Label": label, **definition}


def to_xml(definition: Mapping[str, Any]) -> str:
    """The plist as launchd reads it. Raises BadPlist for values that a plist has no word for, null above all."""
    try:
        return plistlib.dumps(dict(definition), sort_keys=False).decode()
    except (TypeError, OverflowError, AttributeError) as error:
        raise BadPlist(f"the definition cannot be written as a plist: {error}") from error


def from_xml(text: str) -> dict[str, Any]:
    """The plist's content. Raises BadPlist."""
    try:
        content = plistlib.loads(text.encode("utf-8", "surrogateescape"), fmt=plistlib.FMT_XML)
    except (ValueError, ExpatError, plistlib.InvalidFileException, AttributeError, IndexError) as error:
        raise BadPlist(f"the plist on the node cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise BadPlist("the plist on the node is not a dictionary")
    return content


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The paths of keys that differ, sorted: `KeepAlive`, `EnvironmentVariables/PATH`."""
    before, after = dict(_flat(old)), dict(_flat(new))
    return sorted(path for path in {*before, *after} if before.get(path, ...) != after.get(path, ...))


def key_diff(old: Mapping[str, Any] | None, new: Mapping[str, Any], name: str) -> Diff:
    """A diff of the keys that differ, one a line."""
    before, after = dict(_flat(old or {})), dict(_flat(new))
    paths = differing(old or {}, new)
    return Diff(_lines(before, paths), _lines(after, paths), f"{name} (was)", f"{name} (wanted)")


def _lines(values: Mapping[str, Any], paths: list[str]) -> str:
    return "".join(f"{path}: {_shown(path, values[path])}\n" for path in paths if path in values)


def _shown(path: str, value: Any) -> str:
    return "(value withheld)" if path.startswith(HIDDEN) else repr(value)


def _flat(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if isinstance(item, Mapping) and item:
            yield from _flat(item, f"{above}{key}/")
        else:
            yield f"{above}{key}", item
