"""What ansible.cfg says, as far as it means something here.

Looked for as Ansible does: the file named by ANSIBLE_CONFIG, ./ansible.cfg, ~/.ansible.cfg,
/etc/ansible/ansible.cfg; the first that exists counts. One in a world-writable current directory is passed
over: anyone could have put it there. Environment variables of the same settings override it. Sections and
keys are those of ansible-core 2.19's ``config/base.yml``.
"""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Any

from orchestrator.language.keywords import did_you_mean
from orchestrator.model.errors import ConfigError
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Place

_TRUE = ("y", "yes", "on", "1", "true", "t", "1.0")
_FALSE = ("n", "no", "off", "0", "false", "f", "0.0")


INVENTORY_FORMS = ("host_list", "script", "auto", "yaml", "ini", "toml")
IGNORED_ENDS = (".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry")
"""What ends the names of files that are no inventory (Ansible's defaults)."""


@frozen(kw_only=True)
class Config:
    """Settings with Ansible's defaults. Paths are absolute; ``ignored`` names keys that mean nothing here."""

    path: str | None = None
    inventory: tuple[str, ...] = ("/etc/ansible/hosts",)
    roles_path: tuple[str, ...] = ("~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles")
    collections_path: tuple[str, ...] = ("~/.ansible/collections", "/usr/share/ansible/collections")
    module_path: tuple[str, ...] = ("~/.ansible/plugins/modules", "/usr/share/ansible/plugins/modules")
    action_plugins: tuple[str, ...] = ("~/.ansible/plugins/action", "/usr/share/ansible/plugins/action")
    module_utils: tuple[str, ...] = ("~/.ansible/plugins/module_utils", "/usr/share/ansible/plugins/module_utils")
    filter_plugins: tuple[str, ...] = ("~/.ansible/plugins/filter", "/usr/share/ansible/plugins/filter")
    test_plugins: tuple[str, ...] = ("~/.ansible/plugins/test", "/usr/share/ansible/plugins/test")
    lookup_plugins: tuple[str, ...] = ("~/.ansible/plugins/lookup", "/usr/share/ansible/plugins/lookup")
    connection_plugins: tuple[str, ...] = ("~/.ansible/plugins/connection", "/usr/share/ansible/plugins/connection")
    inventory_plugins: tuple[str, ...] = ("~/.ansible/plugins/inventory", "/usr/share/ansible/plugins/inventory")
    vars_plugins: tuple[str, ...] = ("~/.ansible/plugins/vars", "/usr/share/ansible/plugins/vars")
    cache_plugins: tuple[str, ...] = ("~/.ansible/plugins/cache", "/usr/share/ansible/plugins/cache")
    forks: int = 5
    timeout: int = 10
    poll_interval: int = 15
    private_key_file: str | None = None
    remote_user: str | None = None
    remote_port: int | None = None
    host_key_checking: bool = True
    transport: str = "ssh"
    vault_password_file: str | None = None
    vault_identity_list: tuple[str, ...] = ()
    vault_identity: str = "default"
    vault_id_match: bool = False
    ask_pass: bool = False
    ask_vault_pass: bool = False
    become: bool = False
    become_method: str = "sudo"
    become_user: str = "root"
    become_ask_pass: bool = False
    become_exe: str | None = None
    become_flags: str | None = None
    become_password_file: str | None = None
    connection_password_file: str | None = None
    gathering: str = "implicit"
    facts_modules: tuple[str, ...] = ("smart",)
    gather_timeout: int | None = None
    hash_behaviour: str = "replace"
    ansible_managed: str = "Ansible managed"
    error_on_undefined_vars: bool = True
    jinja2_extensions: tuple[str, ...] = ()
    strategy: str = "linear"
    any_errors_fatal: bool = False
    force_handlers: bool = False
    error_on_missing_handler: bool = True
    allow_broken_conditionals: bool = False
    max_fail_percentage: float | None = None
    no_log: bool = False
    task_timeout: int = 0
    log_path: str | None = None
    retry_files_enabled: bool = False
    inject_facts_as_vars: bool = True
    fact_caching: str = "memory"
    fact_caching_connection: str | None = None
    fact_caching_prefix: str = ""
    fact_caching_timeout: int = 86400
    playbook_dir: str | None = None
    run_tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    diff_always: bool = False
    diff_context: int = 3
    nocolor: bool = False
    force_color: bool = False
    display_skipped_hosts: bool = True
    display_ok_hosts: bool = True
    display_failed_stderr: bool = False
    callback_result_format: str = "json"
    stdout_callback: str = "default"
    callbacks_enabled: tuple[str, ...] = ()
    callback_format_pretty: bool | None = None
    host_pattern_mismatch: str = "warning"
    show_custom_stats: bool = False
    private_role_vars: bool | None = None
    duplicate_dict_key: str = "warn"
    force_valid_group_names: str = "never"
    plugin_filters_cfg: str | None = None
    inventory_unparsed_is_failed: bool = False
    inventory_any_unparsed_is_failed: bool = False
    vars_plugins_enabled: tuple[str, ...] = ("host_group_vars",)
    run_vars_plugins: str = "demand"
    inventory_enabled: tuple[str, ...] = INVENTORY_FORMS
    inventory_ignore_exts: tuple[str, ...] = IGNORED_ENDS
    inventory_ignore_patterns: tuple[str, ...] = ()
    ssh_args: str | None = None
    ssh_common_args: str | None = None
    ssh_retries: int = 0
    written: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


