"""Filters over lists and mappings: merging, flattening, turning one into the other."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from jinja2 import Environment, filters, pass_environment

from orchestrator.model.errors import TemplateError
from orchestrator.planning.markers import Tripped, tripped, type_name


def is_sequence(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def flatten(values: Iterable[Any], levels: int | None = None, skip_nulls: bool = True) -> list[Any]:
    """Lists in ``values`` replaced by their items, ``levels`` deep (None: all the way); nulls left out."""
    flat: list[Any] = []
    for value in values:
        if skip_nulls and (value is None or value in ("None", "null")):
            continue
        if is_sequence(value) and levels is None:
            flat += flatten(value, skip_nulls=skip_nulls)
        elif is_sequence(value) and levels is not None and levels >= 1:
            flat += flatten(value, int(levels) - 1, skip_nulls)
        else:
            flat.append(value)
    return flat


_LIST_MERGES: Final[Mapping[str, Callable[[list[Any], list[Any]], list[Any]]]] = {
    "replace": lambda low, high: high,
    "keep": lambda low, high: low,
    "append": lambda low, high: low + high,
    "prepend": lambda low, high: high + low,
    "append_rp": lambda low, high: [each for each in low if each not in high] + high,
    "prepend_rp": lambda low, high: high + [each for each in low if each not in high],
}


def merged(low: Any, high: Any, recursive: bool = True, list_merge: str = "replace") -> dict[Any, Any]:
    """``low`` overridden by ``high``; where ``recursive``, mappings in both are merged in turn."""
    for each in (low, high):
        if not isinstance(each, Mapping):
            raise TemplateError(
                f"failed to combine variables, expected dicts but got a {type_name(low)!r} and a {type_name(high)!r}"
            )
    if list_merge not in _LIST_MERGES:
        *most, last = map(repr, _LIST_MERGES)
        known = f"{', '.join(most)} or {last}"
        raise TemplateError(f"merge_hash: 'list_merge' argument can only be equal to {known}")
    if low == high:  # so Ansible does not double their lists
        return dict(high)
    result = dict(low)
    for key, value in high.items():
        held = result.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            result[key] = merged(held, value, recursive, list_merge) if recursive else value
        elif isinstance(held, list) and isinstance(value, list):
            result[key] = _LIST_MERGES[list_merge](list(held), list(value))
        else:
            result[key] = value
    return result


def combine(*terms: Any, **options: Any) -> Any:
    """The mappings merged, the last one strongest, in Ansible's order: from right to left. Lists of mappings count as
    several."""
    recursive, list_merge = options.pop("recursive", False), options.pop("list_merge", "replace")
    if options:
        raise TemplateError("'recursive' and 'list_merge' are the only valid keyword arguments")
    mappings = flatten(terms, levels=1)
    if not mappings:
        return {}
    *lower, result = mappings
    for mapping in reversed(lower):
        result = merged(mapping, result, recursive, list_merge)
    return result


def dict2items(mapping: Any, key_name: str = "key", value_name: str = "value") -> list[dict[str, Any]]:
    """One small mapping for each entry."""
    if not isinstance(mapping, Mapping):
        raise TypeError(f"dict2items requires a dictionary, got {type_name(mapping)} instead.")
    return [{key_name: key, value_name: mapping[key]} for key in mapping]


def items2dict(items: Any, key_name: str = "key", value_name: str = "value") -> dict[Any, Any]:
    """The inverse of ``dict2items``."""
    if not is_sequence(items):
        raise TypeError(f"items2dict requires a list, got {type_name(items)} instead.")
    try:
        return {item[key_name]: item[value_name] for item in items}
    except KeyError:
        raise TypeError(
            "items2dict requires each dictionary in the list to contain the keys "
            f"'{key_name}' and '{value_name}', got {items} instead."
        ) from None
    except TypeError:
        raise TypeError(f"items2dict requires a list of dictionaries, got {items} instead.") from None


def subelements(outer: Any, path: Any, skip_missing: bool = False) -> list[tuple[Any, Any]]:
    """Each element of ``outer`` paired with each item of the list that ``path`` (dotted, or a list) names in it."""
    if not isinstance(outer, dict | list):
        raise TemplateError("obj must be a list of dicts or a nested dict")
    if not isinstance(path, list | str):
        raise TypeError("subelements must be a list or a string")
    keys = path.split(".") if isinstance(path, str) else path
    pairs = []
    for element in outer.values() if isinstance(outer, dict) else outer:
        inner = _inner(element, keys, skip_missing)
        if not isinstance(inner, list):
            raise TypeError(f"the key {keys[-1]!r} should point to a list, got {inner!r}")
        pairs += [(element, value) for value in inner]
    return pairs


def _inner(element: Any, keys: list[Any], skip_missing: bool) -> Any:
    found = element
    for key in keys:
        try:
            found = found[key]
        except KeyError:
            if skip_missing:
                return []
            raise TemplateError(f"could not find {key!r} key in iterated item {found!r}") from None
        except TypeError:
            raise TypeError(f"the key {key} should point to a dictionary, got '{found}'") from None
    return found


@pass_environment
def extract(environment: Environment, item: Any, container: Any, morekeys: Any = None) -> Any:
    """``container[item]``, and from there on by ``morekeys``."""
    more = [] if morekeys is None else morekeys if isinstance(morekeys, list) else [morekeys]
    value = container
    for key in [item, *more]:
        try:
            value = environment.getitem(value, key)
        except Tripped as tripped:
            value = tripped.marker
    return value


def rekey_on_member(data: Any, key: Any, duplicates: str = "error") -> dict[Any, Any]:
    """The mappings in ``data`` by their own member ``key``."""
    if duplicates not in ("error", "overwrite"):
        raise TemplateError(f"duplicates parameter to rekey_on_member has unknown value {duplicates!r}")
    if isinstance(data, str | bytes) or not isinstance(data, Iterable):
        raise TemplateError("Type is not a valid list, set, or dict")
    keyed: dict[Any, Any] = {}
    for item in data.values() if isinstance(data, Mapping) else data:
        if not isinstance(item, Mapping):
            raise TemplateError("List item is not a valid dict")
        if key not in item:
            raise TemplateError(f"Key {key!r} was not found.")
        if item[key] in keyed and duplicates == "error":
            raise TemplateError(f"Key {item[key]!r} is not unique, cannot convert to dict.")
        keyed[item[key]] = item
    return keyed


class Grouped(NamedTuple):
    """One group of ``groupby``: what its members share, and they."""

    grouper: Any
    list: list[Any]

    def __repr__(self) -> str:
        return tuple.__repr__(self)


class _Strict:
    """An environment in which an attribute that is not there ends the filter that asks for it."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        return getattr(self._environment, name)

    def getitem(self, holder: Any, key: Any) -> Any:
        return tripped(self._environment.getitem(holder, key))


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """Jinja's ``function`` as ansible-core 2.19 has it: what lacks the attribute fails, even where nothing compares
    it and where there is a default."""

    @pass_environment
    @functools.wraps(function)
    def call(environment: Environment, *args: Any, **kwargs: Any) -> Any:
        return function(_Strict(environment), *args, **kwargs)

    return call


@pass_environment
def groupby(environment: Environment, *args: Any, **kwargs: Any) -> list[Grouped]:
    """Jinja's ``groupby``, with groups that print as plain tuples."""
    groups = _strict(filters.sync_do_groupby)(environment, *args, **kwargs)
    return [Grouped(group.grouper, group.list) for group in groups]


COLLECTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "combinations": itertools.combinations,
    "combine": combine,
    "dict2items": dict2items,
    "extract": extract,
    "flatten": flatten,
    "groupby": groupby,
    "items2dict": items2dict,
    "max": _strict(filters.do_max),
    "min": _strict(filters.do_min),
    "permutations": itertools.permutations,
    "product": itertools.product,
    "rekey_on_member": rekey_on_member,
    "sort": _strict(filters.do_sort),
    "subelements": subelements,
    "zip": zip,
    "zip_longest": itertools.zip_longest,
}
