"""A value handed to a node is in nobody's argv or environment, and nothing of ours stays there."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.integration.conftest import Macs, Orch

pytestmark = pytest.mark.needs_sshd

CANARY = "c4n4ry-7f3e9b1d"
PLAY = f"""
- hosts: mac1
  gather_facts: false
  vars:
    token: {CANARY}
  tasks:
    - copy: {{content: "{{{{ token }}}}", dest: "~/secret.txt", mode: "0600"}}
      no_log: true
    - command: cat
      args: {{stdin: "{{{{ token }}}}"}}
      no_log: true
    - command: sleep 0.5
    - file: {{path: "~/secret.txt", state: absent}}
"""


class Watch(threading.Thread):
    """Reads every process's argv and environment, over and over, and notes where the canary stands."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.found: list[str] = []
        self.looks = 0
        self.is_over = False

    def run(self) -> None:
        while not self.is_over:
            self.looks += 1
            for pid in filter(str.isdigit, os.listdir("/proc")):
                for kind in ("cmdline", "environ"):
                    try:
                        data = Path(f"/proc/{pid}/{kind}").read_bytes()
                    except OSError:
                        continue
                    if CANARY.encode() in data:
                        self.found.append(f"{kind} of {pid}")
            time.sleep(0.01)


def running() -> list[str]:
    return subprocess.run(["ps", "ax", "-o", "args"], capture_output=True, text=True, check=True).stdout.splitlines()


def ours(home: Path, spools: Path) -> set[str]:
    """What may be ours on the Mac. Spools have a place of their own here: others use the machine's, too."""
    return set(os.listdir(spools)) | {
        str(each) for each in home.rglob("*") if "launchd" not in str(each) and ".log" not in each.name
    }


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
def test_a_canary_is_in_no_argv_and_nothing_stays(macs: Macs, orch: Orch, tmp_path: Path) -> None:
    home = macs.nodes[0].dir.home
    spools = tmp_path / "spools"
    spools.mkdir()
    before = ours(home, spools)
    watch = Watch()
    watch.start()
    told = orch.play(PLAY, "-i", macs.inventory(tmp_path / "hosts.yml"), "-e", f"ansible_remote_tmp={spools}")
    watch.is_over = True
    watch.join(10)
    assert told.status == 0, told.stdout + told.stderr
    assert watch.looks > 10
    assert not watch.found
    assert CANARY not in told.stdout + told.stderr
    assert ours(home, spools) <= before
    assert not [line for line in running() if str(spools) in line]
