"""Options of Ansible's own ways to a host, as the lookup ``config`` tells them.

Names, variables, environment, keys of ansible.cfg and defaults are those of ansible-core 2.19's plug-ins ``ssh``,
``local``, ``sh`` and ``sudo``; of several variables that are set the last one counts. Our own
connections take no notice of those about scp, sftp and control paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Rule = Mapping[str, Any]
"""An option, as a plug-in's DOCUMENTATION has it; ``setting``: the setting of the run that is its default."""


def _rule(variables: str, env: str = "", ini: str = "", default: Any = None, **more: Any) -> Rule:
    keys = [text.partition(":") for text in ini.split()]
    return {
        "vars": [{"name": name} for name in variables.split()],
        "env": [{"name": name} for name in env.split()],
        "ini": [{"section": section, "key": key} for section, _, key in keys],
        "default": default,
        **more,
    }


def _ssh(name: str, default: Any = "", kind: str = "str", key: str = "", variable: str = "") -> Rule:
    """An option whose variable, environment variable and key of ansible.cfg are all called after it."""
    env = f"ANSIBLE_{(variable or name).upper()}"
    return _rule(f"ansible_{variable or name}", env, f"ssh_connection:{key or name}", default, type=kind)


_PIPELINING: Final = _rule(
    "ansible_pipelining",
    "ANSIBLE_PIPELINING",
    "defaults:pipelining connection:pipelining",
    default=False,
    type="bool",
)

PLUGINS: Final[Mapping[tuple[str, str], Mapping[str, Rule]]] = {
    ("connection", "ssh"): {
        "host": _rule("inventory_hostname ansible_host ansible_ssh_host", default="inventory_hostname"),
        "remote_user": _rule("ansible_user ansible_ssh_user", setting="DEFAULT_REMOTE_USER"),
        "port": _rule("ansible_port ansible_ssh_port", setting="DEFAULT_REMOTE_PORT", type="int"),
        "private_key_file": _rule(
            "ansible_private_key_file ansible_ssh_private_key_file", setting="DEFAULT_PRIVATE_KEY_FILE"
        ),
        "timeout": _rule("ansible_ssh_timeout", setting="DEFAULT_TIMEOUT", type="int"),
        "host_key_checking": _rule(
            "ansible_host_key_checking ansible_ssh_host_key_checking", setting="HOST_KEY_CHECKING", type="bool"
        ),
        "pipelining": _rule(
            "ansible_pipelining ansible_ssh_pipelining",
            "ANSIBLE_PIPELINING ANSIBLE_SSH_PIPELINING",
            "defaults:pipelining connection:pipelining ssh_connection:pipelining",
        ),
        "reconnection_retries": _rule(
            "ansible_ssh_retries", "ANSIBLE_SSH_RETRIES", "connection:retries ssh_connection:retries", 0, type="int"
        ),
        "ssh_args": _ssh("ssh_args", "-C -o ControlMaster=auto -o ControlPersist=60s"),
        "ssh_common_args": _ssh("ssh_common_args"),
        "ssh_extra_args": _ssh("ssh_extra_args"),
        "scp_extra_args": _ssh("scp_extra_args"),
        "sftp_extra_args": _ssh("sftp_extra_args"),
        "ssh_executable": _ssh("ssh_executable", "ssh"),
        "sftp_executable": _ssh("sftp_executable", "sftp"),
        "scp_executable": _ssh("scp_executable", "scp"),
        "ssh_transfer_method": _ssh("ssh_transfer_method", "smart", key="transfer_method"),
        "sftp_batch_mode": _ssh("sftp_batch_mode", True, "bool"),
        "use_tty": _rule("ansible_ssh_use_tty", "ANSIBLE_SSH_USETTY", "ssh_connection:usetty", True, type="bool"),
        "password_mechanism": _ssh("password_mechanism", "ssh_askpass", variable="ssh_password_mechanism"),
        "sshpass_prompt": _ssh("sshpass_prompt"),
        "control_path": _rule("ansible_control_path", "ANSIBLE_SSH_CONTROL_PATH", "ssh_connection:control_path"),
        "control_path_dir": _rule(
            "ansible_control_path_dir",
            "ANSIBLE_SSH_CONTROL_PATH_DIR",
            "ssh_connection:control_path_dir",
            "~/.ansible/cp",
        ),
        "pkcs11_provider": _rule(
            "ansible_ssh_pkcs11_provider", "ANSIBLE_PKCS11_PROVIDER", "ssh_connection:pkcs11_provider", ""
        ),
        "verbosity": _ssh("verbosity", 0, "int", variable="ssh_verbosity"),
    },
    ("connection", "local"): {"pipelining": _PIPELINING},
    ("shell", "sh"): {
        "remote_tmp": _rule("ansible_remote_tmp", "ANSIBLE_REMOTE_TMP", "defaults:remote_tmp", "~/.ansible/tmp")
    },
    ("become", "sudo"): {
        "become_user": _rule("ansible_become_user ansible_sudo_user", setting="DEFAULT_BECOME_USER"),
        "become_exe": _rule(
            "ansible_become_exe ansible_sudo_exe",
            "ANSIBLE_BECOME_EXE ANSIBLE_SUDO_EXE",
            "privilege_escalation:become_exe sudo_become_plugin:executable",
            "sudo",
        ),
        "become_flags": _rule(
            "ansible_become_flags ansible_sudo_flags",
            "ANSIBLE_BECOME_FLAGS ANSIBLE_SUDO_FLAGS",
            "privilege_escalation:become_flags sudo_become_plugin:flags",
            "-H -S -n",
        ),
    },
}
