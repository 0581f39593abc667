"""Action plug-ins of the user's own: they run here, and what they do to a Mac behind sshd our modules do there."""

from __future__ import annotations

import pytest

from tests.integration.conftest import Macs, Orch

pytestmark = pytest.mark.needs_sshd

HEAD = """from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
"""
WORKS = """
        result["transport"] = self._connection.transport
        place = self._make_tmp_path()
        self._transfer_file(self._find_needle("files", "card"), place + "/card")
        self._fixup_perms2([place + "/card"])
        said = self._low_level_execute_command(f"{place}/card; echo $?; pwd", in_data="x", chdir="/")
        result["said"] = said["stdout_lines"]
        self._connection.fetch_file(place + "/card", self._task.args["into"])
        result["home"] = self._remote_expand_user("~/x")
        result["there"] = [self._remote_file_exists(place), self._execute_remote_stat(place, task_vars, False)["isdir"]]
        result["secret"] = open(self._loader.get_real_file("group_vars/vaulted")).read()
        result.update(self._execute_module("copy", {"content": "made", "dest": "~/made"}, task_vars=task_vars))
        return result
"""


def plugin(orch: Orch, name: str, body: str) -> None:
    place = orch.home / "action_plugins"
    place.mkdir(exist_ok=True)
    (place / f"{name}.py").write_text(HEAD + body)


def test_what_it_does_to_a_node_goes_there(orch: Orch, macs: Macs) -> None:
    inventory = macs.inventory(orch.home / "hosts.yml")
    plugin(orch, "works", WORKS)
    (orch.home / "files").mkdir()
    (orch.home / "files" / "card").write_text("#!/bin/sh\necho from here\n")
    (orch.home / "group_vars").mkdir()
    (orch.home / "group_vars" / "vaulted").write_text("sealed words")
    (orch.home / "pass").write_text("opensesame")
    sealed = orch("vault", "encrypt", orch.home / "group_vars" / "vaulted", "--vault-password-file", orch.home / "pass")
    assert sealed.status == 0, sealed.stderr
    text = """
- hosts: mac1
  gather_facts: false
  tasks:
    - works: {into: "{{ playbook_dir }}/fetched"}
      register: said
    - stat: {path: ~/made}
      register: made
    - assert:
        that:
          - made.stat.exists and said is changed
          - said.transport == 'ssh' and said.there == [true, true]
          - said.said == ['from here', '0', '/'] and said.secret == 'sealed words'
          - said.home.startswith('/') and said.home.endswith('/x')
    - works: {into: "{{ playbook_dir }}/fetched"}
      check_mode: true
      register: again
    - assert: {that: again is not changed}
    - shell: ls -d "${TMPDIR:-/tmp}"/ansible-tmp-??????????
      register: left
      failed_when: left.rc == 0
"""
    told = orch.play(text, "-i", inventory, "--vault-password-file", orch.home / "pass")
    assert told.status == 0, told.stdout + told.stderr
    assert (orch.home / "fetched").read_text().endswith("echo from here\n")


def test_a_host_out_of_reach_is_the_plugins_to_know(orch: Orch) -> None:
    plugin(orch, "asks", '        return self._execute_module("ping", {})\n')
    plugin(
        orch,
        "minds",
        '        try:\n            self._execute_module("ping", {})\n'
        '        except AnsibleConnectionFailure:\n            return {"msg": "nobody there"}\n',
    )
    (orch.home / "hosts").write_text("away ansible_host=127.0.0.1 ansible_port=1 ansible_user=x\n")
    tasks = "[{minds: {}, register: said}, {debug: {var: said.msg}}, {asks: {}}]"
    text = f"- hosts: away\n  gather_facts: false\n  tasks: {tasks}\n"
    told = orch.play(text, "-i", orch.home / "hosts")
    assert told.status == 4, told.stdout + told.stderr
    assert '"said.msg": "nobody there"' in told.stdout and "UNREACHABLE" in told.stdout


def test_what_it_lacks_is_named_and_what_hangs_is_ended(orch: Orch) -> None:
    plugin(orch, "lacks", "        self._make_magic()\n")
    plugin(orch, "imports", "        import ansible.no_such_thing\n")
    plugin(orch, "dies", "        import os\n        os._exit(3)\n")
    plugin(orch, "hangs", "        import time\n        time.sleep(60)\n")
    plugin(orch, "prints", '        print("words of its own")\n        return result\n')
    text = """
- hosts: localhost
  gather_facts: false
  tasks:
    - prints: {}
    - lacks: {}
      ignore_errors: true
    - imports: {}
      ignore_errors: true
    - dies: {}
      ignore_errors: true
    - hangs: {}
      timeout: 1
"""
    told = orch.play(text, "--json")
    assert told.status == 2, told.stdout + told.stderr
    said = [each["result"].get("msg", "") for each in told.of("TaskDone")]
    assert "'ActionModule' object has no attribute '_make_magic'" in said[1]
    assert said[2] == "Task failed: No module named 'ansible.no_such_thing'"
    assert f"{orch.home}/action_plugins/dies.py ended without a result" in said[3]
    assert said[4] == "Task failed: Timed out after 1 second(s)."
    assert "words of its own" in told.stderr
