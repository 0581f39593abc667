"""One SSH connection and one standing shell per host, and one round trip a task."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.conftest import Macs, Orch
from tests.integration.tap import tapped

pytestmark = pytest.mark.needs_sshd

TASK = "    - command: echo {}\n"


def play(tasks: int) -> str:
    return "- hosts: mac1\n  gather_facts: false\n  tasks:\n" + "".join(TASK.format(each) for each in range(tasks))


def turns(macs: Macs, orch: Orch, path: Path, tasks: int) -> tuple[int, int]:
    node = macs.nodes[0]
    with tapped(node.host, node.port) as tap:
        hosts = macs.inventory(path / "hosts.yml", mac1={"ansible_port": tap.port, "ansible_host": "127.0.0.1"})
        (path / "known_hosts").write_text(node.known_hosts.read_text().replace(f"]:{node.port} ", f"]:{tap.port} "))
        words = ["-i", hosts, "--ssh-common-args", f"-o UserKnownHostsFile={path / 'known_hosts'}"]
        known = f"ansible_ssh_common_args='-o UserKnownHostsFile={path}/known_hosts'"
        told = orch.play(play(tasks), *words, "-e", known)
        assert told.status == 0, told.stderr
        return tap.connections, tap.turns


def test_a_task_costs_one_round_trip_on_one_connection(macs: Macs, orch: Orch, tmp_path: Path) -> None:
    few = min((turns(macs, orch, tmp_path, 2) for _ in range(3)), key=lambda each: each[1])
    many = min((turns(macs, orch, tmp_path, 42) for _ in range(3)), key=lambda each: each[1])
    assert few[0] == many[0] == 1
    # One flight to spare over forty: packets of the handshake travel together or apart, as the machine's load has it.
    assert many[1] - few[1] <= 41, f"forty more tasks cost {many[1] - few[1]} more flights"


def test_all_tasks_of_a_user_run_in_one_shell(macs: Macs, orch: Orch, tmp_path: Path) -> None:
    told = orch.play(
        "- hosts: mac1\n  gather_facts: false\n  tasks:\n"
        "    - shell: ps -o ppid= -p $PPID\n      register: a\n"
        "    - shell: ps -o ppid= -p $PPID\n      register: b\n"
        "    - assert: {that: a.stdout == b.stdout}\n",
        "-i",
        macs.inventory(tmp_path / "hosts.yml"),
    )
    assert told.status == 0, told.stdout + told.stderr