@frozen
class _Setting:
    """Where a setting stands: ``section:key`` spellings, environment variables, and its type."""

    keys: tuple[str, ...]
    env: tuple[str, ...]
    kind: str = "text"
    choices: tuple[str, ...] = ()


_SETTINGS = {
    "show_custom_stats": _Setting(("defaults:show_custom_stats",), ("ANSIBLE_SHOW_CUSTOM_STATS",), "bool"),
    "duplicate_dict_key": _Setting(
        ("defaults:duplicate_dict_key",),
        ("ANSIBLE_DUPLICATE_YAML_DICT_KEY",),
        choices=("warn", "error", "ignore"),
    ),
    "force_valid_group_names": _Setting(
        ("defaults:force_valid_group_names",),
        ("ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS",),
        choices=("always", "never", "ignore", "silently"),
    ),
    "plugin_filters_cfg": _Setting(("defaults:plugin_filters_cfg",), ("ANSIBLE_PLUGIN_FILTERS_CFG",), "path"),
    "private_role_vars": _Setting(("defaults:private_role_vars",), ("ANSIBLE_PRIVATE_ROLE_VARS",), "bool"),
    "inventory_unparsed_is_failed": _Setting(
        ("inventory:unparsed_is_failed",), ("ANSIBLE_INVENTORY_UNPARSED_FAILED",), "bool"
    ),
    "inventory_any_unparsed_is_failed": _Setting(
        ("inventory:any_unparsed_is_failed",), ("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED",), "bool"
    ),
    "vars_plugins_enabled": _Setting(("defaults:vars_plugins_enabled",), ("ANSIBLE_VARS_ENABLED",), "list"),
    "run_vars_plugins": _Setting(
        ("defaults:run_vars_plugins",), ("ANSIBLE_RUN_VARS_PLUGINS",), choices=("demand", "start")
    ),
    "inventory_enabled": _Setting(("inventory:enable_plugins",), ("ANSIBLE_INVENTORY_ENABLED",), "list"),
    "inventory_ignore_exts": _Setting(
        ("defaults:inventory_ignore_extensions", "inventory:ignore_extensions"), ("ANSIBLE_INVENTORY_IGNORE",), "list"
    ),
    "inventory_ignore_patterns": _Setting(
        ("defaults:inventory_ignore_patterns", "inventory:ignore_patterns"), ("ANSIBLE_INVENTORY_IGNORE_REGEX",), "list"
    ),
    "inventory": _Setting(("defaults:inventory",), ("ANSIBLE_INVENTORY",), "sources"),
    "roles_path": _Setting(("defaults:roles_path",), ("ANSIBLE_ROLES_PATH",), "paths"),
    "collections_path": _Setting(
        ("defaults:collections_path", "defaults:collections_paths"), ("ANSIBLE_COLLECTIONS_PATH",), "paths"
    ),
    "module_path": _Setting(("defaults:library",), ("ANSIBLE_LIBRARY",), "paths"),
    **{
        f"{kind}_plugins": _Setting((f"defaults:{kind}_plugins",), (f"ANSIBLE_{kind.upper()}_PLUGINS",), "paths")
        for kind in ("action", "cache", "connection", "filter", "inventory", "lookup", "test", "vars")
    },
    "module_utils": _Setting(("defaults:module_utils",), ("ANSIBLE_MODULE_UTILS",), "paths"),
    "forks": _Setting(("defaults:forks",), ("ANSIBLE_FORKS",), "int"),
    "timeout": _Setting(
        ("defaults:timeout", "ssh_connection:timeout"), ("ANSIBLE_TIMEOUT", "ANSIBLE_SSH_TIMEOUT"), "int"
    ),
    "poll_interval": _Setting(("defaults:poll_interval",), ("ANSIBLE_POLL_INTERVAL",), "int"),
    "private_key_file": _Setting(("defaults:private_key_file",), ("ANSIBLE_PRIVATE_KEY_FILE",), "path"),
    "remote_user": _Setting(("defaults:remote_user",), ("ANSIBLE_REMOTE_USER",)),
    "remote_port": _Setting(("defaults:remote_port",), ("ANSIBLE_REMOTE_PORT",), "int"),
    "host_key_checking": _Setting(
        ("defaults:host_key_checking", "ssh_connection:host_key_checking"),
        ("ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_SSH_HOST_KEY_CHECKING"),
        "bool",
    ),
    "transport": _Setting(("defaults:transport",), ("ANSIBLE_TRANSPORT",)),
    "vault_password_file": _Setting(("defaults:vault_password_file",), ("ANSIBLE_VAULT_PASSWORD_FILE",), "path"),
    "vault_identity_list": _Setting(("defaults:vault_identity_list",), ("ANSIBLE_VAULT_IDENTITY_LIST",), "list"),
    "vault_identity": _Setting(("defaults:vault_identity",), ("ANSIBLE_VAULT_IDENTITY",)),
    "vault_id_match": _Setting(("defaults:vault_id_match",), ("ANSIBLE_VAULT_ID_MATCH",), "bool"),
    "ask_pass": _Setting(("defaults:ask_pass",), ("ANSIBLE_ASK_PASS",), "bool"),
    "ask_vault_pass": _Setting(("defaults:ask_vault_pass",), ("ANSIBLE_ASK_VAULT_PASS",), "bool"),
    "become": _Setting(("privilege_escalation:become",), ("ANSIBLE_BECOME",), "bool"),
    "become_method": _Setting(("privilege_escalation:become_method",), ("ANSIBLE_BECOME_METHOD",)),
    "become_user": _Setting(("privilege_escalation:become_user",), ("ANSIBLE_BECOME_USER",)),
    "become_ask_pass": _Setting(("privilege_escalation:become_ask_pass",), ("ANSIBLE_BECOME_ASK_PASS",), "bool"),
    "become_exe": _Setting(("privilege_escalation:become_exe",), ("ANSIBLE_BECOME_EXE",)),
    "become_flags": _Setting(("privilege_escalation:become_flags",), ("ANSIBLE_BECOME_FLAGS",)),
    "become_password_file": _Setting(("defaults:become_password_file",), ("ANSIBLE_BECOME_PASSWORD_FILE",), "path"),
    "connection_password_file": _Setting(
        ("defaults:connection_password_file",), ("ANSIBLE_CONNECTION_PASSWORD_FILE",), "path"
    ),
    "gathering": _Setting(("defaults:gathering",), ("ANSIBLE_GATHERING",), choices=("implicit", "explicit", "smart")),
    "facts_modules": _Setting(("defaults:facts_modules",), ("ANSIBLE_FACTS_MODULES",), "list"),
    "gather_timeout": _Setting(("defaults:gather_timeout",), ("ANSIBLE_GATHER_TIMEOUT",), "int"),
    "hash_behaviour": _Setting(("defaults:hash_behaviour",), ("ANSIBLE_HASH_BEHAVIOUR",), choices=("replace", "merge")),
    "error_on_undefined_vars": _Setting(
        ("defaults:error_on_undefined_vars",), ("ANSIBLE_ERROR_ON_UNDEFINED_VARS",), "bool"
    ),
    "jinja2_extensions": _Setting(("defaults:jinja2_extensions",), ("ANSIBLE_JINJA2_EXTENSIONS",), "list"),
    "ansible_managed": _Setting(("defaults:ansible_managed",), ()),
    "strategy": _Setting(("defaults:strategy",), ("ANSIBLE_STRATEGY",)),
    "any_errors_fatal": _Setting(("defaults:any_errors_fatal",), ("ANSIBLE_ANY_ERRORS_FATAL",), "bool"),
    "force_handlers": _Setting(("defaults:force_handlers",), ("ANSIBLE_FORCE_HANDLERS",), "bool"),
    "allow_broken_conditionals": _Setting(
        ("defaults:allow_broken_conditionals",), ("ANSIBLE_ALLOW_BROKEN_CONDITIONALS",), "bool"
    ),
    "error_on_missing_handler": _Setting(
        ("defaults:error_on_missing_handler",), ("ANSIBLE_ERROR_ON_MISSING_HANDLER",), "bool"
    ),
    "max_fail_percentage": _Setting(("defaults:max_fail_percentage",), (), "float"),
    "no_log": _Setting(("defaults:no_log",), ("ANSIBLE_NO_LOG",), "bool"),
    "task_timeout": _Setting(("defaults:task_timeout",), ("ANSIBLE_TASK_TIMEOUT",), "int"),
    "log_path": _Setting(("defaults:log_path",), ("ANSIBLE_LOG_PATH",), "path"),
    "retry_files_enabled": _Setting(("defaults:retry_files_enabled",), ("ANSIBLE_RETRY_FILES_ENABLED",), "bool"),
    "inject_facts_as_vars": _Setting(("defaults:inject_facts_as_vars",), ("ANSIBLE_INJECT_FACT_VARS",), "bool"),
    "fact_caching": _Setting(("defaults:fact_caching",), ("ANSIBLE_CACHE_PLUGIN",)),
    "fact_caching_connection": _Setting(
        ("defaults:fact_caching_connection",), ("ANSIBLE_CACHE_PLUGIN_CONNECTION",), "path"
    ),
    "fact_caching_prefix": _Setting(("defaults:fact_caching_prefix",), ("ANSIBLE_CACHE_PLUGIN_PREFIX",)),
    "fact_caching_timeout": _Setting(("defaults:fact_caching_timeout",), ("ANSIBLE_CACHE_PLUGIN_TIMEOUT",), "int"),
    "playbook_dir": _Setting(("defaults:playbook_dir",), ("ANSIBLE_PLAYBOOK_DIR",), "path"),
    "run_tags": _Setting(("tags:run",), ("ANSIBLE_RUN_TAGS",), "list"),
    "skip_tags": _Setting(("tags:skip",), ("ANSIBLE_SKIP_TAGS",), "list"),
    "diff_always": _Setting(("diff:always",), ("ANSIBLE_DIFF_ALWAYS",), "bool"),
    "diff_context": _Setting(("diff:context",), ("ANSIBLE_DIFF_CONTEXT",), "int"),
    "nocolor": _Setting(("defaults:nocolor",), ("ANSIBLE_NOCOLOR", "NO_COLOR"), "bool"),
    "force_color": _Setting(("defaults:force_color",), ("ANSIBLE_FORCE_COLOR",), "bool"),
    "display_skipped_hosts": _Setting(("defaults:display_skipped_hosts",), ("ANSIBLE_DISPLAY_SKIPPED_HOSTS",), "bool"),
    "display_ok_hosts": _Setting(("defaults:display_ok_hosts",), ("ANSIBLE_DISPLAY_OK_HOSTS",), "bool"),
    "display_failed_stderr": _Setting(("defaults:display_failed_stderr",), ("ANSIBLE_DISPLAY_FAILED_STDERR",), "bool"),
    "stdout_callback": _Setting(("defaults:stdout_callback",), ("ANSIBLE_STDOUT_CALLBACK",)),
    "callbacks_enabled": _Setting(("defaults:callbacks_enabled",), ("ANSIBLE_CALLBACKS_ENABLED",), "list"),
    "callback_result_format": _Setting(
        ("defaults:callback_result_format",), ("ANSIBLE_CALLBACK_RESULT_FORMAT",), choices=("json", "yaml")
    ),
    "callback_format_pretty": _Setting(
        ("defaults:callback_format_pretty",), ("ANSIBLE_CALLBACK_FORMAT_PRETTY",), "bool"
    ),
    "host_pattern_mismatch": _Setting(
        ("inventory:host_pattern_mismatch",),
        ("ANSIBLE_HOST_PATTERN_MISMATCH",),
        choices=("warning", "error", "ignore"),
    ),
    "ssh_args": _Setting(("ssh_connection:ssh_args",), ("ANSIBLE_SSH_ARGS",)),
    "ssh_common_args": _Setting(("ssh_connection:ssh_common_args",), ("ANSIBLE_SSH_COMMON_ARGS",)),
    "ssh_retries": _Setting(("ssh_connection:retries",), ("ANSIBLE_SSH_RETRIES",), "int"),
}


