"""Files to a playbook, an inventory and the options of a run: all that can be wrong before anything is touched."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING, Any

from orchestrator.cli import passwords, plugged
from orchestrator.cli.extra_vars import extra_vars
from orchestrator.cli.fact_cache import fact_cache
from orchestrator.cli.flags import HostFlags, InventoryFlags, RunFlags
from orchestrator.cli.last_write import hide_with
from orchestrator.engine.options import Options
from orchestrator.language.ansible_cfg import Config, load_config
from orchestrator.language.config_names import named
from orchestrator.language.locator import Locator
from orchestrator.language.reading import Combine
from orchestrator.language.reading import Options as Reading
from orchestrator.language.tree import Playbook
from orchestrator.model.errors import InventoryError, KeywordValue, PlaybookError, TemplateError, UserError
from orchestrator.model.frozen import frozen
from orchestrator.model.hosts import Group, Host, Inventory
from orchestrator.model.place import Text
from orchestrator.model.secrets import Secret
from orchestrator.secrets.redact import Redactor
from orchestrator.secrets.vault import Vault, open_text, seal_text
from orchestrator.transport.base import Limits

if TYPE_CHECKING:
    from orchestrator.language.inventory.assembly import Judge

DEFAULT_FORKS = 50
Mistake = Callable[[KeywordValue], None]

PASSWORDS = frozenset(
    "ansible_password ansible_ssh_pass ansible_ssh_password ansible_become_pass ansible_become_password "
    "ansible_sudo_pass ansible_ssh_private_key_passphrase".split()
)
"""Variables whose values are passwords."""

SECRET_ENDS = ("password", "_pass", "passphrase", "_token", "_secret")
"""What the names of extra variables end in whose values are hidden, in the journal's command line too."""


@frozen
class Setting:
    """What holds for the whole command line: configuration, vault, extra variables, and what must not be shown."""

    config: Config
    vault: Vault
    extra_vars: dict[str, Any]
    redactor: Redactor = field(default_factory=Redactor)
    registered: Mapping[str, Secret] = field(default_factory=dict)
    """The secrets of the registry, by name."""
    warnings: list[str] = field(default_factory=list)
    """What the reading of files warns of; grows until the run begins."""
    locator: Locator = field(default_factory=Locator)
    """The user's own modules; learns of more as playbooks and roles are read."""
    evidence: tuple[str, ...] = ()
    """What the journal is to say of this setting."""

    def open_vault(self, data: bytes, file: str) -> bytes:
        """The plain bytes of a vaulted file or value; a value of one line is hidden from then on."""
        plain = self.vault.open(data, file)
        if b"\n" not in plain.strip():
            self.redactor.add(plain.decode("utf-8", "replace").strip(), f"a vaulted value in {file}")
        return plain

    def open_if_possible(self, data: bytes, file: str) -> bytes:
        """As ``open_vault``, but nothing where no password opens it: who lists plays looks at no host's variables."""
        try:
            return self.open_vault(data, file)
        except UserError:
            return b""


def setting(flags: InventoryFlags) -> Setting:
    """The setting that ``flags``, ansible.cfg and the environment make together."""
    config = load_config()
    redactor = Redactor()
    hide_with(redactor.text)
    asked = ["default@prompt"] if config.ask_vault_pass and not flags.ask_vault_password else []
    warnings = list[str]()
    sources = [*asked, *_vault_sources(config)]
    keys = passwords.vault_keys(flags, sources, redactor, warnings.append, passwords.answer)
    vault = Vault(keys, by_label=config.vault_id_match)
    given = extra_vars(flags.extra_vars or [], vault.open)
    _hide(given, "the command line", redactor, lambda name: str(name).lower().endswith(SECRET_ENDS))
    if not (isinstance(flags, HostFlags) and flags.secrets):
        return Setting(config, vault, given, redactor, warnings=warnings, locator=_locator(config, flags))
    from orchestrator.cli.registered import registered

    kept = registered(flags.secrets, flags.environment, vault.open, redactor)
    return Setting(
        config,
        vault,
        {**kept.variables, **given},
        redactor,
        kept.values,
        [*warnings, *kept.warnings],
        locator=_locator(config, flags),
        evidence=(kept.evidence,),
    )


