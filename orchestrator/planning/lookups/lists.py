"""Lookups that only rearrange what they are given: what ``with_items`` and its relatives loop over."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.planning.lookups.base import Call, Lookup, flat

Options = Mapping[str, Any]


def items(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """The terms, lists among them replaced by their items one level deep."""
    return flat(terms)


def as_list(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """The terms as they are."""
    return list(terms)


def as_dict(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """A mapping with ``key`` and ``value`` for each entry of the mappings."""
    pairs = []
    for term in terms:
        if not isinstance(term, Mapping):
            raise TemplateError(f"the 'dict' lookup plugin expects a dictionary, got '{term}' of type {type(term)})")
        pairs += [{"key": key, "value": term[key]} for key in term]
    return pairs


def nested(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """Every way of taking one item of each list."""
    if not terms:
        raise TemplateError("with_nested requires at least one element in the nested list")
    rows = list(terms[0])
    for term in terms[1:]:
        rows = [flat([row, each]) for row in rows for each in term]
    return [flat(row) for row in rows]


def cartesian(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """Every way of taking one item of each list; a term that is no list counts as a list of one."""
    if not terms:
        raise TemplateError("with_cartesian requires at least one element in each list")
    lists = [term if isinstance(term, list | tuple) else [term] for term in terms]
    return [flat(list(combination)) for combination in itertools.product(*lists)]


def flattened(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """All items of the lists, at any depth."""
    found: list[Any] = []
    for term in terms:
        found += flattened(_call, list(term), _options) if isinstance(term, list | tuple) else [term]
    return [each for each in found if each is not None]


def together(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """The first items of all lists, then the second …; None where one is shorter."""
    if not terms:
        raise TemplateError("with_together requires at least one element in each list")
    return [flat(list(row)) for row in itertools.zip_longest(*terms)]


def indexed_items(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """Pairs of a number from 0 and an item."""
    return list(enumerate(flat(terms)))


def random_choice(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """One of the terms."""
    return [secrets.choice(terms)] if terms else []


def subelements(_call: Call, terms: list[Any], _options: Options) -> list[Any]:
    """Each element paired with each item of a list in it; with ``skip_missing`` those without are left out."""
    if not 2 <= len(terms) <= 3 or not isinstance(terms[0], list | dict) or not isinstance(terms[1], str):
        raise TemplateError(
            "subelements lookup expects a list of two or three items, "
            "first a dict or a list, second a string pointing to the subkey"
        )
    if len(terms) == 3 and not isinstance(terms[2], dict):
        raise TemplateError("subelements: the optional third item must be a dict with the flag skip_missing")
    outer = terms[0]
    if isinstance(outer, dict) and outer.get("skipped"):
        return []
    skips = str(terms[2].get("skip_missing", False)).lower() in ("true", "yes", "on", "1") if len(terms) == 3 else False
    pairs: list[Any] = []
    for element in outer.values() if isinstance(outer, dict) else outer:
        if not isinstance(element, dict):
            raise TemplateError(f"subelements lookup expects a dictionary, got '{element}'")
        if not element.get("skipped"):
            rest, inner = _taken_out(element, terms[1].split("."), skips)
            pairs += [(rest, each) for each in inner]
    return pairs


def _taken_out(element: Mapping[str, Any], keys: list[str], skips: bool) -> tuple[Any, list[Any]]:
    """``element`` without the list at ``keys``, and that list."""
    key, rest = keys[0], dict(element)
    if key not in element:
        if skips:
            return rest, []
        raise TemplateError(f"could not find '{key}' key in iterated item '{dict(element)}'")
    wanted: type = list if len(keys) == 1 else dict
    if not isinstance(element[key], wanted):
        if skips and wanted is dict:
            return rest, []
        raise TemplateError(
            f"the key {key} should point to a {'list' if wanted is list else 'dictionary'}, got '{element[key]}'"
        )
    if len(keys) == 1:
        return {name: value for name, value in rest.items() if name != key}, list(rest[key])
    rest[key], inner = _taken_out(element[key], keys[1:], skips)
    return rest, inner


LISTS: Final[Mapping[str, Lookup]] = {
    "cartesian": cartesian,
    "community.general.cartesian": cartesian,
    "community.general.flattened": flattened,
    "dict": as_dict,
    "flattened": flattened,
    "indexed_items": indexed_items,
    "items": items,
    "list": as_list,
    "nested": nested,
    "random_choice": random_choice,
    "subelements": subelements,
    "together": together,
}
