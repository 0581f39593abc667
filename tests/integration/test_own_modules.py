"""Modules of the user's own on Macs behind sshd, and beside them here: found, run, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.conftest import Macs, Orch

pytestmark = pytest.mark.needs_sshd

WANTS = '#!/bin/sh\n# WANT_JSON\nprintf \'{"changed": true, "args": %s, "home": "%s"}\' "$(cat "$1")" "$HOME"\n'
PYTHON = """#!/usr/bin/python3
from ansible.module_utils.basic import AnsibleModule
m = AnsibleModule({"name": {"required": True}}, supports_check_mode=True)
m.exit_json(changed=True, said="hello " + m.params["name"], check=m.check_mode)
"""


@pytest.fixture
def project(orch: Orch) -> Path:
    library = orch.home / "library"
    library.mkdir()
    (library / "wants.sh").write_text(WANTS)
    (library / "greets.py").write_text(PYTHON)
    (library / "stat.py").write_text(PYTHON)
    return orch.home


def test_a_program_runs_on_every_node(orch: Orch, macs: Macs, project: Path) -> None:
    inventory = macs.inventory(project / "hosts.yml")
    text = """
- hosts: macs
  gather_facts: false
  tasks:
    - wants: {a: "{{ inventory_hostname }}", secret: "it's s3cret"}
      loop: [1, 2]
      register: said
    - wants: {b: 1}
      async: 30
      poll: 1
    - assert:
        that: ["said.results[1].args.a == inventory_hostname", "said.results[0].changed"]
"""
    told = orch.play(text, "-i", inventory, "--json")
    assert told.status == 0, told.stdout + told.stderr
    assert [each["outcome"] for each in told.of("ItemDone")] == ["changed"] * 4


def test_python_is_refused_on_nodes_and_runs_here(orch: Orch, macs: Macs, project: Path) -> None:
    inventory = macs.inventory(project / "hosts.yml")
    text = """
- hosts: mac1
  gather_facts: false
  tasks:
    - greets: {name: you}
      delegate_to: localhost
      register: said
    - assert: {that: said.said == "hello you"}
    - stat: {path: /}     # a Python file of this name cannot run there: the work is done all the same
      register: seen
    - assert: {that: seen.stat.isdir}
    - greets: {name: you}
"""
    told = orch.play(text, "-i", inventory)
    assert told.status == 2, told.stdout + told.stderr
    assert f"{project}/library/greets.py needs Python on the node" in told.stderr
    assert "connection: local or delegate_to: localhost" in told.stderr
    assert "play.yml:12:7" in told.stderr


UTIL = "from ansible.module_utils.basic import AnsibleModule\nfrom .inner import WORD\n"
THERE = """#!/usr/bin/python3
import os
import sys
from ansible.module_utils.greeting import AnsibleModule, WORD
m = AnsibleModule({"name": {"required": True}, "key": {"no_log": True}}, supports_check_mode=True)
m.exit_json(changed=True, said=WORD + m.params["name"], check=m.check_mode, user=os.getuid(), python=sys.executable,
            secret="the " + str(m.params["key"]))
"""


@pytest.fixture
def modules_in_python(project: Path) -> Path:
    """Modules that work, miss something, break and read their arguments from a file."""
    (project / "module_utils" / "greeting").mkdir(parents=True)
    (project / "module_utils" / "greeting" / "__init__.py").write_text(UTIL)
    (project / "module_utils" / "greeting" / "inner.py").write_text("WORD = 'hello '\n")
    (project / "library" / "greets.py").write_text(THERE)
    (project / "library" / "lost.py").write_text("#!/usr/bin/python\nfrom ansible.module_utils.zebra import stripes\n")
    (project / "library" / "breaks.py").write_text("#!/usr/bin/python\nimport ansible.module_utils.basic\n1 / 0\n")
    (project / "library" / "reads.py").write_text(
        "#!/usr/bin/python\n# WANT_JSON\nimport json, sys\nprint(json.dumps(json.load(open(sys.argv[1]))))\n"
    )
    return project


ON_A_NODE = """
- hosts: mac1
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - greets: {name: you, key: hushed}
      register: said
    - assert:
        that: [said.said == "hello you", not said.check, said.python == ansible_playbook_python, said is changed]
    - assert: {that: ["'hushed' not in said.secret"]}
    - greets: {name: me}
      check_mode: true
      register: said
    - assert: {that: [said.said == "hello me", said.check]}
    - greets: {name: me}
      async: 30
      poll: 1
      register: said
    - assert: {that: said.said == "hello me"}
    - stat: {name: them}      # the user's own, now that it can run there
      register: said
    - assert: {that: said.said == "hello them"}
    - reads: {a: 7}
      register: said
    - assert: {that: said.a == 7}
    - breaks:
      ignore_errors: true
      register: said
    - assert: {that: "'division by zero' in said.msg"}
    - lost:
      ignore_errors: true
      register: said
    - assert:
        that: '"support code for ansible.legacy.lost. Looked for ([''ansible.module_utils.zebra.stripes''" in said.msg'
    - greets: {name: you}
      vars: {ansible_python_interpreter: /no/such/python}
      ignore_errors: true
      register: said
    - assert: {that: "'/no/such/python' in said.msg"}
    - greets: {name: you}
      vars: {ansible_python_interpreter: /usr/bin/python3}
      ignore_errors: true
      register: said
    - assert: {that: "'stub for the developer tools' in said.msg"}
    - greets: {name: you}
      vars: {ansible_python_interpreter: auto_silent}
"""


def test_python_runs_on_a_node_that_the_user_says_has_one(orch: Orch, macs: Macs, modules_in_python: Path) -> None:
    inventory = macs.inventory(modules_in_python / "hosts.yml")
    told = orch.play(ON_A_NODE, "-i", inventory)
    assert told.status == 2, told.stdout + told.stderr
    assert "library/greets.py needs Python on the node" in told.stderr and "play.yml:46:7" in told.stderr, told.stderr


def test_one_module_on_some_hosts_from_a_named_directory(orch: Orch, macs: Macs, project: Path) -> None:
    inventory = macs.inventory(project / "hosts.yml")
    told = orch("exec", "macs", "-i", inventory, "-M", project / "library", "-m", "wants", "-a", "x=1")
    assert told.status == 0 and told.stdout.count('"x": "1"') == 2, told.stdout + told.stderr
    told = orch("exec", "macs", "-i", inventory, "-m", "wants")
    assert told.status == 1 and "there is no module wants" in told.stderr


def test_lint_knows_them(orch: Orch, project: Path) -> None:
    (project / "play.yml").write_text(
        "- hosts: all\n  tasks:\n    - name: a\n      wants: {any: thing}\n    - greetz: {}\n"
    )
    told = orch("lint", "play.yml")
    assert told.status == 1 and "couldn't resolve module/action 'greetz'" in told.stdout + told.stderr
    (project / "play.yml").write_text("- hosts: all\n  tasks:\n    - name: a\n      wants: {any: thing}\n")
    assert orch("lint", "play.yml").status == 0
