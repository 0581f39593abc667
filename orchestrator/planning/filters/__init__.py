"""The filters of ansible-core and the few of collections that people use, in explicit tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.planning.filters.addresses import ADDRESSES
from orchestrator.planning.filters.collections import COLLECTIONS
from orchestrator.planning.filters.community import COMMUNITY
from orchestrator.planning.filters.digests import DIGESTS
from orchestrator.planning.filters.documents import DOCUMENTS
from orchestrator.planning.filters.general import GENERAL
from orchestrator.planning.filters.keys import KEYS
from orchestrator.planning.filters.networks import NETWORKS
from orchestrator.planning.filters.numbers import NUMBERS
from orchestrator.planning.filters.paths import PATHS
from orchestrator.planning.filters.protomatter import PREFIX, PROTOMATTER
from orchestrator.planning.filters.sets import SETS
from orchestrator.planning.filters.shapes import SHAPES
from orchestrator.planning.filters.texts import TEXTS
from orchestrator.planning.filters.times import TIMES
from orchestrator.planning.filters.types import TYPES
from orchestrator.planning.filters.values import VALUES
from orchestrator.planning.filters.vaults import VAULTS

FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    **TEXTS,
    **COLLECTIONS,
    **SETS,
    **NUMBERS,
    **DOCUMENTS,
    **DIGESTS,
    **PATHS,
    **TIMES,
    **VALUES,
    **VAULTS,
    **COMMUNITY,
    **GENERAL,
    **KEYS,
    **PROTOMATTER,
    **ADDRESSES,
    **NETWORKS,
    **SHAPES,
    **TYPES,
}
"""Name → function, besides Jinja's own."""

SEES_MARKERS: Final[Mapping[str, frozenset[str]]] = {
    "filter": frozenset({"default", "d", "mandatory", "ternary", "type_debug", f"{PREFIX}dump_object"}),
    "test": frozenset({"defined", "undefined", "vault_encrypted"}),
}
"""What is called even with an argument that is not defined; for all else that argument is the result."""
SEES_ITEMS: Final = frozenset({"map", "reject", "rejectattr", "select", "selectattr"})
"""What may look at each item of a list, also at one that is not defined."""
