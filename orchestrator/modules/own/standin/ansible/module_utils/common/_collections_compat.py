"""Kinds of containers, under the name by which older modules import them."""

from collections.abc import (
    Callable,
    Container,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
    Set,
)

__all__ = [
    "Callable", "Container", "Hashable", "Iterable", "Iterator", "Mapping", "MutableMapping", "MutableSequence",
    "MutableSet", "Sequence", "Set",
]  # fmt: skip
