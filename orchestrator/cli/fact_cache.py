"""The fact cache that ansible.cfg and the command line ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.language.ansible_cfg import Config
from orchestrator.language.locator import Locator
from orchestrator.model.errors import ConfigError

if TYPE_CHECKING:
    from orchestrator.planning.fact_cache import FactCache

HERE = "ansible.builtin."
FILES = "jsonfile"
MEMORY = "memory"


def fact_cache(config: Config, locator: Locator, warnings: list[str], *, flush: bool) -> FactCache | None:
    """The cache, emptied where ``flush``; None where facts live as long as the run. One that cannot be had is told
    among ``warnings``, as Ansible does."""
    name = config.fact_caching.removeprefix(HERE)
    if name == MEMORY:
        return None
    cache = _of_ours(config, warnings) if name == FILES else _of_theirs(config, locator, warnings)
    if cache is None:
        return None
    try:
        cache.prepare()
    except ConfigError as error:
        warnings.append(f"{error.message}: facts live as long as the run")
        return None
    if flush:
        cache.flush()
    return cache


def _of_ours(config: Config, warnings: list[str]) -> FactCache | None:
    if not config.fact_caching_connection:
        warnings.append("fact_caching_connection names no directory: facts live as long as the run")
        return None
    from orchestrator.planning.fact_cache import FactCache

    return FactCache(config.fact_caching_connection, config.fact_caching_prefix, config.fact_caching_timeout)


def _of_theirs(config: Config, locator: Locator, warnings: list[str]) -> FactCache | None:
    """A cache plug-in of the user's."""
    path = locator.plugin("cache", config.fact_caching)
    if path is None:
        warnings.append(f"fact_caching {config.fact_caching} is not known here: facts live as long as the run")
        return None
    from orchestrator.planning.own.cache import PluginCache

    return PluginCache(path, config.fact_caching, locator, config.written)
