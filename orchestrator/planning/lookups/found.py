"""The ``first_found`` lookup."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.planning.containers import LazyDict, LazyList
from orchestrator.planning.lookups.base import Call, Lookup
from orchestrator.planning.markers import Marker, Missing, type_name

_KINDS: Final = ("template", "var", "file")


def first_found(call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """The first file that exists. In a ``with_first_found`` loop terms that are not defined are left out."""
    known = _known(terms, drops=call.action is not None)
    skips = bool(options.get("skip"))
    wanted: list[str] = []
    for term in known or _listed(options.get("files", []), ",;"):
        names, skips = _names(term, options, skips)
        wanted += names
    kind = next((f"{kind}s" for kind in _KINDS if kind in call.action), "files") if call.action else ""
    for name in wanted:
        if path := call.surroundings.find(name, kind):
            return [os.path.normpath(os.path.abspath(path))]
    if skips:
        return []
    tried = "\n".join(str(path) for name in wanted for path in call.surroundings.candidates(name, kind))
    raise TemplateError("No file was found when using first_found.", evidence=f"looked for\n{tried}")


def _names(term: Any, options: Mapping[str, Any], skips: bool) -> tuple[list[str], bool]:
    """The paths that ``term`` stands for, and whether finding none is all right."""
    if isinstance(term, str):
        files, paths = [term], options.get("paths", [])
    elif isinstance(term, Mapping):
        files, paths, skips = term.get("files", []), term.get("paths", []), _is_true(term.get("skip", False))
    elif isinstance(term, list | tuple):
        found: list[str] = []
        for each in term:
            names, skips = _names(each, options, skips)
            found += names
        return found, skips
    else:
        raise TemplateError(f"Invalid term supplied. A string, dict or list is required, not {type_name(term)!r}).")
    names, directories = _listed(files, ",;"), _listed(paths, ",:;")
    return [os.path.join(place, name) for place in directories for name in names] if directories else names, skips


def _listed(value: Any, separators: str) -> list[str]:
    if isinstance(value, str):
        return [each for each in re.split(f"[{separators}]", value) if each]
    return [name for each in value for name in _listed(each, separators)]


def _is_true(value: Any) -> bool:
    return str(value).lower() in ("true", "yes", "on", "1")


def _known(value: Any, drops: bool) -> Any:
    """``value`` without what is not defined, where ``drops``; trips on it otherwise."""
    if isinstance(value, Marker):
        value.trip()
    if isinstance(value, dict):
        peeked = {key: value.peek(key) if type(value) is LazyDict else value[key] for key in value}
        return {key: _known(each, drops) for key, each in peeked.items() if not (drops and isinstance(each, Missing))}
    if isinstance(value, list | tuple):
        items = [value.peek(index) for index in range(len(value))] if type(value) is LazyList else list(value)
        return [_known(each, drops) for each in items if not (drops and isinstance(each, Missing))]
    return value


FOUND: Final[Mapping[str, Lookup]] = {"first_found": first_found}
