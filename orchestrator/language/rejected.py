"""Modules that a site does not want: the list that ``plugin_filters_cfg`` names."""

from __future__ import annotations

import os

from orchestrator.language.load import load_file
from orchestrator.model.errors import ConfigError, UserError
from orchestrator.model.place import Place


def rejected_modules(file: str | None) -> frozenset[str]:
    """The modules that ``file`` rejects, by all their names; none where there is no such file (as in Ansible).

    The file is YAML: ``filter_version: 1.0`` and a list ``module_rejectlist``. ``stat`` cannot be rejected.
    """
    if file is None or not os.path.exists(file):
        return frozenset()
    told = load_file(file)
    if not isinstance(told, dict) or str(told.get("filter_version")) != "1.0":
        raise ConfigError("a list of rejected modules begins with filter_version: 1.0", place=Place(file))
    names = frozenset(map(str, told.get("module_rejectlist", told.get("module_blacklist")) or ()))
    if "stat" in names:
        raise UserError("the module stat cannot be rejected: much else needs it", place=Place(file))
    prefixes = ("", "ansible.builtin.", "ansible.legacy.")
    return frozenset(prefix + name for prefix in prefixes for name in names)
