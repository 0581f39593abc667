"""Names of keys in other spellings, and mappings put together or compared."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from copy import deepcopy
from typing import Any


def camel_dict_to_snake_dict(
    camel_dict: Mapping[Any, Any], reversible: bool = False, ignore_list: Any = ()
) -> dict[Any, Any]:
    """``camel_dict`` with keys such as ``HTTPEndpoint`` as ``http_endpoint``; ``reversible``: ``h_t_t_p_endpoint``.

    What lies below keys of ``ignore_list`` is left as it is."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return camel_dict_to_snake_dict(value, reversible)
        return [changed(each) for each in value] if isinstance(value, list) else value

    return {
        _camel_to_snake(key, reversible): value if key in ignore_list else changed(value)
        for key, value in camel_dict.items()
    }


def snake_dict_to_camel_dict(snake_dict: Any, capitalize_first: bool = False) -> Any:
    """``snake_dict`` with keys such as ``max_size`` as ``maxSize``."""
    if isinstance(snake_dict, dict):
        return {
            _snake_to_camel(key, capitalize_first): snake_dict_to_camel_dict(value, capitalize_first)
            for key, value in snake_dict.items()
        }
    if isinstance(snake_dict, list):
        return [snake_dict_to_camel_dict(each, capitalize_first) for each in snake_dict]
    return snake_dict


def _snake_to_camel(snake: str, capitalize_first: bool = False) -> str:
    first, *others = snake.split("_")
    begin = (first.capitalize() or "_") if capitalize_first else first
    return begin + "".join(each.capitalize() or "_" for each in others)


def _camel_to_snake(name: str, reversible: bool = False) -> str:
    if reversible:
        return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name).lstrip("_") if name else name
    plural = re.sub(r"[A-Z]{3,}s$", lambda found: ("_" + found[0]).lower(), name)  # TargetGroupARNs
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", plural)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()


def dict_merge(a: Any, b: Any) -> Any:
    """``a`` and ``b`` at every depth; ``b`` wins."""
    if not isinstance(b, dict):
        return b
    result = deepcopy(a)
    for key, value in b.items():
        if key in result and isinstance(result[key], dict):
            result[key] = dict_merge(result[key], value)
        else:
            result[key] = deepcopy(value)
    return result


def recursive_diff(dict1: Any, dict2: Any) -> tuple[dict[Any, Any], dict[Any, Any]] | None:
    """What of the first is not in the second, and the other way round; None where they are equal."""
    if not all(isinstance(each, MutableMapping) for each in (dict1, dict2)):
        raise TypeError(f"Unable to diff 'dict1' {type(dict1)} and 'dict2' {type(dict2)}. Both must be a dictionary.")
    left = {key: value for key, value in dict1.items() if key not in dict2}
    right = {key: value for key, value in dict2.items() if key not in dict1}
    for key in dict1.keys() & dict2.keys():
        if isinstance(dict1[key], dict) and isinstance(dict2[key], dict):
            if (found := recursive_diff(dict1[key], dict2[key])) is not None:
                left[key], right[key] = found
        elif dict1[key] != dict2[key]:
            left[key], right[key] = dict1[key], dict2[key]
    return (left, right) if left or right else None
