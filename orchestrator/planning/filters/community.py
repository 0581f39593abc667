"""The filters of collections that playbooks use most: community.general, ansible.utils, ansible.posix."""

from __future__ import annotations

import collections
import importlib
import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.planning.containers import plain
from orchestrator.planning.filters.collections import is_sequence, merged


def json_query(data: Any, expression: str) -> Any:
    """What the JMESPath ``expression`` selects; needs the library of that name."""
    try:
        jmespath = importlib.import_module("jmespath")
    except ImportError as error:
        raise TemplateError('You need to install "jmespath" prior to running json_query filter') from error
    try:
        return jmespath.search(expression, plain(data))
    except jmespath.exceptions.JMESPathError as error:
        raise TemplateError(f"JMESPathError in json_query filter plugin: {error}") from error


def counter(items: Any) -> dict[Any, int]:
    """How often each item occurs."""
    if not is_sequence(items):
        raise TemplateError(
            f"Argument for community.general.counter must be a sequence (string or list). {items} is {type(items)}"
        )
    return dict(collections.Counter(items))


def dict_of(pairs: Any) -> dict[Any, Any]:
    """The mapping of a list of pairs."""
    return dict(pairs)


def dict_kv(value: Any, key: Any) -> dict[Any, Any]:
    """A mapping of one entry."""
    return {key: value}


def lists_mergeby(*terms: Any, recursive: bool = False, list_merge: str = "replace") -> list[Any]:
    """Lists of mappings merged: entries with the same value under the last term's key become one, sorted by it."""
    *given, index = terms
    lists = [each for term in given for each in (term if _holds_lists(term) else [term])]
    if not all(is_sequence(each) for each in lists):
        raise TemplateError("All arguments before the argument 'index' for lists_mergeby must be lists.")
    found: dict[Any, Any] = {}
    for entry in itertools.chain(*lists):
        if index in entry:
            found[entry[index]] = merged(found.get(entry[index], {}), entry, recursive, list_merge)
    return [found[key] for key in sorted(found)]


def _holds_lists(term: Any) -> bool:
    return is_sequence(term) and len(term) > 0 and is_sequence(term[0])


def remove_keys(data: Any, target: list[str]) -> Any:
    """``data`` without the keys of ``target``, at any depth."""
    if isinstance(data, dict):
        return {key: remove_keys(value, target) for key, value in data.items() if key not in target}
    return [remove_keys(value, target) for value in data] if isinstance(data, list) else data


def to_paths(data: Any, prepend: str | None = None) -> dict[str, Any]:
    """Every leaf of ``data`` under its path: ``a.b[0].c``."""
    found: dict[str, Any] = {}
    _walk(data, prepend or "", found)
    return found


def _walk(data: Any, path: str, found: dict[str, Any]) -> None:
    if isinstance(data, dict) and data:
        for key, value in data.items():
            plain_key = isinstance(key, str) and key.isidentifier()
            step = (f".{key}" if path else str(key)) if plain_key else f"[{key!r}]"
            _walk(value, path + step, found)
    elif isinstance(data, list) and data:
        for index, value in enumerate(data):
            _walk(value, f"{path}[{index}]", found)
    else:
        found[path] = data


def get_path(data: Any, path: str) -> Any:
    """The value at a path as ``to_paths`` writes it."""
    found = to_paths(data)
    if path in found:
        return found[path]
    below = data
    for step in path.replace("[", ".").replace("]", "").split("."):
        below = below[int(step)] if isinstance(below, list) else below[step.strip("'\"")]
    return below


COMMUNITY: Final[Mapping[str, Callable[..., Any]]] = {
    "json_query": json_query,
    "lists_mergeby": lists_mergeby,
    "community.general.counter": counter,
    "community.general.dict": dict_of,
    "community.general.dict_kv": dict_kv,
    "community.general.json_query": json_query,
    "community.general.lists_mergeby": lists_mergeby,
    "ansible.utils.get_path": get_path,
    "ansible.utils.remove_keys": remove_keys,
    "ansible.utils.to_paths": to_paths,
}
