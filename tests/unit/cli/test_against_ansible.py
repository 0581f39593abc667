"""The same playbook through ansible-playbook 2.19 and through orch: what stdout says must be the same."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Orch

PLAYBOOK = """
- name: First play
  hosts: all
  gather_facts: false
  tasks:
    - name: say hi
      debug: {msg: hi}
    - debug: {var: inventory_hostname}
    - debug: {msg: {b: 1, a: [x, "é\\e", null, true, 1.5]}}
    - name: command
      command: echo hi
    - name: items
      command: echo {{ item }}
      loop: [a, b]
      changed_when: item == 'a'
    - name: skipped
      command: echo
      when: false
    - name: skipped items
      command: echo
      loop: [1, {x: 2}]
      when: false
    - name: ignored failure
      command: sh -c 'echo out; echo err >&2; exit 3'
      ignore_errors: true
    - name: ignored items
      command: "false"
      loop: [a, b]
      ignore_errors: true
    - name: write
      copy: {content: "a\\nb\\n", dest: "{{ playbook_dir }}/out.txt"}
    - name: write otherwise
      copy: {content: "a\\nc", dest: "{{ playbook_dir }}/out.txt"}
      notify: handle
    - name: write items
      copy: {content: "{{ item }}\\n", dest: "{{ playbook_dir }}/out.txt"}
      loop: [x, y]
    - name: assert
      assert: {that: "1 == 1"}
    - include_tasks: more.yml
    - name: use a role
      include_role: {name: r}
    - name: again
      command: "false"
      register: again
      until: again.rc == 0
      retries: 1
      delay: 0
      ignore_errors: true
    - name: secret
      command: "false"
      no_log: true
      ignore_errors: true
    - name: secret items
      command: "true"
      loop: [1]
      no_log: true
    - block:
        - fail: {msg: broken}
      rescue:
        - debug: {msg: rescued}
      always:
        - debug: {msg: always}
    - name: elsewhere
      command: "true"
      delegate_to: elsewhere
      run_once: true
  handlers:
    - name: handle
      debug: {msg: handled}
- hosts: nonesuch
  tasks: []
- hosts: all
  gather_facts: false
  tasks:
    - fail: {msg: bye}
    - debug: {msg: never}
"""
TIMES = re.compile(r'"(delta|start|end)": "[^"]*"')


@pytest.fixture
def files(here: Path) -> Path:
    (here / "play.yml").write_text(PLAYBOOK)
    (here / "more.yml").write_text("- debug: {msg: included}\n")
    (here / "roles/r/tasks").mkdir(parents=True)
    (here / "roles/r/tasks/main.yml").write_text("- name: in role\n  debug: {msg: role}\n")
    local = f"ansible_connection=local ansible_python_interpreter={sys.executable}\n"
    (here / "inv").write_text(f"one {local}elsewhere {local}")
    return here


def ansible(*argv: str) -> tuple[int, list[str]]:
    tool = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [tool, *argv],
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, comparable(without_errors(done.stdout))


def without_errors(out: str) -> str:
    """Ansible's ``[ERROR]:`` blocks go; what is said there, orch says on stderr."""
    return re.sub(r"\[ERROR\]: .*?\n(?=fatal: |failed: )", "", out, flags=re.DOTALL)


def comparable(out: str) -> list[str]:
    return TIMES.sub(r'"\1": "…"', out).splitlines()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("flags", [["--diff"], ["-v"]])
def test_stdout_is_the_same(orch: Orch, files: Path, flags: list[str]) -> None:
    (files / "out.txt").write_text("before\n")
    status, theirs = ansible("-i", "inv", "-l", "one", "play.yml", *flags)
    (files / "out.txt").write_text("before\n")
    found, out, err = orch("run", "-i", "inv", "-l", "one", "play.yml", *flags)
    ours = comparable(out)
    if flags == ["-v"]:  # where our modules return other values than Ansible's, that is theirs to say
        ours, theirs = [line.partition(" => {")[0] for line in ours], [line.partition(" => {")[0] for line in theirs]
    assert ours == [line for line in theirs if not line.startswith("No config file found")], err
    assert found == status
