"""Filters that treat lists as sets. Like Ansible's they promise no order, except where items cannot be hashed."""

from __future__ import annotations

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
    try:
        wanted = set(other)
        return list(dict.fromkeys(each for each in one if each in wanted))
    except TypeError:
        return _without_repetitions([each for each in one if each in other])


def difference(one: Any, other: Any) -> list[Any]:
    """What is in ``one`` only."""
    try:
        gone = set(other)
        return list(dict.fromkeys(each for each in one if each not in gone))
    except TypeError:
        return _without_repetitions([each for each in one if each not in other])


def symmetric_difference(one: Any, other: Any) -> list[Any]:
    """What is in just one of both."""
    both = intersect(one, other)
    return [each for each in union(one, other) if each not in both]


def union(one: Any, other: Any) -> list[Any]:
    """What is in either."""
    try:
        return list(dict.fromkeys([*one, *other]))
    except TypeError:
        return _without_repetitions([*one, *other])


SETS: Final[Mapping[str, Callable[..., Any]]] = {
    "difference": difference,
    "intersect": intersect,
    "symmetric_difference": symmetric_difference,
    "union": union,
    "unique": unique,
}
