"""The bases of inventory plug-ins. What they make by templates (``compose`` …) is told as steps, and made by the other
side once hosts and groups are there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any

from ..._controller import ask
from ...errors import AnsibleParserError
from ...inventory.group import to_safe_group_name
from ...template import Templar, marked, unmarked
from ...utils.display import Display
from .. import AnsiblePlugin

SHARED = ("leading_separator", "use_extra_vars")
"""Options that hold for all that is made by templates."""


class BaseInventoryPlugin(AnsiblePlugin):
    """What an ``InventoryModule`` derives from."""

    TYPE = "generator"
    NAME = ""
    _sanitize_group_name = staticmethod(to_safe_group_name)

    def __init__(self) -> None:
        super().__init__()
        self._cache: dict[str, Any] = {}
        self.display = Display()
        self._vars: dict[str, Any] = {}
        self.inventory: Any = None
        self.loader: Any = None

    def verify_file(self, path: str) -> bool:
        """Whether it may read the source: at least it must be there."""
        return os.path.exists(path) and os.access(path, os.R_OK)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Read the source ``path`` into ``inventory``."""
        self.inventory, self.loader, self.templar = inventory, loader, Templar(loader)

    def _read_config_data(self, path: str) -> dict[str, Any]:
        """The source's own YAML, whose keys become options."""
        config: Any = self.loader.load_from_file(path, trusted_as_template=True)
        if not config:
            raise AnsibleParserError(f"{path} is empty")
        if not isinstance(config, dict):
            raise AnsibleParserError(
                f"inventory source has invalid structure, it should be a dictionary, got: {type(config)}"
            )
        names = (self.NAME, self._load_name, self.ansible_name)
        if "plugin" in config and config["plugin"] not in names:
            raise AnsibleParserError(f"Incorrect plugin name in file: {config['plugin']}")
        self.set_options(direct=config)
        return config

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: dict[str, Any] | None = None) -> None:
        """Give options the values of ``direct``, and the others those of the configuration."""
        self._options = unmarked(ask("options", direct=marked(direct or {})))

    _consume_options = AnsiblePlugin.set_options

    def _populate_host_vars(
        self, hosts: list[str], variables: dict[str, Any], group: Any = None, port: Any = None
    ) -> None:
        for host in hosts:
            self.inventory.add_host(host, group=group, port=port)
            for name, value in variables.items():
                self.inventory.set_variable(host, name, value)

    def _expand_hostpattern(self, hostpattern: str) -> tuple[list[str], int | None]:
        names, port = ask("hosts", pattern=hostpattern)
        return list(names), port


class BaseFileInventoryPlugin(BaseInventoryPlugin):
    """One whose sources are files."""


class Cacheable:
    """A cache that lives as long as the source is read."""

    _cache: dict[str, Any]

    @property
    def cache(self) -> dict[str, Any]:
        """The cache, by key."""
        return self._cache

    def load_cache_plugin(self) -> None:
        """Make ready an empty cache."""
        self._cache = {}

    def get_cache_key(self, path: str) -> str:
        """A key that belongs to the source ``path``."""
        name = type(self).__module__.rpartition(".")[2]
        return f"{name}_{hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()[:10]}"

    def update_cache_if_changed(self) -> None:
        """Nothing outlives the reading."""

    set_cache_plugin = clear_cache = update_cache_if_changed


class Constructable:
    """Variables and groups made by templates, in words as the plug-in ``constructed`` has them."""

    inventory: Any

    def _compose(self, template: Any, variables: dict[str, Any], disable_lookups: bool = True) -> Any:
        return ask("value", text=template, variables=marked(dict(variables)))

    def _set_composite_vars(self, compose: Any, variables: Any, host: str, strict: bool = False) -> None:
        self._make("compose", compose, variables, host, strict)

    def _add_host_to_composed_groups(
        self, groups: Any, variables: Any, host: str, strict: bool = False, fetch_hostvars: bool = True
    ) -> None:
        self._make("groups", groups, variables, host, strict)

    def _add_host_to_keyed_groups(
        self, keys: Any, variables: Any, host: str, strict: bool = False, fetch_hostvars: bool = True
    ) -> None:
        self._make("keyed_groups", keys, variables, host, strict)

    def _make(self, what: str, given: Any, variables: Any, host: str, strict: bool) -> None:
        if given:
            options: Any = self
            shared = {name: options._options[name] for name in SHARED if name in options._options}
            rules = {what: given, "strict": strict, **shared}
            self.inventory.steps.append(["made", what, rules, dict(variables or {}), host])


def expand_hostname_range(line: str) -> Iterator[str]:
    """The names that a pattern with ranges stands for."""
    yield from ask("hosts", pattern=line)[0]
