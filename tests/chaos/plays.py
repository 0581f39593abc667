"""What the cells of the matrix play: one host, every side effect a line in a file, and a gate in each phase."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.node import CANARY, Node
from tests.chaos.nursery import Told

HEAD = """\
- name: the matrix
  hosts: all
  gather_facts: false
  tasks:
    - name: version
      shell: echo version >> {{ log }}; echo 1.2.3
      register: version
    - name: a secret that no journal holds
      shell: echo token >> {{ log }}; printf 'hidden-%s' Sesame-4711
      register: token
      no_log: true
"""
TAIL = """\
    - name: last
      shell: echo last {{ version.stdout }} {{ token.stdout | length }} >> {{ log }}
"""
CORE = """\
    - name: running
      shell: "{{ gates }}/gate P10; echo running >> {{ log }}"
    - name: output
      shell: |
        i=0
        while [ "$i" -lt 400 ]; do
          echo "line $i of some output on its way to the controller"
          i=$((i + 1))
          [ "$i" != 200 ] || {{ gates }}/gate P11
        done
        echo output >> {{ log }}
      register: output
    - name: a loop
      shell: echo {{ item }} >> {{ log }}
      loop: [app, tool]
      notify: restart
    - name: as another user
      shell: echo elevated >> {{ log }}
      become: true
    - name: configuration
      copy: {dest: "{{ log }}.conf", content: "{{ version.stdout }} {{ token.stdout }} {{ output.stdout | length }}\\n"}
    - name: try and recover
      block:
        - shell: echo broken >> {{ log }}; exit 3
      rescue:
        - shell: echo recovered >> {{ log }}
"""
HANDLERS = """\
  handlers:
    - name: restart
      shell: echo restart >> {{ log }}
"""
RESTART = """\
    - launchd: {label: ai.openclaw.gateway, state: unloaded, force: true}
    - launchd: {label: ai.openclaw.gateway, state: running, force: true, observe_s: 1, spacing_s: 0}
    - shell: echo restarted >> {{ log }}
"""
KEYCHAIN = """\
    - keychain_reset: {keychain: rehearsal, state: fresh, password: "{{ token.stdout }}", default: true}
      no_log: true
    - shell: echo fresh >> {{ log }}
    - keychain_reset: {keychain: rehearsal}
"""
BROWSER = """\
    - shell: mkdir -p "$HOME/{{ profile }}" && echo x > "$HOME/{{ profile }}/Cookies"; echo used >> {{ log }}
      vars: {profile: Library/Application Support/Google/Chrome/Default}
    - browser_reset: {browsers: [chrome]}
    - shell: echo cleared >> {{ log }}
"""
PLAYS = {
    "core": HEAD + CORE + TAIL + HANDLERS,
    "restart": HEAD + RESTART + TAIL,
    "keychain": HEAD + KEYCHAIN + TAIL,
    "browser": HEAD + BROWSER + TAIL,
}
PLAY_OF = {"P14": "restart", "P15": "restart", "P16": "restart", "P17": "restart", "P18": "keychain", "P19": "browser"}
SECRET = """\
#!/bin/sh
{gates}/gate P2
case $(cat {home}/backend) in
hangs) exec sleep 60 ;;
fails) echo "the vault is sealed" >&2; exit 3 ;;
esac
printf 'hidden-%s\\n' Sesame-4711
"""
INVENTORY = """\
#!/bin/sh
{gates}/gate P1
exec cat {home}/hosts.json
"""
LEASE, ENDED = "2099-01-01T00:00:00+00:00", "2020-01-01T00:00:00+00:00"


def _empty(directory: Path) -> None:
    """The directory stays: it may be a file system of its own."""
    for path in directory.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@dataclass(frozen=True)
class Stage:
    """One play of a cell: its files, its state, and what is to be seen of it afterwards."""

    home: Path
    node: Node
    play: str

    @classmethod
    def laid(cls, home: Path, node: Node, play: str, port: int, ssh_options: str = "") -> Stage:
        for name in ("logs", "state"):
            (home / name).mkdir(parents=True, exist_ok=True)
            _empty(home / name)
        for name in os.listdir(node.gates):
            if name not in ("gate",):
                path = node.gates / name
                path.rmdir() if path.is_dir() else path.unlink()
        (node.gates / "orders").touch()
        key = " ".join(node.host_key.with_name("host_key.pub").read_text().split()[:2])
        (home / "known_hosts").write_text(f"[127.0.0.1]:{port} {key}\n")
        (home / "play.yml").write_text(PLAYS[play])
        (home / "backend").write_text("works")
        (home / "lease").write_text(LEASE)
        for name, text in (("inventory", INVENTORY), ("secret", SECRET)):
            node._write(home / name, text.format(gates=node.gates, home=home))
        variables = {
            **node.fleet["n1"].variables(),
            "ansible_user": None if node.user == getpass.getuser() else node.user,  # named, it would need no sudo
            "ansible_port": port,
            "ansible_remote_tmp": str(node.spools),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={home}/known_hosts -F /dev/null {ssh_options}",
            "ansible_become_exe": f"{node.mac}/bin/sudo",
            "lease_until": "{{ lookup('file', lease_file) }}",
            "lease_file": f"{home}/lease",
            "log": f"{home}/logs/n1",
            "gates": str(node.gates),
        }
        hosts = {"_meta": {"hostvars": {"n1": variables}}, "all": {"hosts": ["n1"]}}
        (home / "hosts.json").write_text(json.dumps(hosts))
        return cls(home, node, play)

    @property
    def run_words(self) -> tuple[str, ...]:
        return ("run", "play.yml", "-i", "./inventory", "--become-password-ref", f"exec:{self.home}/secret")

    @property
    def journal(self) -> Path | None:
        return next(iter(sorted((self.home / "state").glob("runs/*/journal.sqlite"))[-1:]), None)

    def events(self, kind: str) -> list[dict[str, Any]]:
        if self.journal is None:
            return []
        with closing(sqlite3.connect(self.journal)) as database:
            rows = database.execute("SELECT data FROM events WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
        return [json.loads(data) for (data,) in rows]

    def final(self) -> dict[str, Any]:
        """What must be equal to the undisturbed run's: the lines that were left, the recap, the status."""
        ended = (self.events("RunEnded") or [{}])[-1]
        return {"logs": self.logs(), "recap": ended.get("hosts"), "status": ended.get("status")}

    def logs(self) -> dict[str, list[str]]:
        return {path.name: path.read_text().splitlines() for path in sorted((self.home / "logs").iterdir())}

    # ---- invariants ------------------------------------------------------------------------------------------

    def leaks(self, told: list[Told]) -> list[str]:
        """Where the canary was seen on the controller."""
        where = [str(each.words) for each in told if CANARY in each.stdout + each.stderr]
        for path in (self.home / "state").rglob("*"):
            if path.is_file() and CANARY.encode() in path.read_bytes():
                where.append(str(path))
        return where

    def gaps(self) -> str | None:
        """Whether the journal is broken, or has gaps."""
        if self.journal is None:
            return None
        with closing(sqlite3.connect(self.journal)) as database:
            count, last = database.execute("SELECT count(*), max(seq) FROM events").fetchone()
            (state,) = database.execute("PRAGMA integrity_check").fetchone()
        return None if count == (last or 0) and state == "ok" else f"{count} events up to number {last}: {state}"
