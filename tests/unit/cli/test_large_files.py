"""Large and hostile files: told or read within seconds of work, whatever else the machine does."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

from tests.unit.cli.conftest import Orch


def test_ten_thousand_hosts_are_listed_within_three_seconds(orch: Orch, here: Path) -> None:
    lines = (f"mac{i:05} ansible_host=10.0.{i // 250}.{i % 250} bay={i}\n" for i in range(10_000))
    (here / "fleet").write_text("[macs]\n" + "".join(lines))
    took_s = []
    for _ in range(3):  # other work on the same processor makes the same work longer, at times
        began = time.process_time()
        status, out, _ = orch("inventory", "list", "-i", "fleet")
        took_s.append(time.process_time() - began)
        if took_s[-1] < 3:
            break
    assert min(took_s) < 3
    assert status == 0 and len(json.loads(out)["_meta"]["hostvars"]) == 10_000


def test_a_bomb_of_aliases_is_told_at_once(orch: Orch, here: Path) -> None:
    names = "abcdefghij"
    rows = [f"    {name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in itertools.pairwise(names)]
    (here / "bomb.yml").write_text(
        f"- hosts: all\n  vars:\n    a: &a [{','.join('x' * 9)}]\n{''.join(rows)}  tasks: []\n"
    )
    began = time.process_time()
    status, out, _ = orch("lint", "bomb.yml")
    assert time.process_time() - began < 1
    assert status == 1 and "bomb.yml:8:" in out and "aliases repeat more than 100000 values" in out


def test_a_deep_nest_and_a_file_that_is_too_large_are_told(orch: Orch, here: Path) -> None:
    (here / "deep.yml").write_text(f"- hosts: all\n  vars:\n    a: {'[' * 5_000}{']' * 5_000}\n")
    (here / "large.yml").write_text("# " + "x" * (10 * 1024 * 1024))
    began = time.process_time()
    status, out, _ = orch("lint", "deep.yml", "large.yml")
    assert time.process_time() - began < 1
    assert status == 1 and "nested deeper than 64 levels" in out and "larger than 10485760 bytes" in out