def inventory_of(flags: InventoryFlags, where: Setting) -> Inventory:
    """The inventory of ``-i``, else of the configuration; without either only localhost is known."""
    from orchestrator.language.inventory import Wanted, load_inventory

    configured = [each for each in where.config.inventory if "," in each or os.path.exists(each)]
    config, broken = where.config, list[InventoryError]()
    inventory = load_inventory(
        flags.inventory or configured,
        open_vault=where.open_vault,
        hash_behaviour=_combine(config),
        warn=where.warnings.append,
        broken=None if config.inventory_any_unparsed_is_failed else broken.append,
        judge=_judge(where.extra_vars),
        open_beside=where.open_if_possible if isinstance(flags, RunFlags) and flags.is_listing else None,
        makes_valid=config.force_valid_group_names in ("always", "silently"),
        wanted=Wanted(config.inventory_enabled, config.inventory_ignore_exts, config.inventory_ignore_patterns),
        plugins=plugged.InventoryPlugins(config, where.locator, where.open_vault),
        brought=plugged.vars_plugins(config, where.locator, where.open_vault),
    )
    if broken and config.inventory_unparsed_is_failed and not inventory.hosts:
        raise broken[0]
    where.warnings.extend(f"{error}\n  this inventory source is passed over" for error in broken)
    _hide_passwords(inventory, where.redactor)
    if where.registered:
        from orchestrator.cli.registered import check_literals

        check_literals(filter(os.path.isfile, flags.inventory or configured), where.registered)
    return inventory


def _judge(extra: Mapping[str, Any]) -> Judge:
    """How the expressions of an inventory are evaluated; what comes to ``omit`` is none."""
    from orchestrator.language.inventory.assembly import Judge
    from orchestrator.planning.render import OMIT, Renderer

    def value(written: Text, known: Mapping[str, Any]) -> Any:
        found = Renderer(known).expression(written)
        if found is OMIT:
            raise TemplateError("the expression comes to omit")
        return found

    return Judge(
        value=value,
        holds=lambda written, known: Renderer(known).condition(written),
        text=lambda written, known: Renderer(known).keyword(written),
        extra_vars=extra,
    )


def check_limit(inventory: Inventory, limit: str | None) -> None:
    """Raise InventoryError where ``--limit`` leaves no host of an inventory that has some."""
    from orchestrator.language.inventory import select

    if limit and inventory.hosts and not select(inventory, "all", limit):
        raise InventoryError(
            "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.",
            evidence=f"--limit {limit}",
            hint="orch inventory graph shows the groups and hosts",
        )


def _hide_passwords(inventory: Inventory, redactor: Redactor) -> None:
    """Hide passwords that stand in the inventory as plain text; templates are somebody else's."""
    owners: list[Group | Host] = [*inventory.groups.values(), *inventory.hosts.values()]
    for owner in owners:
        for values in (owner.vars, owner.file_vars):
            _hide(values, owner.name, redactor, PASSWORDS.__contains__)


def _hide(values: Mapping[str, Any], owner: str, redactor: Redactor, is_secret: Callable[[str], bool]) -> None:
    """Hide those of ``values`` whose names say that they are secret and that hold no template."""
    for name, value in values.items():
        if is_secret(name) and isinstance(value, str) and "{{" not in value:
            redactor.add(str(value), f"{name} of {owner}")


def playbook_of(paths: Sequence[str], where: Setting, *, mistake: Mistake | None = None) -> Playbook:
    """The plays of the playbook files. Raises PlaybookErrors with all that is wrong in them; ``mistake`` is
    told of values of keywords with which a task would fail when it is reached, or that can be of no use."""
    from orchestrator.language.playbook import load_playbooks

    playbook = load_playbooks(paths, reading_of(where, mistake))
    if where.registered:
        from orchestrator.cli.exposed import exposed
        from orchestrator.cli.registered import check_literals, check_mentions

        check_mentions(playbook.files, where.registered)
        check_literals(playbook.files, where.registered)
        where.warnings.extend(text for text in exposed(playbook) if ": secrets" in text)
    return playbook


def reading_of(where: Setting, mistake: Mistake | None = None) -> Reading:
    """How playbooks, and what they include later, are read."""
    from orchestrator.language.rejected import rejected_modules
    from orchestrator.modules import elsewhere, spellings
    from orchestrator.planning.render import Renderer

    def render(text: Text, variables: Mapping[str, Any]) -> Any:
        return Renderer(variables).text(text)

    return Reading(
        roles_path=where.config.roles_path,
        collections_path=where.config.collections_path,
        extra_vars=where.extra_vars,
        open_vault=where.open_vault,
        render=render,
        hash_behaviour=_combine(where.config),
        actions=(spellings() | elsewhere().keys()) - rejected_modules(where.config.plugin_filters_cfg),
        locator=where.locator,
        private_role_vars=where.config.private_role_vars,
        late=mistake or (lambda error: where.warnings.append(str(error))),
        impossible=mistake,
        warn=partial(_key_twice, where),
    )


def _locator(config: Config, flags: InventoryFlags) -> Locator:
    """The user's own modules, as far as the configuration and ``--module-path`` know of them."""
    from orchestrator.modules import elsewhere, spellings

    given = [each for text in getattr(flags, "module_path", None) or () for each in text.split(os.pathsep)]
    full_names = frozenset(name for name in spellings() if "." in name)
    modules = (*given, *config.module_path)
    plugins = {kind: getattr(config, f"{kind}_plugins") for kind in ("cache", "connection", "inventory", "vars")}
    ways = (config.module_utils, config.collections_path, full_names, config.action_plugins, plugins, elsewhere())
    return Locator(modules, *ways)


