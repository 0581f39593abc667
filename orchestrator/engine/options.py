"""What the person at the command line chose for a run, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from orchestrator.model.frozen import frozen
from orchestrator.model.secrets import Secret
from orchestrator.transport.base import Limits

if TYPE_CHECKING:
    from orchestrator.language.inventory import Brought
    from orchestrator.planning.fact_cache import FactCache


@frozen(kw_only=True)
class Options:
    """Flags of ``orch run`` and ``orch exec``; the names are Ansible's where the meaning is."""

    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    limit: str | None = None
    needs_matches: bool = False
    """Whether a host pattern of a play that names nobody ends the run (``host_pattern_mismatch = error``)."""
    leaves_hosts: bool = False
    """Whether ``limit`` leaves out hosts of the run, which a later process of it is to work on."""
    tags: tuple[str, ...] = ("all",)
    skip_tags: tuple[str, ...] = ()
    check: bool = False
    diff: bool = False
    forks: int = 50
    engine: str | None = None
    """Who holds the connections: here, processes:N or dask://HOST:PORT; None: as the fleet is large."""
    start_at_task: str | None = None
    step: bool = False
    verbosity: int = 0
    connection: str | None = None
    user: str | None = None
    private_key: str | None = None
    password: Secret | None = None
    become: bool = False
    become_user: str | None = None
    become_method: str | None = None
    become_password: Secret | None = None
    timeout_s: int | None = None
    ssh_common_args: str = ""
    host_key_checking: bool = True
    known_hosts: tuple[str, ...] = ()
    gathering: str = "implicit"
    inject_facts: bool = True
    fact_cache: FactCache | None = None
    """Where facts outlive the run; None: nowhere."""
    strategy: str = "linear"
    any_errors_fatal: bool = False
    no_log: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the lookup ``config`` answers, by Ansible's names."""
    ini: Mapping[str, str] = field(default_factory=dict)
    """What ansible.cfg says, by ``section:key``, for plug-ins of the user's own."""
    plugin_dirs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kind (filter, test, lookup) → directories with plug-ins of the user's own."""
    collections_path: tuple[str, ...] = ()
    """Directories that hold ``ansible_collections``, besides ``collections/`` beside a playbook."""
    force_handlers: bool = False
    error_on_missing_handler: bool = True
    hash_behaviour: str = "replace"
    limits: Limits = Limits()
    interactive: bool = False
    """True where a person can answer prompts (a terminal on stdin)."""
    config_file: str | None = None
    vault_passwords: Mapping[str, Secret] = field(default_factory=dict)
    open_vault: Any = None
    """``(ciphertext, file) -> plain bytes`` for vaulted files and values; None where no vault password was given."""
    brought: Brought | None = None
    """Variables of hosts and groups that plug-ins of the user's bring."""
    open_beside: Any = None
    """What opens vaulted files of group_vars/ and host_vars/ instead."""
    vault: Any = None
    """``(data, secret, vault_id, salt) -> text``: what the filter ``vault`` does."""
    unvault: Any = None
    """``(text, secret, vault_id) -> text``: what the filter ``unvault`` does."""
    run_limit_s: int | None = None
    """After so long no task is begun any more."""
    task_timeout_s: int = 0
    """Ansible's ``timeout`` default for tasks; 0 means the limit in ``limits.task_s`` alone."""
