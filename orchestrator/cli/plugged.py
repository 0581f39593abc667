"""Plug-ins of the user's own that belong to no task, as the configuration and the directories around playbooks have
them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.language.ansible_cfg import Config
from orchestrator.language.load import OpenVault
from orchestrator.language.locator import Locator
from orchestrator.language.reading import Combine
from orchestrator.model.frozen import frozen

if TYPE_CHECKING:
    from orchestrator.language.inventory import Brought

OURS = frozenset({"default", "ansible.builtin.default", "junit", "ansible.builtin.junit"})
"""Callback plug-ins whose work is done here: results on stdout, and ``orch runs show --as junit``."""


@frozen
class InventoryPlugins:
    """What reads sources of inventories, beside our own; loaded when there is such a source."""

    config: Config
    locator: Locator
    open_vault: OpenVault

    def has(self, name: str) -> bool:
        """Whether there is a plug-in of this name."""
        return self.locator.plugin("inventory", name) is not None

    def steps(self, name: str, path: str, known: Mapping[str, Any]) -> list[list[Any]] | None:
        """See ``planning.own.inventory``."""
        from orchestrator.planning.own.inventory import steps

        return steps(self.locator, self.config.written, self.open_vault, name, path, known)


def vars_plugins(config: Config, locator: Locator, open_vault: OpenVault) -> Brought | None:
    """What brings variables of hosts and groups; None where there are no such plug-ins."""
    directories = map(Path, locator.plugin_directories("vars"))
    enabled = config.vars_plugins_enabled
    if not any("." in each for each in enabled) and not any(any(each.glob("*.py")) for each in directories):
        return None
    from orchestrator.planning.own.vars import VarsPlugins

    how: Combine = "merge" if config.hash_behaviour == "merge" else "replace"
    return VarsPlugins(locator, config.written, enabled, config.run_vars_plugins, open_vault, how)


def callbacks_passed_over(config: Config) -> list[str]:
    """What to say of callback plug-ins that are asked for: none is run, and results are told as by the one that
    Ansible has as its default."""
    asked = [each for each in (config.stdout_callback, *config.callbacks_enabled) if each not in OURS]
    return [f"callback plug-ins are not run here: {', '.join(dict.fromkeys(asked))}"] if asked else []
