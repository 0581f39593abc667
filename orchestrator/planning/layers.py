"""Variables laid over one another: the highest layer that knows a name answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.planning.containers import Raw
from orchestrator.planning.filters.collections import merged


class Layers(Raw):
    """A mapping over mappings, highest first; nothing is copied, so later changes of a layer are seen.

    Where ``merge`` (Ansible's ``hash_behaviour=merge``), mappings of the same name in several layers become one.
    """

    __slots__ = ("layers", "merge")

    def __init__(self, layers: Iterable[Mapping[str, Any]], *, merge: bool = False) -> None:
        self.layers = tuple(layers)
        self.merge = merge

    def __getitem__(self, name: str) -> Any:
        for index, layer in enumerate(self.layers):
            if name in layer:
                return self._merged(name, layer[name], index) if self.merge else layer[name]
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As in any mapping; most names that are asked for so are in no layer, and an error for each costs more."""
        return self[name] if name in self else default  # noqa: SIM401 - that would be this very method

    def _merged(self, name: str, value: Any, index: int) -> Any:
        for layer in self.layers[index + 1 :]:
            if not isinstance(value, dict):
                break
            below = layer.get(name)
            if isinstance(below, dict):
                value = merged(below, value)
            elif name in layer:
                break
        return value

    def __contains__(self, name: object) -> bool:
        for layer in self.layers:  # noqa: SIM110 - asked thousands of times, and `any` takes twice as long
            if name in layer:
                return True
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for layer in reversed(self.layers) for name in layer))

    def __len__(self) -> int:
        return len({name for layer in self.layers for name in layer})

    def above(self, below: Mapping[str, Any]) -> Layers:
        """These layers above ``below``."""
        return Layers((*self.layers, below), merge=self.merge)

    def over(self, *above: Mapping[str, Any]) -> Layers:
        """These layers below ``above`` (highest first)."""
        return Layers((*above, *self.layers), merge=self.merge)
