"""Settings under the names by which the lookup ``config`` asks for them (ansible-core 2.19's ``config/base.yml``)."""

from __future__ import annotations

from typing import Any

from orchestrator.language.ansible_cfg import Config

NAMES = {
    "ALLOW_BROKEN_CONDITIONALS": "allow_broken_conditionals",
    "BECOME_PASSWORD_FILE": "become_password_file",
    "CONNECTION_PASSWORD_FILE": "connection_password_file",
    "DEFAULT_ACTION_PLUGIN_PATH": "action_plugins",
    "DEFAULT_ASK_PASS": "ask_pass",
    "DEFAULT_ASK_VAULT_PASS": "ask_vault_pass",
    "DEFAULT_BECOME": "become",
    "DEFAULT_BECOME_ASK_PASS": "become_ask_pass",
    "DEFAULT_BECOME_METHOD": "become_method",
    "DEFAULT_BECOME_USER": "become_user",
    "DEFAULT_BECOME_EXE": "become_exe",
    "DEFAULT_BECOME_FLAGS": "become_flags",
    "DEFAULT_FILTER_PLUGIN_PATH": "filter_plugins",
    "DEFAULT_FORCE_HANDLERS": "force_handlers",
    "DEFAULT_FORKS": "forks",
    "DEFAULT_GATHER_TIMEOUT": "gather_timeout",
    "DEFAULT_GATHERING": "gathering",
    "DEFAULT_HASH_BEHAVIOUR": "hash_behaviour",
    "DEFAULT_HOST_LIST": "inventory",
    "DEFAULT_JINJA2_EXTENSIONS": "jinja2_extensions",
    "DEFAULT_LOG_PATH": "log_path",
    "DEFAULT_LOOKUP_PLUGIN_PATH": "lookup_plugins",
    "DEFAULT_MANAGED_STR": "ansible_managed",
    "DEFAULT_MODULE_PATH": "module_path",
    "DEFAULT_MODULE_UTILS_PATH": "module_utils",
    "DEFAULT_NO_LOG": "no_log",
    "DEFAULT_POLL_INTERVAL": "poll_interval",
    "DEFAULT_PRIVATE_KEY_FILE": "private_key_file",
    "DEFAULT_PRIVATE_ROLE_VARS": "private_role_vars",
    "DEFAULT_REMOTE_PORT": "remote_port",
    "DEFAULT_REMOTE_USER": "remote_user",
    "DEFAULT_ROLES_PATH": "roles_path",
    "DEFAULT_STRATEGY": "strategy",
    "DEFAULT_TEST_PLUGIN_PATH": "test_plugins",
    "DEFAULT_TIMEOUT": "timeout",
    "DEFAULT_TRANSPORT": "transport",
    "DEFAULT_UNDEFINED_VAR_BEHAVIOR": "error_on_undefined_vars",
    "DEFAULT_VAULT_IDENTITY": "vault_identity",
    "DEFAULT_VAULT_ID_MATCH": "vault_id_match",
    "DEFAULT_VAULT_IDENTITY_LIST": "vault_identity_list",
    "DEFAULT_VAULT_PASSWORD_FILE": "vault_password_file",
    "COLLECTIONS_PATHS": "collections_path",
    "CONFIG_FILE": "path",
    "DIFF_ALWAYS": "diff_always",
    "DIFF_CONTEXT": "diff_context",
    "DISPLAY_SKIPPED_HOSTS": "display_skipped_hosts",
    "ANSIBLE_NOCOLOR": "nocolor",
    "ANSIBLE_FORCE_COLOR": "force_color",
    "ANY_ERRORS_FATAL": "any_errors_fatal",
    "DUPLICATE_YAML_DICT_KEY": "duplicate_dict_key",
    "ERROR_ON_MISSING_HANDLER": "error_on_missing_handler",
    "FACTS_MODULES": "facts_modules",
    "HOST_KEY_CHECKING": "host_key_checking",
    "HOST_PATTERN_MISMATCH": "host_pattern_mismatch",
    "INJECT_FACTS_AS_VARS": "inject_facts_as_vars",
    "INVENTORY_ANY_UNPARSED_IS_FAILED": "inventory_any_unparsed_is_failed",
    "INVENTORY_ENABLED": "inventory_enabled",
    "INVENTORY_IGNORE_EXTS": "inventory_ignore_exts",
    "INVENTORY_IGNORE_PATTERNS": "inventory_ignore_patterns",
    "INVENTORY_UNPARSED_IS_FAILED": "inventory_unparsed_is_failed",
    "PLAYBOOK_DIR": "playbook_dir",
    "PLUGIN_FILTERS_CFG": "plugin_filters_cfg",
    "RETRY_FILES_ENABLED": "retry_files_enabled",
    "SHOW_CUSTOM_STATS": "show_custom_stats",
    "TASK_TIMEOUT": "task_timeout",
    "TAGS_RUN": "run_tags",
    "TAGS_SKIP": "skip_tags",
    "TRANSFORM_INVALID_GROUP_CHARS": "force_valid_group_names",
}
"""Ansible's name of a setting → the field of ``Config`` that holds it."""


def named(config: Config) -> dict[str, Any]:
    """The settings of ``config`` by Ansible's names; several values are a list."""
    values = {name: getattr(config, field) for name, field in NAMES.items()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