def find_config(environ: Mapping[str, str], directory: str = ".") -> str | None:
    """The path of the ansible.cfg that counts, or None."""
    named = environ.get("ANSIBLE_CONFIG")
    here = os.path.abspath(directory)
    is_open = bool(os.stat(here).st_mode & stat.S_IWOTH)
    home = environ.get("HOME") or os.path.expanduser("~")
    candidates = [
        *([_named(named)] if named else []),
        *([] if is_open else [os.path.join(here, "ansible.cfg")]),
        os.path.join(home, ".ansible.cfg"),
        "/etc/ansible/ansible.cfg",
    ]
    return next((path for path in candidates if os.access(path, os.R_OK) and os.path.isfile(path)), None)


def _named(path: str) -> str:
    path = os.path.abspath(os.path.expanduser(path))
    return os.path.join(path, "ansible.cfg") if os.path.isdir(path) else path


def load_config(environ: Mapping[str, str] | None = None, directory: str = ".") -> Config:
    """The settings that hold in ``directory``. Raises UserError for a file or value that cannot be
    understood.
    """
    env = os.environ if environ is None else environ
    path = find_config(env, directory)
    written = _written(path) if path else {}
    base = os.path.dirname(path) if path else os.path.abspath(directory)
    found: dict[str, Any] = {"path": path}
    for each in fields(Config):
        if setting := _SETTINGS.get(each.name):
            value = _value(each.name, setting, written, env, base, path, os.path.abspath(directory))
            found[each.name] = _default(each.default) if value is None else value
    known = {key for setting in _SETTINGS.values() for key in setting.keys}
    return Config(**found, written=written, ignored=tuple(key for key in written if key not in known))


