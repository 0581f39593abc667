"""Runs that are finished with other files, addresses or hosts than they began with: a task is known by what it says,
not by its place, so none runs twice and none is taken for another."""

from __future__ import annotations

import os
import time

import pytest

from tests.integration.conftest import Orch
from tests.integration.test_resume import HOSTS, begun, go, lines, local

__all__ = ["local"]

ANYWAY = "--changed-files-anyway"
ONE = "    - shell: echo one >> {{ log }}; echo said-by-one\n      register: one\n"
SLOW = """\
    - shell: >-
        echo slow >> {{ log }};
        n=600; until [ -e {{ log }}.go ] || [ $((n -= 1)) -lt 0 ]; do sleep 0.05; done; echo said-by-slow
      register: slow
"""
LAST = "    - shell: echo {{ one.stdout }} {{ slow.stdout }} >> {{ log }}\n"
NEW = "    - shell: echo new >> {{ log }}\n"
HEAD = "- hosts: all\n  gather_facts: false\n  tasks:\n"
TOLD = ["said-by-one", "said-by-slow"]


def killed(orch: Orch, play: str) -> None:
    """A run of ``play`` whose controller dies while ``SLOW`` runs on the node, which then comes to its end."""
    process = begun(orch, play)
    deadline = time.monotonic() + 20
    while "slow" not in lines(orch) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=40)
    go(orch)


def resumed(orch: Orch, play: str) -> list[str]:
    """The log after the run went on with ``play``."""
    (orch.home / "play.yml").write_text(play)
    told = orch("resume", ANYWAY)
    assert told.status == 0, told
    assert os.listdir(orch.home / "spools") == []
    return lines(orch)


def test_a_task_put_before_others_runs_and_they_do_not_again(local: Orch) -> None:
    killed(local, HEAD + ONE + SLOW + LAST)
    assert resumed(local, HEAD + NEW + ONE + SLOW + NEW + LAST) == ["one", "slow", "new", "new", *TOLD]


def test_a_task_taken_away_leaves_the_others_what_they_were(local: Orch) -> None:
    killed(local, HEAD + NEW + ONE + SLOW + LAST)
    assert resumed(local, HEAD + ONE + SLOW + LAST) == ["new", "one", "slow", *TOLD]


def test_an_edited_task_is_another_one(local: Orch) -> None:
    killed(local, HEAD + ONE + SLOW + LAST)
    edited = HEAD + ONE.replace("said-by-one", "said-anew") + SLOW + LAST
    assert resumed(local, edited) == ["one", "slow", "one", "said-anew", "said-by-slow"]


def test_a_play_and_a_block_come_around_what_was_done(local: Orch) -> None:
    killed(local, HEAD + ONE + SLOW + LAST)
    block = "    - block:\n" + "".join(f"    {line}\n" for line in (ONE + SLOW).splitlines())
    assert resumed(local, HEAD + NEW + HEAD + block + LAST) == ["one", "slow", "new", *TOLD]


def test_included_files_and_roles_are_no_different(local: Orch) -> None:
    play = HEAD + "    - include_tasks: one.yml\n    - include_role: {name: slow}\n" + LAST
    dedent = "\n".join(line[4:] for line in ONE.splitlines()) + "\n"
    role = local.home / "roles/slow/tasks"
    role.mkdir(parents=True)
    (role / "main.yml").write_text("\n".join(line[4:] for line in SLOW.splitlines()) + "\n")
    (local.home / "one.yml").write_text(dedent)
    killed(local, play)
    (local.home / "one.yml").write_text("- shell: echo new >> {{ log }}\n" + dedent)
    assert resumed(local, NEW.join([HEAD, play.removeprefix(HEAD)])) == ["one", "slow", "new", "new", *TOLD]


def test_of_equal_tasks_each_is_done_once(local: Orch) -> None:
    killed(local, HEAD + NEW + NEW + ONE + SLOW + NEW + LAST)
    assert resumed(local, HEAD + ONE + NEW + NEW + SLOW + LAST + NEW) == ["new", "new", "one", "slow", *TOLD, "new"]


@pytest.mark.parametrize("change", ["ansible_port=2022", "ansible_user=somebody"])
def test_what_was_handed_over_at_another_address_is_unknown(local: Orch, change: str) -> None:
    killed(local, HEAD + ONE + SLOW + LAST)
    hosts = local.home / "hosts"
    hosts.write_text(hosts.read_text().replace("\n", f" {change}\n"))
    told = local("resume", "-i", "hosts")
    assert told.status == 4, told
    assert "handed over at another address" in told.stdout + told.stderr
    assert lines(local) == ["one", "slow"]
    assert "there is no inventory nowhere" in local("resume", "-i", "nowhere").stderr
    hosts.write_text(HOSTS.format(local.home))
    assert local("resume").status == 0
    assert lines(local) == ["one", "slow", *TOLD]


def test_a_resumption_of_some_hosts_leaves_the_others_to_another(local: Orch) -> None:
    home = local.home
    (home / "hosts").write_text(HOSTS.format(home) + HOSTS.format(home).replace("here", "there"))
    once = "    - {shell: echo both >> {{ log }}, run_once: true}\n".replace("{{ log }}", f"{home}/log")
    killed(local, HEAD + ONE + SLOW + once + "    - shell: echo {{ inventory_hostname }} >> {{ log }}\n")
    assert local("resume", "-l", "here").status == 0
    assert lines(local) == ["one", "one", "slow", "slow", "both", "here"]
    (home / "less").write_text(HOSTS.format(home))
    assert local("resume", "-i", "less").status == 0
    assert local("resume").status == 0
    assert lines(local) == ["one", "one", "slow", "slow", "both", "here", "there"]
    assert os.listdir(home / "spools") == []
    assert "came to its end" in local("resume").stderr
