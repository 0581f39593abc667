"""Where plug-ins get other plug-ins: actions alone, which stand for our modules of their names."""

from __future__ import annotations

from typing import Any

from .action import handing_on


class ActionLoader:
    """``action_loader``: gives an action that hands its task on to the module ``name``."""

    def get(self, name: str, **surroundings: Any) -> Any:
        """An action in the same surroundings."""
        surroundings.pop("collection_list", None)
        return handing_on(name.rpartition(".")[2])(**surroundings)


action_loader = ActionLoader()
