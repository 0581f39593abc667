"""The filters of community.general that playbooks use most."""

from __future__ import annotations

import collections
import importlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.planning.containers import plain
from orchestrator.planning.filters.collections import merged


def json_query(data: Any, expression: str) -> Any:
    """What the JMESPath ``expression`` selects."""
    jmespath = importlib.import_module("jmespath")  # here, since few playbooks need it
    try:
        return jmespath.search(expression, plain(data))
    except jmespath.exceptions.JMESPathError as error:
        raise TemplateError(f"JMESPathError in json_query filter plugin: {error}") from error


def counter(items: Any) -> dict[Any, int]:
    """How often each item of a list, or each letter of a text, occurs."""
    if not isinstance(items, Sequence):
        raise TemplateError(
            f"Argument for community.general.counter must be a sequence (string or list). {items} is {type(items)}"
        )
    try:
        return dict(collections.Counter(items))
    except TypeError as error:
        raise TemplateError(
            f"community.general.counter needs a sequence with hashable elements (int, float or str) - {error}"
        ) from error


def dict_of(pairs: Any) -> dict[Any, Any]:
    """The mapping of a list of pairs."""
    return dict(pairs)


def dict_kv(value: Any, key: Any) -> dict[Any, Any]:
    """A mapping of one entry."""
    return {key: value}


def lists_mergeby(*terms: Any, recursive: bool = False, list_merge: str = "replace") -> list[Any]:
    """Lists of mappings merged: entries with the same value under the last term's key become one, sorted by it."""
    if len(terms) < 2:
        raise TemplateError("At least one list and index are needed.")
    lists = _lists(
        terms[:-1], "All arguments before the argument index for community.general.lists_mergeby must be lists."
    )
    if len(lists) < 2:
        return list(lists[0]) if lists else []
    if not isinstance(index := terms[-1], str):
        words = "First argument after the lists for community.general.lists_mergeby must be string."
        raise TemplateError(f"{words} {index} is {type(index)}")
    found: dict[Any, Any] = {}
    for entry in itertools.chain(*lists):
        if not isinstance(entry, Mapping):
            words = "Elements of list arguments for lists_mergeby must be dictionaries."
            raise TemplateError(f"{words} {entry} is {type(entry)}")
        if index in entry:
            found[entry[index]] = merged(found.get(entry[index], {}), entry, recursive, list_merge)
    return [found[key] for key in sorted(found)]


def _lists(terms: Sequence[Any], refusal: str) -> list[Any]:
    """The lists among ``terms``; a list of lists counts as each of them, an empty one as none. Raises TemplateError."""
    lists: list[Any] = []
    for term in terms:
        if not isinstance(term, Sequence):
            raise TemplateError(f"{refusal} {term} is {type(term)}")
        if term:
            lists += term if all(isinstance(each, Sequence) for each in term) else [term]
    return lists


COMMUNITY: Final[Mapping[str, Callable[..., Any]]] = {
    "json_query": json_query,
    "lists_mergeby": lists_mergeby,
    "community.general.counter": counter,
    "community.general.dict": dict_of,
    "community.general.dict_kv": dict_kv,
    "community.general.json_query": json_query,
    "community.general.lists_mergeby": lists_mergeby,
}
