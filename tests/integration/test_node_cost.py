"""How many processes plays cost a node, exactly: by stand-ins first in PATH that note their name and go on as the tool.

A process is what a node pays most for, and a Mac more than Linux: some milliseconds each.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.bench.lab import WORKLOADS
from tests.integration.conftest import Orch

TOOLS = (
    "awk base64 basename cat chgrp chmod chown cksum cmp cp cut date diff dirname echo env file find getent grep gzip "
    "head id ln ls mkdir mktemp mv od printf ps readlink rm rmdir sed sha1sum shasum sleep sort stat tail "
    "test touch tr uname uniq wc xargs"
).split()
BLOB = bytes(range(250)) * 400


class Node:
    """This machine, seen by a play as the host h1."""

    def __init__(self, orch: Orch) -> None:
        self.orch, self.home = orch, orch.home
        for folder in ("tools", "nodes", "spools"):
            (self.home / folder).mkdir()
        for name in TOOLS:
            if place := shutil.which(name):
                (self.home / "tools" / name).write_text(
                    f'#!/bin/sh\necho {name} >>"{self.home}/log"\nexec {place} "$@"\n'
                )
                (self.home / "tools" / name).chmod(0o755)
        (self.home / "blob").write_bytes(BLOB)
        told = (
            f"bench_home={self.home}/nodes bench_blob={self.home}/blob bench_blob_sha1={hashlib.sha1(BLOB).hexdigest()}"
        )
        line = f"h1 ansible_connection=local ansible_remote_tmp={self.home}/spools {told}\n"
        (self.home / "hosts").write_text(line)

    def started(self, play: Path, strategy: str) -> Counter[str]:
        """The tools that the play has started, and how often each."""
        (self.home / "log").write_text("")
        words = ("run", play, "-i", self.home / "hosts", "-e", f"bench_strategy={strategy}")
        done = self.orch(*words, PATH=f"{self.home}/tools:{os.environ['PATH']}")
        assert done.status == 0, done.stdout + done.stderr
        return Counter((self.home / "log").read_text().split())


@pytest.fixture
def node(orch: Orch) -> Node:
    return Node(orch)


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_ten_small_tasks(node: Node, strategy: str) -> None:
    """Fourteen commands and files; ten of the processes, and three shells beside them, are what the play asks for."""
    cold, warm = (node.started(WORKLOADS / "w1.yml", strategy) for _ in range(2))
    assert (cold.total(), warm.total()) == (35, 31), (cold, warm)


LOOP = "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: echo {{ item }}\n      loop: RANGE\n"


def test_a_turn_of_a_loop_costs_what_it_does_and_little_more(node: Node) -> None:
    def turns(numbers: list[int]) -> Counter[str]:
        (node.home / "loop.yml").write_text(LOOP.replace("RANGE", str(numbers)))
        return node.started(node.home / "loop.yml", "linear")

    more = turns([1, 2, 3, 4, 5, 6])
    more.subtract(turns([1]))
    assert +more == Counter(echo=5, stat=5)
