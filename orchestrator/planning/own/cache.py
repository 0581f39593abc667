"""A fact cache of the user's: a cache plug-in in Python, in a process of its own for as long as the run lasts.

It is asked line by line: ``get``, ``set``, ``delete`` and ``flush``, under keys and with values as ansible-core 2.19
has them (``_internal/_plugins/_cache.py``).
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from typing import Any

from orchestrator.language.locator import Locator
from orchestrator.model.errors import ConfigError, UserError
from orchestrator.model.place import Place
from orchestrator.planning.fact_cache import SCHEMA, FactCache, known
from orchestrator.planning.own.asked import Talk, described, told_of, values_of


class PluginCache(FactCache):
    """The facts of hosts in the cache plug-in ``name``, whose file is ``path``."""

    def __init__(self, path: str, name: str, locator: Locator, ini: Mapping[str, str]) -> None:
        super().__init__("")
        self._path = path
        plugin = {"name": name, "path": path, "options": values_of(described(path, name, "cache", ini))}
        self._told = told_of("cache", locator, plugin=plugin)

    def prepare(self) -> None:
        """Start the plug-in. Raises ConfigError where it cannot be made."""
        self._talk = Talk(self._path, UserError)
        atexit.register(self._talk.close)
        try:
            self._talk.say(self._told)
        except UserError as error:
            raise ConfigError(error.message, place=error.place) from error

    def forget(self, host: str) -> None:
        self._held.pop(host, None)
        self._do("delete", f"{SCHEMA}{host}")

    def flush(self) -> None:
        self._do("flush")

    def _write(self, host: str, kept: Mapping[str, str]) -> None:
        self._do("set", f"{SCHEMA}{host}", kept)

    def _read(self, host: str) -> dict[str, Any]:
        kept = self._do("get", f"{SCHEMA}{host}")
        try:
            return {} if kept is None else known(kept)
        except (ValueError, KeyError, TypeError) as cause:
            raise UserError(f"the fact cache holds no facts of {host}", place=Place(self._path)) from cause

    def _do(self, what: str, *given: Any) -> Any:
        return self._talk.say({"value": [what, *given]})["answer"]
