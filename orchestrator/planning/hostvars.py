"""``hostvars``: every host's variables, rendered as that host sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from orchestrator.model.hosts import Inventory
from orchestrator.planning.layers import Layers
from orchestrator.planning.magic import Moment
from orchestrator.planning.render import Renderer


class Source(Protocol):
    """Where hostvars come from: ``variables.Variables``."""

    inventory: Inventory

    def layers(self, moment: Moment) -> Layers: ...
    def renderer(self, moment: Moment) -> Renderer: ...


class HostVars(Mapping[str, Mapping[str, Any]]):
    """Host → its variables. As in Ansible these know no play and no task, but what the inventory and the run say."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._views: dict[str, HostVarsVars] = {}

    def __getitem__(self, host: str) -> HostVarsVars:
        if host not in self._views:
            if host not in self._source.inventory.hosts and host not in ("localhost", "127.0.0.1", "::1"):
                raise KeyError(host)
            self._views[host] = HostVarsVars(self._source, host)
        return self._views[host]

    def __iter__(self) -> Iterator[str]:
        return iter(self._source.inventory.hosts)

    def __len__(self) -> int:
        return len(self._source.inventory.hosts)

    def __contains__(self, host: object) -> bool:
        return host in self._source.inventory.hosts or host in ("localhost", "127.0.0.1", "::1")


class HostVarsVars(Mapping[str, Any]):
    """One host's variables, each rendered when looked at."""

    def __init__(self, source: Source, host: str) -> None:
        self._source = source
        self._host = host

    @property
    def _renderer(self) -> Renderer:
        return self._source.renderer(Moment(host=self._host))

    def __getitem__(self, name: str) -> Any:
        renderer = self._renderer
        value = renderer.variables[name]
        return renderer.resolve(value)

    def __iter__(self) -> Iterator[str]:
        # Names that hold everything again are left out, so that printing one host's variables comes to an end.
        return (name for name in self._renderer.variables if name not in ("vars", "hostvars"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._renderer.variables
