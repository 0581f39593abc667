"""What a run learns about one host, and which names a host may not say about itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_FORBIDDEN: Final = re.compile(
    r"^(ansible_(connection|host|hostname_override|user|password|pass|port|private_key_file|shell_type|shell_executable"
    r"|ssh_(?!host_key_).*|sftp_.*|scp_.*|paramiko_.*|become.*|sudo_.*|su_.*|.*_interpreter|timeout|pipelining|module_compression|network_os|connection_user|remote_tmp"
    r"|check_mode|diff_mode|version|forks|facts|loop|verbosity)|discovered_interpreter_.*|hostvars|vars|groups|group_names"
    r"|inventory_hostname.*|inventory_dir|inventory_file|playbook_dir|omit|environment)$"
)
"""How to reach and become, and what the run says of itself: never taken from a node (as Ansible's ``clean_facts``)."""


@dataclass(slots=True)
class HostState:
    """Variables that one host gained in this run. The mappings are changed in place, so whoever holds them sees it.

    ``injects``: whether facts are variables of their own, too (``inject_facts_as_vars``); ``ansible_local`` always is.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    """``ansible_facts``: names without ``ansible_``."""
    injected: dict[str, Any] = field(default_factory=dict)
    """The same facts under their full names."""
    included: dict[str, Any] = field(default_factory=dict)
    """By ``include_vars``."""
    set: dict[str, Any] = field(default_factory=dict)
    """By ``set_fact`` and ``register``."""
    injects: bool = True
    changes: int = 0
    """Counts changes of facts; what was computed from them asks whether it is still true."""

    def learn(self, facts: Mapping[str, Any]) -> None:
        """Take facts as a module returns them (``ansible_…`` or, by a cacheable ``set_fact``, any name)."""
        self.changes += 1
        for name, value in facts.items():
            short = name if name == "ansible_local" else name.removeprefix("ansible_")
            self.facts[short] = value
            if (self.injects or name == "ansible_local") and not _FORBIDDEN.match(name):
                self.injected[name] = value

    def forget(self) -> None:
        """Drop all facts (``meta: clear_facts``)."""
        self.changes += 1
        self.facts.clear()
        self.injected.clear()
