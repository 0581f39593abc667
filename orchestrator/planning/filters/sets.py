"""Filters that treat lists as sets. Like Ansible's they promise no order, except where items cannot be hashed.

Of numbers alone Python's own sets have an order that is the same everywhere, and so what they come to here; of anything
else Ansible's order is another in each run, and ours that in which the items stand.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import Environment, filters, pass_environment

from orchestrator.model.errors import TemplateError


@pass_environment
def unique(
    environment: Environment, items: Any, case_sensitive: bool | None = None, attribute: Any = None
) -> list[Any]:
    """``items`` without repetitions, in order; case matters unless said otherwise."""
    try:
        return list(filters.do_unique(environment, items, bool(case_sensitive), attribute))
    except TypeError as error:
        if case_sensitive is False or attribute:
            raise TemplateError(
                "Jinja2's unique filter failed and we cannot fall back to Ansible's version "
                "as it does not support the parameters supplied."
            ) from error
    return _without_repetitions(items)


def _without_repetitions(items: Any) -> list[Any]:
    seen: list[Any] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen


def intersect(one: Any, other: Any) -> list[Any]:
    """What is in both."""
    if _are_numbers(one, other):
        return _of_sets(operator.and_, one, other)
    try:
        wanted = set(other)
        return list(dict.fromkeys(each for each in one if each in wanted))
    except TypeError:
        return _without_repetitions([each for each in one if each in other])


def difference(one: Any, other: Any) -> list[Any]:
    """What is in ``one`` only."""
    if _are_numbers(one, other):
        return _of_sets(operator.sub, one, other)
    try:
        gone = set(other)
        return list(dict.fromkeys(each for each in one if each not in gone))
    except TypeError:
        return _without_repetitions([each for each in one if each not in other])


def symmetric_difference(one: Any, other: Any) -> list[Any]:
    """What is in just one of both."""
    if _are_numbers(one, other):
        return _of_sets(operator.xor, one, other)
    both = intersect(one, other)
    return [each for each in union(one, other) if each not in both]


def union(one: Any, other: Any) -> list[Any]:
    """What is in either."""
    if _are_numbers(one, other):
        return _of_sets(operator.or_, one, other)
    try:
        return list(dict.fromkeys([*one, *other]))
    except TypeError:
        return _without_repetitions(one + other)  # which two of a kind alone can be, as in Ansible


def _are_numbers(one: Any, other: Any) -> bool:
    are_lists = isinstance(one, list | range) and isinstance(other, list | range)
    return are_lists and all(isinstance(each, int | float) for each in (*one, *other))


def _of_sets(how: Callable[[Any, Any], Any], one: Any, other: Any) -> list[Any]:
    return list(how(set(one), set(other)))


SETS: Final[Mapping[str, Callable[..., Any]]] = {
    "difference": difference,
    "intersect": intersect,
    "symmetric_difference": symmetric_difference,
    "union": union,
    "unique": unique,
}
