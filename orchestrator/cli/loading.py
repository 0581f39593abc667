"""Files to a playbook, an inventory and the options of a run: everything that can be wrong before anything is touched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestrator.cli import passwords
from orchestrator.cli.extra_vars import extra_vars
from orchestrator.cli.flags import HostFlags, InventoryFlags, RunFlags
from orchestrator.engine.options import Options
from orchestrator.language.ansible_cfg import Config, load_config
from orchestrator.model.hosts import Inventory
from orchestrator.secrets.redact import Redactor
from orchestrator.secrets.vault import Vault
from orchestrator.transport.base import Limits

DEFAULT_FORKS = 50


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for the whole command line: configuration, vault, extra variables, and what must not be shown."""

    config: Config
    vault: Vault
    extra_vars: dict[str, Any]
    redactor: Redactor = field(default_factory=Redactor)

    def open_vault(self, data: bytes, file: str) -> bytes:
        """The plain bytes of a vaulted file or value; a value of one line is hidden from then on."""
        plain = self.vault.open(data, file)
        if b"\n" not in plain.strip():
            self.redactor.add(plain.decode("utf-8", "replace").strip(), f"a vaulted value in {file}")
        return plain


def setting(flags: InventoryFlags) -> Setting:
    """The setting that ``flags``, ansible.cfg and the environment make together."""
    config = load_config()
    redactor = Redactor()
    vault = Vault(passwords.vault_keys(flags, _vault_sources(config), redactor))
    return Setting(config, vault, extra_vars(flags.extra_vars or [], vault.open), redactor)


def inventory_of(flags: InventoryFlags, where: Setting) -> Inventory:
    """The inventory of ``-i``, else of the configuration, else only what localhost is."""
    from orchestrator.language.inventory import load_inventory

    sources = tuple(flags.inventory or where.config.inventory)
    present = [each for each in sources if flags.inventory or "," in each or os.path.exists(each)]
    return load_inventory(present, open_vault=where.open_vault)


def options_of(flags: HostFlags, where: Setting) -> Options:
    """The engine's options: flags first, then ansible.cfg."""
    config = where.config
    login = passwords.login_password(flags, where.redactor)
    become = passwords.become_password(flags, login, where.redactor)
    timeout_s = flags.timeout or config.timeout
    selected = _selection(flags) if isinstance(flags, RunFlags) else {}
    return Options(
        extra_vars=where.extra_vars,
        limit=flags.limit,
        check=flags.check,
        diff=flags.diff or config.diff_always,
        forks=flags.forks or config.forks or DEFAULT_FORKS,
        verbosity=flags.verbose,
        connection=flags.connection,
        user=flags.user or config.remote_user,
        private_key=flags.private_key or config.private_key_file,
        password=login,
        become=flags.become or bool(config.become),
        become_user=flags.become_user or config.become_user,
        become_method=flags.become_method or config.become_method,
        become_password=become,
        timeout_s=timeout_s,
        ssh_common_args=" ".join(filter(None, [flags.ssh_common_args, flags.ssh_extra_args])),
        host_key_checking=config.host_key_checking,
        gathering=config.gathering,
        hash_behaviour=config.hash_behaviour,
        limits=Limits(connect_s=float(timeout_s)) if timeout_s else Limits(),
        interactive=os.isatty(0),
        config_file=config.path,
        vault_passwords={key.label: key.password for key in where.vault.keys},
        open_vault=where.open_vault,
        **selected,
    )


def split_tags(given: Sequence[str] | None) -> tuple[str, ...]:
    """The tags of repeated flags, each of which may hold several, separated by commas."""
    return tuple(tag.strip() for text in given or [] for tag in text.split(",") if tag.strip())


def _selection(flags: RunFlags) -> dict[str, Any]:
    return {
        "tags": split_tags(flags.tags) or ("all",),
        "skip_tags": split_tags(flags.skip_tags),
        "start_at_task": flags.start_at_task,
        "step": flags.step,
        "force_handlers": flags.force_handlers,
    }


def _vault_sources(config: Config) -> list[str]:
    return [*config.vault_identity_list, *([config.vault_password_file] if config.vault_password_file else [])]
