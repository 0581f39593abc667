"""Everything a user can get wrong is told with its place, its cause and what to do next; never with a traceback.

One test a mistake. Exit statuses are Ansible's: 1 a file is missing; 2 a task failed, or is sure to; 4 a file cannot be
understood, or a host cannot be reached.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import Macs, Orch, Told

PING = "- hosts: {hosts}\n  gather_facts: false\n  tasks:\n    - ping:\n"


def assert_kind(told: Told, status: int, *words: str) -> None:
    """The right exit status, all of ``words`` said, and no traceback."""
    said = told.stdout + told.stderr
    assert told.status == status, said
    for word in words:
        assert word in said, f"{word!r} is not in:\n{said}"
    assert "Traceback" not in said


def test_an_inventory_that_is_not_there(orch: Orch) -> None:
    told = orch.play(PING.format(hosts="all"), "-i", "no/such/hosts.yml")
    assert_kind(told, 0, "[WARNING]", "no/such/hosts.yml", "hint", "passed over", "skipping: no hosts matched")
    told = orch.play(PING.format(hosts="all"), "-i", "no/such/hosts.yml", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="1")
    assert_kind(told, 1, "no/such/hosts.yml", "hint")


def test_yaml_that_is_not_yaml(orch: Orch) -> None:
    told = orch.play("- hosts: all\n  tasks:\n    - debug: msg={{ a }}\n     - ping:\n")
    assert_kind(told, 4, "play.yml:4:")


def test_the_same_key_twice(orch: Orch) -> None:
    told = orch.play("- hosts: localhost\n  vars:\n    port: 1\n    host: x\n    port: 2\n  tasks: []\n")
    assert_kind(told, 0, "[WARNING]", "play.yml:5:5", "port", "play.yml:3:5")


def test_a_host_pattern_that_matches_nothing(orch: Orch, tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("all: {hosts: {mac-mini-1: , mac-mini-2: }}\n")
    told = orch.play(PING.format(hosts="mac-mimi-1"), "-i", "hosts.yml")
    assert_kind(told, 0, "mac-mimi-1", "did you mean mac-mini-1")


def test_an_undefined_variable(orch: Orch) -> None:
    told = orch.play(
        "- hosts: localhost\n  gather_facts: false\n  vars: {gateway_port: 1}\n  tasks:\n"
        "    - debug:\n        msg: port {{ gatway_port }}\n"
    )
    assert_kind(told, 2, "play.yml:6:", "gatway_port", "gateway_port")


def test_an_unknown_module(orch: Orch) -> None:
    told = orch.play("- hosts: localhost\n  tasks:\n    - coppy: {dest: /x}\n")
    assert_kind(told, 4, "play.yml:3:7", "coppy", "did you mean", "copy")


def test_an_unknown_argument(orch: Orch) -> None:
    told = orch.play("- hosts: localhost\n  tasks:\n    - copy:\n        content: a\n        destt: /x\n")
    assert_kind(told, 2, "play.yml:5:9", "destt", "did you mean dest")


def test_an_argument_of_the_wrong_type(orch: Orch) -> None:
    task = "    - copy:\n        content: a\n        dest: /x\n        force: maybe\n"
    told = orch.play(f"- hosts: localhost\n  tasks:\n{task}")
    assert_kind(told, 2, "play.yml:6:", "force", "maybe")


def test_all_mistakes_of_a_file_are_told_at_once(orch: Orch) -> None:
    tasks = "    - coppy: {a: 1}\n    - debug: {msg: x}\n      wen: true\n"
    told = orch.play(f"- hosts: localhost\n  tasks:\n{tasks}  taks: []\n")
    assert_kind(told, 4, "coppy", "'wen'", "'taks'")
    (orch.home / "play.yml").write_text(
        "- hosts: localhost\n  tasks:\n    - copy: {content: 1}\n    - debug: {mssg: x}\n"
    )
    assert_kind(orch("lint", "play.yml"), 1, "dest", "mssg")


def test_a_host_that_does_not_answer(orch: Orch, tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("all: {hosts: {gone: {ansible_host: 127.0.0.1, ansible_port: 1}}}\n")
    told = orch.play(PING.format(hosts="gone"), "-i", "hosts.yml")
    assert_kind(told, 4, "gone", "UNREACHABLE", "127.0.0.1", "hint")


@pytest.mark.needs_sshd
def test_a_key_that_is_refused(macs: Macs, orch: Orch, tmp_path: Path) -> None:
    key = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    hosts = macs.inventory(tmp_path / "hosts.yml", mac1={"ansible_ssh_private_key_file": str(key)})
    told = orch.play(PING.format(hosts="mac1"), "-i", hosts, SSH_AUTH_SOCK="")
    assert_kind(told, 4, "mac1", "refused", "hint")


@pytest.mark.needs_sshd
def test_a_host_key_that_changed(macs: Macs, orch: Orch, tmp_path: Path) -> None:
    node = macs.nodes[0]
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True)
    other = (tmp_path / "other.pub").read_text().split()
    known = tmp_path / "known_hosts"
    known.write_text(f"[{node.host}]:{node.port} {other[0]} {other[1]}\n")
    hosts = macs.inventory(tmp_path / "hosts.yml", mac1={"ansible_ssh_common_args": f"-o UserKnownHostsFile={known}"})
    told = orch.play(PING.format(hosts="mac1"), "-i", hosts)
    assert_kind(told, 4, "known_hosts:1", "SHA256:", "changed", "hint")


@pytest.mark.needs_sshd
def test_a_host_key_that_nobody_knows(macs: Macs, orch: Orch, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text("")
    hosts = macs.inventory(tmp_path / "hosts.yml", mac1={"ansible_ssh_common_args": f"-o UserKnownHostsFile={known}"})
    told = orch.play(PING.format(hosts="mac1"), "-i", hosts)
    assert_kind(told, 4, "SHA256:", "is not known", "orch node trust")


@pytest.mark.needs_sshd
def test_a_wrong_sudo_password(macs: Macs, orch: Orch, tmp_path: Path) -> None:
    hosts = macs.inventory(tmp_path / "hosts.yml", mac1={"ansible_become_password": "not this one"})
    told = orch.play(PING.format(hosts="mac1") + "      become: true\n", "-i", hosts)
    assert_kind(told, 2, "mac1", "play.yml:4:", "sudo", "password", "hint")
    assert "not this one" not in told.stdout + told.stderr


def test_a_secret_that_is_not_there(orch: Orch) -> None:
    told = orch.play(PING.format(hosts="localhost"), "--become-password-ref", "env:NO_SUCH_SECRET")
    assert_kind(told, 1, "NO_SUCH_SECRET", "hint")


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root reads everything")
def test_a_file_that_may_not_be_read(orch: Orch, tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text("a: 1\n")
    (tmp_path / "secret.yml").chmod(0)
    if os.geteuid() == 0:
        (tmp_path / "secret.yml").unlink()
        (tmp_path / "secret.yml").mkdir()  # what root cannot read as a file either
    told = orch.play("- hosts: localhost\n  gather_facts: false\n  vars_files: [secret.yml]\n  tasks: [ping: ]\n")
    assert_kind(told, 1, "secret.yml:1:1", "cannot read", "hint")


@pytest.mark.needs_sshd
def test_no_space_on_the_node(macs: Macs, orch: Orch, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir(mode=stat.S_IRWXU)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=3", "none", full], capture_output=True)
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        hosts = macs.inventory(tmp_path / "hosts.yml", mac1={"ansible_remote_tmp": str(full)})
        for number in range(4):
            (full / str(number)).touch() if number < 2 else None
        told = orch.play(PING.format(hosts="mac1"), "-i", hosts)
        assert_kind(told, 2, "mac1", "space", "hint")
    finally:
        subprocess.run(["umount", full], check=True)
