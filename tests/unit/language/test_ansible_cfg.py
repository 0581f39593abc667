"""ansible.cfg: found where Ansible finds it, and read as it reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.language.ansible_cfg import Config, find_config, load_config
from orchestrator.model.errors import UserError

CFG = """
[defaults]
inventory = hosts.yml,more
roles_path = roles:~/shared:/abs
forks = 12      ; many
host_key_checking = False
private_key_file = keys/id
gathering = smart
vault_identity_list = a@x, b@y
callbacks_enabled = timer
[privilege_escalation]
become = yes
become_user = admin
[ssh_connection]
pipelining = true
retries = 3
"""


def test_what_is_said_counts_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "ansible.cfg").write_text(CFG)
    config = load_config({"HOME": "/home/me"}, str(tmp_path))
    assert config.path == str(tmp_path / "ansible.cfg")
    assert config.inventory == (str(tmp_path / "hosts.yml"), str(tmp_path / "more"))
    assert config.roles_path == (str(tmp_path / "roles"), os.path.expanduser("~/shared"), "/abs")
    assert (config.forks, config.host_key_checking, config.become, config.become_user) == (12, False, True, "admin")
    assert config.private_key_file == str(tmp_path / "keys/id")
    assert config.vault_identity_list == ("a@x", "b@y")
    assert (config.gathering, config.ssh_retries) == ("smart", 3)
    assert config.callbacks_enabled == ("timer",)
    assert config.ignored == ("ssh_connection:pipelining",)


def test_environment_overrides(tmp_path: Path) -> None:
    (tmp_path / "ansible.cfg").write_text(CFG)
    env = {"HOME": "/home/me", "ANSIBLE_FORKS": "3", "ANSIBLE_INVENTORY": "a,b,", "ANSIBLE_BECOME": "0"}
    config = load_config(env, str(tmp_path))
    assert (config.forks, config.inventory, config.become) == (3, ("a,b,",), False)


def test_the_order_of_places(tmp_path: Path) -> None:
    named, here, home = tmp_path / "named", tmp_path / "here", tmp_path / "home"
    for each in (named, here, home):
        each.mkdir()
    (named / "ansible.cfg").write_text("")
    (here / "ansible.cfg").write_text("")
    (home / ".ansible.cfg").write_text("")
    env = {"HOME": str(home)}
    assert find_config({**env, "ANSIBLE_CONFIG": str(named)}, str(here)) == str(named / "ansible.cfg")
    assert find_config(env, str(here)) == str(here / "ansible.cfg")
    here.chmod(0o777)
    assert find_config(env, str(here)) == str(home / ".ansible.cfg")
    (home / ".ansible.cfg").unlink()
    assert load_config({"HOME": str(home)}, str(here)).forks == 5


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[defaults]\n\nforks = many\n", 3, "forks cannot be 'many'"),
        ("[defaults]\ngathering = clever\n", 2, "gathering is one of implicit, explicit, smart, not 'clever'"),
        ("[privilege_escalation]\nbecome: maybe\n", 2, "become cannot be 'maybe'"),
        ("forks = 1\n", 1, "ansible.cfg cannot be read: File contains no section headers."),
        ("[defaults]\nforks = 1\nforks = 2\n", 3, "ansible.cfg cannot be read"),
    ],
)
def test_mistakes_are_placed(tmp_path: Path, text: str, line: int, message: str) -> None:
    (tmp_path / "ansible.cfg").write_text(text)
    with pytest.raises(UserError) as caught:
        load_config({"HOME": str(tmp_path)}, str(tmp_path))
    assert caught.value.message.startswith(message)
    assert caught.value.place
    assert (caught.value.place.file, caught.value.place.line) == (str(tmp_path / "ansible.cfg"), line)


NAMES = {
    "forks": "DEFAULT_FORKS",
    "timeout": "DEFAULT_TIMEOUT",
    "host_key_checking": "HOST_KEY_CHECKING",
    "become": "DEFAULT_BECOME",
    "become_user": "DEFAULT_BECOME_USER",
    "become_method": "DEFAULT_BECOME_METHOD",
    "gathering": "DEFAULT_GATHERING",
    "hash_behaviour": "DEFAULT_HASH_BEHAVIOUR",
    "strategy": "DEFAULT_STRATEGY",
    "poll_interval": "DEFAULT_POLL_INTERVAL",
    "task_timeout": "TASK_TIMEOUT",
    "roles_path": "DEFAULT_ROLES_PATH",
    "vault_identity": "DEFAULT_VAULT_IDENTITY",
    "no_log": "DEFAULT_NO_LOG",
    "diff_context": "DIFF_CONTEXT",
    "inject_facts_as_vars": "INJECT_FACTS_AS_VARS",
    "private_key_file": "DEFAULT_PRIVATE_KEY_FILE",
    "host_pattern_mismatch": "HOST_PATTERN_MISMATCH",
}


@pytest.mark.parametrize("text", ["", CFG])
def test_values_are_those_of_ansible_config(tmp_path: Path, text: str) -> None:
    (tmp_path / "ansible.cfg").write_text(text)
    command = [str(Path(sys.executable).with_name("ansible-config")), "dump", "--format", "json"]
    env = {**os.environ, "HOME": os.path.expanduser("~"), "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, env=env, cwd=tmp_path, check=True)
    theirs = {each["name"]: each["value"] for each in json.loads(done.stdout) if "name" in each}
    mine: Config = load_config(env, str(tmp_path))
    for name, other in NAMES.items():
        value = getattr(mine, name)
        assert (list(value) if isinstance(value, tuple) else value) == theirs[other], name
