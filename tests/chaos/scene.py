"""A rollout of five steps on five hosts behind one sshd, whose every side effect is counted by a line in a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.nursery import Nursery, Told
from tests.contract.sshd import Sshd

HOSTS = ("n1", "n2", "n3", "n4", "n5")
ROOT = Path(__file__).parents[2]
PLAYBOOK = """\
- name: five steps
  hosts: all
  gather_facts: false
  serial: [2, 3]
  vars: {log: "{{ dir }}/{{ inventory_hostname }}"}
  tasks:
    - name: take the version
      shell: echo version >> {{ log }}; echo 1.2.3
      register: version
    - name: a secret that no journal holds
      shell: echo token >> {{ log }}; echo hidden-{{ inventory_hostname }}
      register: token
      no_log: true
    - set_fact: {release: "{{ version.stdout }}-{{ inventory_hostname }}"}
    - name: install
      shell: echo install {{ item }} >> {{ log }}
      loop: [app, tool]
      notify: restart
    - name: write the configuration
      copy: {dest: "{{ log }}.conf", content: "{{ release }} {{ token.stdout }}\\n"}
      notify: restart
    - name: some try and recover
      when: inventory_hostname in ['n2', 'n4']
      block:
        - shell: echo broken >> {{ log }}; exit 3
      rescue:
        - shell: echo recovered >> {{ log }}
    - include_tasks: later.yml
    - name: once for all
      shell: echo once >> {{ dir }}/once
      run_once: true
  handlers:
    - name: restart
      shell: echo restart >> {{ log }}
- name: the last step
  hosts: n1:n5
  gather_facts: false
  vars: {log: "{{ dir }}/{{ inventory_hostname }}"}
  tasks:
    - name: two tries
      shell: echo try >> {{ log }}; test $(grep -c try {{ log }}) = 2
      register: tried
      until: tried.rc == 0
      retries: 3
      delay: 0.1
    - shell: echo done {{ release }} {{ token.stdout }} >> {{ log }}
      no_log: true
"""
LATER = """\
- name: included
  shell: echo included >> {{ log }}
"""


@dataclass(frozen=True)
class Scene:
    """One play of the rollout, with its state, logs and spools below ``home``."""

    home: Path
    inventory: Path
    nursery: Nursery | None = None
    """What runs ``orch`` here; None for a process of its own each time, as people start it."""

    @classmethod
    def laid(cls, home: Path, sshd: Sshd, port: int = 0, nursery: Nursery | None = None) -> Scene:
        """A new scene whose hosts are all behind ``sshd``, or behind a proxy's ``port`` on the way to it."""
        for name in ("", "logs", "spools"):
            (home / name).mkdir(parents=True, exist_ok=True)
        known = home / "known_hosts"
        known.write_text(sshd.known_hosts.read_text().replace(f"]:{sshd.port} ", f"]:{port or sshd.port} "))
        (home / "play.yml").write_text(PLAYBOOK)
        (home / "later.yml").write_text(LATER)
        variables = (
            f"ansible_host=127.0.0.1 ansible_port={port or sshd.port} ansible_user={sshd.user} "
            f"ansible_ssh_private_key_file={sshd.key_file} ansible_remote_tmp={home}/spools dir={home}/logs"
        )
        options = f"ansible_ssh_common_args='-o UserKnownHostsFile={known} -F /dev/null'"
        lines = [f"{name} {variables} {options}" for name in HOSTS]
        (home / "hosts").write_text("\n".join(lines) + "\n")
        return cls(home, home / "hosts", nursery)

    def run(self, *words: str, point: str = "", limit_s: float = 60) -> Told:
        """``orch`` with these words; with a ``point``, in a process that is struck there (see ``killed``)."""
        if self.nursery is not None:
            return self.nursery.run(self.home, *words, point=point)
        began = time.monotonic()
        program = ("tests.chaos.killed", point) if point else ("orchestrator",)
        done = subprocess.run(
            [sys.executable, "-m", *program, *words],
            cwd=self.home,
            env={**os.environ, "ORCH_HOME": str(self.home / "state"), "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
        return Told(words, done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def play(self, *words: str, **more: Any) -> Told:
        return self.run("run", "play.yml", "-i", "hosts", *words, **more)

    def play_until(self, point: str, *words: str) -> Told:
        """The same in a process that is struck at ``point`` (see ``killed``)."""
        return self.play(*words, point=point)

    def resume(self, *words: str) -> Told:
        return self.run("resume", "last", *words)

    def ended(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The last event of the run and all events before it."""
        *before, last = map(json.loads, self.run("runs", "show", "--json").stdout.splitlines())
        return last, before

    def final(self) -> dict[str, Any]:
        """What must be equal to the undisturbed run: the lines that were left, the recap, and that no spool was."""
        last, _ = self.ended()
        logs = {path.name: path.read_text().splitlines() for path in sorted((self.home / "logs").iterdir())}
        recap = {each["host"]: each for each in last["hosts"]}
        return {"logs": logs, "recap": recap, "status": last["status"], "spools": os.listdir(self.home / "spools")}