def _written(path: str) -> dict[str, str]:
    """What the file says, by ``section:key``."""
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",), interpolation=None)
    try:
        parser.read_string(Path(path).read_text(encoding="utf-8-sig"), path)
    except configparser.Error as cause:
        line = getattr(cause, "lineno", None) or next(iter(getattr(cause, "errors", [])), (1,))[0]
        raise ConfigError(
            f"ansible.cfg cannot be read: {str(cause).splitlines()[0]}",
            place=Place(path, line),
            hint="[section] and key = value",
        ) from cause
    except (OSError, UnicodeDecodeError) as cause:
        raise ConfigError(f"ansible.cfg cannot be read: {cause}", place=Place(path)) from cause
    return {f"{section}:{key}": value for section in parser.sections() for key, value in parser.items(section)}


def _value(
    name: str,
    setting: _Setting,
    written: Mapping[str, str],
    env: Mapping[str, str],
    base: str,
    path: str | None,
    cwd: str,
) -> Any:
    for variable in setting.env:
        if variable in env:
            return _typed(name, setting, env[variable], cwd, Place(f"${variable}"))
    for key in setting.keys:
        if key in written:
            return _typed(name, setting, written[key], base, Place(path or "ansible.cfg", _line_of(path, key)))
    return None


def _line_of(path: str | None, key: str) -> int:
    """The line on which ``section:key`` stands."""
    section, _, name = key.partition(":")
    inside = False
    for number, line in enumerate(Path(path or "").read_text(encoding="utf-8-sig").splitlines(), 1):
        if line.strip().startswith("["):
            inside = line.strip().startswith(f"[{section}]")
        elif inside and line.split("=")[0].split(":")[0].strip().lower() == name:
            return number
    return 1


