"""Settings under the names by which the lookup ``config`` asks for them (ansible-core 2.19's ``config/base.yml``)."""

from __future__ import annotations

from typing import Any

from orchestrator.language.ansible_cfg import Config

NAMES = {
    "ALLOW_BROKEN_CONDITIONALS": "allow_broken_conditionals",
    "DEFAULT_BECOME": "become",
    "DEFAULT_BECOME_METHOD": "become_method",
    "DEFAULT_BECOME_USER": "become_user",
    "DEFAULT_BECOME_EXE": "become_exe",
    "DEFAULT_BECOME_FLAGS": "become_flags",
    "DEFAULT_FORCE_HANDLERS": "force_handlers",
    "DEFAULT_FORKS": "forks",
    "DEFAULT_GATHERING": "gathering",
    "DEFAULT_HASH_BEHAVIOUR": "hash_behaviour",
    "DEFAULT_HOST_LIST": "inventory",
    "DEFAULT_JINJA2_EXTENSIONS": "jinja2_extensions",
    "DEFAULT_LOG_PATH": "log_path",
    "DEFAULT_MANAGED_STR": "ansible_managed",
    "DEFAULT_MODULE_PATH": "library",
    "DEFAULT_NO_LOG": "no_log",
    "DEFAULT_POLL_INTERVAL": "poll_interval",
    "DEFAULT_PRIVATE_KEY_FILE": "private_key_file",
    "DEFAULT_REMOTE_PORT": "remote_port",
    "DEFAULT_REMOTE_USER": "remote_user",
    "DEFAULT_ROLES_PATH": "roles_path",
    "DEFAULT_STRATEGY": "strategy",
    "DEFAULT_TIMEOUT": "timeout",
    "DEFAULT_TRANSPORT": "transport",
    "DEFAULT_VAULT_IDENTITY": "vault_identity",
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
    "ERROR_ON_MISSING_HANDLER": "error_on_missing_handler",
    "HOST_KEY_CHECKING": "host_key_checking",
    "INJECT_FACTS_AS_VARS": "inject_facts_as_vars",
    "PLAYBOOK_DIR": "playbook_dir",
    "RETRY_FILES_ENABLED": "retry_files_enabled",
    "TASK_TIMEOUT": "task_timeout",
    "TAGS_RUN": "run_tags",
    "TAGS_SKIP": "skip_tags",
}
"""Ansible's name of a setting → the field of ``Config`` that holds it."""


def named(config: Config) -> dict[str, Any]:
    """The settings of ``config`` by Ansible's names; several values are a list."""
    values = {name: getattr(config, field) for name, field in NAMES.items()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
