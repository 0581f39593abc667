"""Thresholds for whole runs (make bench). Counts are exact; times and memory are bounds a busy machine still meets."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.lab import ANSIBLE, ORCH, Cost, Lab, lab
from tests.bench.line import line

pytestmark = [pytest.mark.needs_sshd, pytest.mark.slow, pytest.mark.timeout(600)]
RTT_S = 0.15
HOSTS = 40
BIG_BYTES = 50 * 1024 * 1024


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


def least_cpu(lab_: Lab, command: tuple[str, ...], times: int = 5) -> float:
    with line(lab_.sshd.port, 0) as between:
        return min(lab_.cost(command, between).cpu_s for _ in range(times))


def of_hosts(laboratory: Lab, hosts: int, workload: str = "w2.yml") -> Cost:
    cost = laboratory.run(ORCH, workload, hosts, 0.02)
    assert cost.status == 0, cost.output
    return cost


def test_start_up_beside_ansible(laboratory: Lab) -> None:
    empty = laboratory.home / "empty.yml"
    empty.write_text("- hosts: all\n  gather_facts: false\n  tasks: []\n")
    words = (str(empty), "-i", "host,")
    ours, theirs = least_cpu(laboratory, (*ORCH, *words)), least_cpu(laboratory, (*ANSIBLE, *words), 3)
    assert ours < 0.6 * theirs, f"{ours} s and {theirs} s"


def test_version_beside_ansible(laboratory: Lab) -> None:
    ours = least_cpu(laboratory, (sys.executable, "-m", "orchestrator", "--version"))
    theirs = least_cpu(laboratory, (str(Path(ANSIBLE[0]).with_name("ansible")), "--version"), 3)
    assert ours < 0.15 * theirs, f"{ours} s and {theirs} s"


def test_a_host_more_costs_little(laboratory: Lab) -> None:
    one, many = of_hosts(laboratory, 1), of_hosts(laboratory, HOSTS)
    assert many.connections == HOSTS
    assert (many.cpu_s - one.cpu_s) / (HOSTS - 1) < 0.020
    assert (many.peak_mb - one.peak_mb) / (HOSTS - 1) < 0.150


def test_a_hundred_tasks_cost_little_more_than_a_hundred_flights(laboratory: Lab) -> None:
    play = laboratory.home / "w3.yml"
    play.write_text("- hosts: all\n  gather_facts: false\n  tasks:\n" + "    - command: 'true'\n" * 100)
    with line(laboratory.sshd.port, 0.05) as between:
        cost = laboratory.cost([*ORCH, str(play), "-i", str(laboratory.inventory(1, between.port))], between)
    assert cost.status == 0 and cost.flights <= 110


def test_a_large_file_is_streamed(laboratory: Lab) -> None:
    big = laboratory.home / "big"
    big.write_bytes(os.urandom(BIG_BYTES))
    before = of_hosts(laboratory, 1)
    cost = of_hosts(laboratory, 1, "w4.yml")
    assert cost.peak_mb - before.peak_mb < 30
    assert (laboratory.home / "nodes" / "h1.big").read_bytes() == big.read_bytes()


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_ten_small_tasks_at_distance(laboratory: Lab, strategy: str) -> None:
    for _ in range(2):
        cost = laboratory.run(ORCH, "w1.yml", 1, RTT_S, bench_strategy=strategy)
        assert cost.status == 0, cost.output
        assert cost.wall_s < cost.flights * RTT_S + 10


def test_scp_is_there_to_compare(laboratory: Lab) -> None:
    """The yardstick of docs/performance.md works: the line and the server are those that orch is measured with."""
    (laboratory.home / "big").write_bytes(os.urandom(BIG_BYTES))
    with line(laboratory.sshd.port, 0) as between:
        laboratory.inventory(1, between.port)
        known = f"UserKnownHostsFile={laboratory.home / 'known_hosts'}"
        target = f"{laboratory.sshd.user}@127.0.0.1:{laboratory.home}/nodes/scp"
        words = ["scp", "-q", "-P", str(between.port), "-i", laboratory.sshd.key_file, "-o", known]
        assert subprocess.run([*words, str(laboratory.home / "big"), target], timeout=120, check=False).returncode == 0