def _key_twice(where: Setting, text: str) -> None:
    """What ``duplicate_dict_key`` makes of a key that is written twice."""
    match where.config.duplicate_dict_key:
        case "error":
            raise PlaybookError(text, hint="duplicate_dict_key is error; it may be warn or ignore")
        case "warn":
            where.warnings.append(text)


def options_of(flags: HostFlags, where: Setting) -> Options:
    """The engine's options: flags first, then ansible.cfg."""
    config = where.config
    login = passwords.login_password(flags, config, where.redactor)
    where.warnings.extend((*_passed_over(flags, config), *plugged.callbacks_passed_over(config)))
    timeout_s = flags.timeout or config.timeout
    return Options(
        extra_vars=where.extra_vars,
        limit=flags.limit,
        check=flags.check,
        diff=flags.diff or config.diff_always,
        forks=flags.forks or _forks(config),
        engine=_engine(flags),
        verbosity=flags.verbose,
        connection=flags.connection or (config.transport if config.transport != "smart" else None),
        user=flags.user or config.remote_user,
        private_key=flags.private_key or config.private_key_file,
        password=login,
        become=flags.become or config.become,
        become_user=flags.become_user or config.become_user,
        become_method=flags.become_method or config.become_method,
        become_password=passwords.become_password(flags, config, login, where.redactor),
        timeout_s=timeout_s,
        ssh_common_args=_ssh_args(flags, config),
        host_key_checking=config.host_key_checking,
        gathering=config.gathering,
        inject_facts=config.inject_facts_as_vars,
        fact_cache=fact_cache(
            config, where.locator, where.warnings, flush=isinstance(flags, RunFlags) and flags.flush_cache
        ),
        strategy=config.strategy,
        settings=named(config),
        ini=config.written,
        any_errors_fatal=config.any_errors_fatal,
        no_log=config.no_log,
        plugin_dirs={kind: getattr(config, f"{kind}_plugins") for kind in ("filter", "test", "lookup")},
        collections_path=config.collections_path,
        hash_behaviour=config.hash_behaviour,
        limits=Limits(connect_s=float(timeout_s)),
        interactive=os.isatty(0),
        config_file=config.path,
        vault_passwords={key.label: key.password for key in where.vault.keys},
        open_vault=where.open_vault,
        brought=plugged.vars_plugins(config, where.locator, where.open_vault),
        vault=seal_text,
        unvault=open_text,
        task_timeout_s=config.task_timeout,
        **(_selection(flags, config) if isinstance(flags, RunFlags) else {}),
    )


def split_tags(given: Sequence[str] | None) -> tuple[str, ...]:
    """The tags of repeated flags, each of which may hold several, separated by commas."""
    return tuple(tag.strip() for text in given or [] for tag in text.split(",") if tag.strip())


def _selection(flags: RunFlags, config: Config) -> dict[str, Any]:
    return {
        "tags": split_tags(flags.tags) or config.run_tags or ("all",),
        "skip_tags": split_tags(flags.skip_tags) or config.skip_tags,
        "needs_matches": config.host_pattern_mismatch == "error",
        "start_at_task": flags.start_at_task,
        "step": flags.step,
        "run_limit_s": flags.run_limit,
        "force_handlers": flags.force_handlers or config.force_handlers,
        "error_on_missing_handler": config.error_on_missing_handler,
    }


def _combine(config: Config) -> Combine:
    return "merge" if config.hash_behaviour == "merge" else "replace"


def _forks(config: Config) -> int:
    """Ansible's default of 5 is not ours: a connection costs a task here, not a process."""
    return config.forks if config.forks != Config().forks else DEFAULT_FORKS


def _engine(flags: HostFlags) -> str | None:
    if flags.engine is None:
        return None
    from orchestrator.transport import hiring

    return hiring.checked(flags.engine)


def _ssh_args(flags: HostFlags, config: Config) -> str:
    return " ".join(
        filter(None, [config.ssh_args, flags.ssh_common_args or config.ssh_common_args, flags.ssh_extra_args])
    )


def _passed_over(flags: HostFlags, config: Config) -> list[str]:
    """What was asked for and has no effect: said, so that nobody counts on it."""
    told = [f"{name} has no effect: files travel over the ssh connection itself" for name in _copy_flags(flags)]
    if config.ignored and flags.verbose:
        told.append(f"{config.path} holds settings that mean nothing here: {', '.join(config.ignored)}")
    return told


def _copy_flags(flags: HostFlags) -> list[str]:
    given = {"--scp-extra-args": flags.scp_extra_args, "--sftp-extra-args": flags.sftp_extra_args}
    return [name for name, value in given.items() if value]


def _vault_sources(config: Config) -> list[str]:
    return [*config.vault_identity_list, *([config.vault_password_file] if config.vault_password_file else [])]
