"""The lookups of ansible-core, and a few of community.general and ansible.utils, in an explicit table.

A lookup takes a ``Call`` – who asks, and in what surroundings – its terms and its options, and returns a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from orchestrator.planning.lookups.base import Call, Lookup
from orchestrator.planning.lookups.community import COMMUNITY
from orchestrator.planning.lookups.files import FILES
from orchestrator.planning.lookups.found import FOUND
from orchestrator.planning.lookups.lists import LISTS
from orchestrator.planning.lookups.outside import OUTSIDE
from orchestrator.planning.lookups.passwords import PASSWORDS
from orchestrator.planning.lookups.sequences import SEQUENCES
from orchestrator.planning.lookups.settings import SETTINGS
from orchestrator.planning.lookups.tables import TABLES
from orchestrator.planning.lookups.trees import TREES
from orchestrator.planning.lookups.variables import VARIABLES

LOOKUPS: Final[Mapping[str, Lookup]] = {
    **LISTS,
    **SEQUENCES,
    **FILES,
    **FOUND,
    **TABLES,
    **VARIABLES,
    **PASSWORDS,
    **OUTSIDE,
    **TREES,
    **SETTINGS,
    **COMMUNITY,
}

__all__ = ["LOOKUPS", "Call", "Lookup"]
