"""With fewer forks than hosts, hosts wait for one another only where they must."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.conftest import Orch

HOSTS = 5
PLAY = """
- hosts: all
  gather_facts: false
  strategy: {strategy}
  tasks:
    - name: each host is there, and waits until all are
      shell: touch {{{{ inventory_hostname }}}}; ls h* | wc -l
      args: {{chdir: "{home}"}}
      register: there
      until: there.stdout | int == {hosts}
      retries: 200
      delay: 0.05
    - name: work in the background holds nobody up
      shell: touch b{{{{ inventory_hostname }}}}; until [ $(ls bh* | wc -l) = {hosts} ]; do sleep 0.05; done
      args: {{chdir: "{home}"}}
      async: 60
      poll: 1
    - name: one does it for all
      command: echo {{{{ inventory_hostname }}}}
      run_once: true
      register: one
    - name: so does a turn that waits
      debug: {{msg: "{{{{ one.stdout }}}} {{{{ item }}}}"}}
      loop: [1, 2]
      loop_control: {{pause: 0.2}}
"""


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_one_fork_is_enough_for_hosts_that_wait_for_one_another(orch: Orch, tmp_path: Path, strategy: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "play.yml").write_text(PLAY.format(strategy=strategy, home=home, hosts=HOSTS))
    names = "".join(f"h{number} ansible_connection=local\n" for number in range(HOSTS))
    (tmp_path / "hosts").write_text(names)
    told = orch("run", str(tmp_path / "play.yml"), "-i", str(tmp_path / "hosts"), "--forks", "1")
    assert told.status == 0, told.stdout + told.stderr
    assert len(list(home.glob("bh*"))) == HOSTS
