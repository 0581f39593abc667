"""Mappings put together, as plug-ins do it with their results."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from ..errors import AnsibleError

LISTS: dict[str, Callable[[list[Any], list[Any]], list[Any]]] = {
    "replace": lambda _, new: new,
    "keep": lambda old, _: old,
    "append": lambda old, new: old + new,
    "prepend": lambda old, new: new + old,
    "append_rp": lambda old, new: [each for each in old if each not in new] + new,
    "prepend_rp": lambda old, new: new + [each for each in old if each not in new],
}
"""What becomes of two lists under one name."""


def merge_hash(x: Any, y: Any, recursive: bool = True, list_merge: str = "replace") -> Any:
    """``x`` with what ``y`` says over it; neither is changed."""
    if list_merge not in LISTS:
        raise AnsibleError(f"merge_hash: 'list_merge' argument can only be equal to one of {', '.join(LISTS)}")
    for each in (x, y):
        if not isinstance(each, MutableMapping):
            raise AnsibleError(f"failed to combine variables, expected dicts but got a '{type(each).__name__}'")
    if x == y:  # so its lists are not doubled
        return dict(y)
    merged = dict(x)
    for name, new in y.items():
        old = merged.get(name)
        if isinstance(old, MutableMapping) and isinstance(new, MutableMapping) and recursive:
            merged[name] = merge_hash(old, new, recursive, list_merge)
        elif isinstance(old, list) and isinstance(new, list):
            merged[name] = LISTS[list_merge](old, new)
        else:
            merged[name] = new
    return merged


def combine_vars(a: Any, b: Any, merge: bool | None = None) -> Any:
    """``a`` with what ``b`` says over it, deeply where ``merge``."""
    return merge_hash(a, b, recursive=bool(merge))
