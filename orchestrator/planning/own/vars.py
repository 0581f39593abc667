"""Plug-ins of the user's that bring variables of hosts and groups: ``vars_plugins/`` beside the playbook and in roles,
the configured directories, and collections.

Which ones run, and when, is as in ansible-core 2.19 (``vars/plugins.py``): those that no collection holds always,
unless they say ``REQUIRES_ENABLED``; those of collections where ``vars_plugins_enabled`` names them. A plug-in's option
``stage``, else the setting ``run_vars_plugins``, says whether it is asked beside inventories, for tasks, or both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from orchestrator.language.load import OpenVault
from orchestrator.language.locator import Locator
from orchestrator.language.reading import Combine
from orchestrator.model.frozen import frozen
from orchestrator.planning.own.asked import answer_of, described, read_for, told_of, values_of

_ON_DEMAND = re.compile(rb"^\s+REQUIRES_(?:ENABLED|WHITELIST)\s*=\s*True\b", re.MULTILINE)


@frozen
class VarsPlugins:
    """The variables that the plug-ins bring; each is asked once about a host or group in a directory."""

    locator: Locator
    ini: Mapping[str, str]
    enabled: Sequence[str]
    at: str
    """``run_vars_plugins``: ``demand`` or ``start``."""
    open_vault: OpenVault | None
    how: Combine = "replace"
    _told: dict[tuple[str, str, bool, str], dict[str, Any]] = field(default_factory=dict)

    def __call__(self, directory: str, kind: str, names: Iterable[str], *, is_task: bool) -> Mapping[str, Any]:
        """What they say of the hosts or groups ``names`` (``kind``: host_vars or group_vars) in ``directory``, which
        belongs to an inventory or, where ``is_task``, to the playbook. Raises PlaybookError where one fails."""
        wanted = list(names)
        missing = [name for name in wanted if (directory, kind, is_task, name) not in self._told]
        plugins = self._plugins(is_task=is_task) if missing else []
        if missing:
            found = self._asked(directory, kind, missing, plugins) if plugins else [{} for _ in missing]
            for name, values in zip(missing, found, strict=True):
                self._told[directory, kind, is_task, name] = values
        return {name: self._told[directory, kind, is_task, name] for name in wanted}

    def _asked(
        self, directory: str, kind: str, names: list[str], plugins: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        more = {"of": kind, "plugins": plugins, "directory": directory, "names": names, "merges": self.how == "merge"}
        told = told_of("vars", self.locator, **more)
        found: list[dict[str, Any]] = answer_of(
            told, lambda asked: read_for(asked, self.open_vault), plugins[0]["path"]
        )
        return found

    def _plugins(self, *, is_task: bool) -> list[dict[str, Any]]:
        found = []
        for name, path in self._files():
            options = values_of(described(path, name, "vars", self.ini))
            stages = options.get("stage") or ("all" if not is_task or self.at == "demand" else "inventory")
            if not is_task or stages in ("all", "task"):
                found.append({"name": name, "path": path, "options": options})
        return found

    def _files(self) -> Iterable[tuple[str, str]]:
        """Names and files of those that run, in the order in which they do."""
        for directory in map(Path, self.locator.plugin_directories("vars")):
            for path in sorted(directory.glob("*.py")):
                is_wanted = path.stem in self.enabled or not _ON_DEMAND.search(path.read_bytes())
                if is_wanted and not path.name.startswith("_"):
                    yield path.stem, str(path)
        for name in self.enabled:
            if "." in name and (file := self.locator.plugin("vars", name)):
                yield name, file
