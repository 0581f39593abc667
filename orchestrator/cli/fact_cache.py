"""The fact cache that ansible.cfg and the command line ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.language.ansible_cfg import Config
from orchestrator.model.errors import ConfigError

if TYPE_CHECKING:
    from orchestrator.planning.fact_cache import FactCache

HERE = "ansible.builtin."
FILES = "jsonfile"
MEMORY = "memory"


def fact_cache(config: Config, warnings: list[str], *, flush: bool) -> FactCache | None:
    """The cache, emptied where ``flush``; None where facts live as long as the run. One that cannot be had is told
    among ``warnings``, as Ansible does."""
    name = config.fact_caching.removeprefix(HERE)
    if name == MEMORY:
        return None
    if name != FILES:
        warnings.append(f"fact_caching {config.fact_caching} is not known here: facts live as long as the run")
        return None
    if not config.fact_caching_connection:
        warnings.append("fact_caching_connection names no directory: facts live as long as the run")
        return None
    from orchestrator.planning.fact_cache import FactCache

    cache = FactCache(config.fact_caching_connection, config.fact_caching_prefix, config.fact_caching_timeout)
    try:
        cache.prepare()
    except ConfigError as error:
        warnings.append(f"{error.message}: facts live as long as the run")
        return None
    if flush:
        cache.flush()
    return cache