def _typed(name: str, setting: _Setting, text: str, base: str, place: Place) -> Any:
    text = text.strip().strip("'\"") if setting.kind != "list" else text.strip()
    if setting.choices and text not in setting.choices:
        hint = did_you_mean(text, setting.choices)
        raise ConfigError(f"{name} is one of {', '.join(setting.choices)}, not {text!r}", place=place, hint=hint)
    try:
        return _KINDS[setting.kind](text, base)
    except (ValueError, KeyError) as cause:
        raise ConfigError(f"{name} cannot be {text!r}", place=place, hint=f"it is of type {setting.kind}") from cause


def _bool(text: str, base: str) -> bool:
    return {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}[text.lower()]


def _path(text: str, base: str) -> str | None:
    text = text.replace("{{CWD}}", os.getcwd()).replace("{{ANSIBLE_HOME}}", "~/.ansible")
    return os.path.normpath(os.path.join(base, os.path.expandvars(os.path.expanduser(text)))) if text else None


def _paths(text: str, base: str) -> tuple[str, ...]:
    return tuple(path for part in text.split(os.pathsep) if (path := _path(part.strip(), base)))


def _sources(text: str, base: str) -> tuple[str, ...]:
    """Paths separated by commas; a list of hosts is told by the comma at its end, as with ``-i``."""
    if text.endswith(","):
        return (text,)
    return tuple(path for part in text.split(",") if (path := _path(part.strip(), base)))


def _default(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(os.path.expanduser(each) for each in value)
    return value


_KINDS: dict[str, Any] = {
    "text": lambda text, base: text or None,
    "int": lambda text, base: int(text),
    "float": lambda text, base: float(text),
    "bool": _bool,
    "path": _path,
    "paths": _paths,
    "sources": _sources,
    "list": lambda text, base: tuple(part.strip() for part in text.split(",") if part.strip()),
}
