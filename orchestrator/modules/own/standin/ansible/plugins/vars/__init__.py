"""The base of plug-ins that bring variables of hosts and groups."""

from __future__ import annotations

from typing import Any

from ...utils.display import Display
from .. import AnsiblePlugin


class BaseVarsPlugin(AnsiblePlugin):
    """What a ``VarsModule`` derives from."""

    is_stateless = False

    def __init__(self) -> None:
        super().__init__()
        self._display = Display()

    def get_vars(self, loader: Any, path: str, entities: Any, cache: bool = True) -> dict[str, Any]:
        """The variables that the directory ``path`` holds for ``entities``: none, unless the plug-in says so."""
        self._basedir = path
        return {}
