"""Rotation, drill, hardening, cross-validation and triage on the real gateway, with three nodes as its clients."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.integration.openclaw.conftest import HERE, Lab, Told

pytestmark = [pytest.mark.needs_openclaw, pytest.mark.slow, pytest.mark.timeout(1200)]
NODES = ("node1", "node2", "node3")


def result(told: Told, name: str, host: str = "gateway1") -> dict[str, Any]:
    found = [one for task, on, one in told.tasks() if task.startswith(name) and on == host]
    assert found, (name, [task for task, _, _ in told.tasks()], told.stderr[-1500:])
    return found[-1]


@pytest.fixture(scope="module")
def rolled_out(lab: Lab) -> Lab:
    told = lab.play("rollout")
    assert told.status == 0, told.stderr
    return lab


@pytest.fixture
def approved(rolled_out: Lab) -> Lab:
    """The lab with all nodes let in and connected: after a restart by the test before, they come back one by one."""
    lab, deadline = rolled_out, time.monotonic() + 90
    args = json.dumps({"token": lab.token, "checks": ["nodes"], "nodes": NODES})
    words = ("exec", "gateway1", "-i", str(lab.root / "inventory.json"), "-m", "openclaw_probe", "-a", args)
    while (told := lab.orch(*words)).status != 0:
        assert time.monotonic() < deadline, told.stderr
        time.sleep(1)
    return lab


def environment(lab: Lab, node: str) -> str:
    return (lab.home(node) / ".openclaw/service-env/ai.openclaw.node.env").read_text()


def test_a_rotation_leaves_no_client_on_the_old_token(approved: Lab, tmp_path: Path) -> None:
    lab, old = approved, approved.token
    file = tmp_path / "token.new"
    told = lab.play("rotate", token_file=str(file))
    new = file.read_text().split()[0]
    assert re.fullmatch("[0-9a-f]{64}", new)
    if lab.accepts(new):
        (lab.root / "gateway-token").write_text(new)
    assert told.status == 0, told.stderr
    rotated = result(told, "Rotate by the way")
    assert rotated["source"] == "file"
    assert 0 <= rotated["outage_ms"] < 30_000
    assert (lab.accepts(new), lab.accepts(old)) == (True, False)
    for node in NODES:
        assert new in environment(lab, node) and old not in environment(lab, node)
    for event in told.events:
        assert old not in json.dumps(event) and new not in json.dumps(event)
    assert result(told, "Every node is connected again")["finding"] is None
    print(f"\nrotation by file: {rotated['outage_ms']} ms until the new token was accepted, 3 of 3 clients on it")
    again = lab.play("rotate", token_file=str(file), gateway_token=old)
    assert again.status == 0, again.stderr
    assert [name for name, _, one in again.tasks() if one.get("changed")] == []


def test_an_inline_token_is_rotated_by_hot_reload(approved: Lab, tmp_path: Path) -> None:
    lab, kept = approved, approved.config.read_bytes()
    first, second = "a1" * 20 + "0123456789abcdef", "b2" * 20 + "fedcba9876543210"
    where = str(lab.root / "inventory.json")
    common = ("exec", "gateway1", "-i", where, "-m")
    try:
        done = lab.orch(*common, "openclaw_config", "-a", json.dumps({"set": {"gateway.auth.token": first}}))
        assert done.status == 0, done.stderr
        lab.restart_as(first)
        done = lab.orch(
            *common, "openclaw_token", "-a", json.dumps({"state": "rotated", "old": first, "token": second})
        )
        assert done.status == 0, done.stderr
        assert "rotated by inline" in done.stderr
        assert (lab.accepts(second), lab.accepts(first)) == (True, False)
    finally:
        lab.config.write_bytes(kept)
        lab.restart()


def test_the_drill_proves_that_a_revoked_node_fails_closed_and_prints_its_mttr(approved: Lab) -> None:
    told = approved.play("drill-revoke", drill_node="node2")
    assert told.status == 0, told.stderr
    assert result(told, "Revoke")["changed"] is True
    assert result(told, "It did")["msg"]
    mttr = result(told, "Mean time to repair")["msg"]
    assert re.match(r"MTTR [\d.]+ s from revocation to proof", mttr)
    assert not any("RATE_LIMITED" in json.dumps(event) for event in told.events)
    print("\n" + mttr)


def test_a_wide_bind_is_seen_from_inside_and_from_outside_in_one_run(approved: Lab) -> None:
    lab, kept = approved, approved.config.read_bytes()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        address = probe.getsockname()[0]
    args = {"token": lab.token, "checks": ["sockets"], "outside": "closed", "outside_host": address}
    words = ("exec", "gateway1", "-i", str(lab.root / "inventory.json"), "-m", "openclaw_probe", "-a", json.dumps(args))
    before = lab.orch(*words)
    assert before.status == 0, before.stderr
    try:
        lab.config.write_text(kept.decode().replace('"loopback"', '"lan"'))
        lab.restart()
        wide = lab.orch(*words)
        assert wide.status == 2
        assert f":{lab.port}" in wide.stderr and "it can be reached" in wide.stderr
        assert wide.stderr.count("the gateway listens beyond the loopback") >= 2, wide.stderr
    finally:
        lab.config.write_bytes(kept)
        lab.restart()


def test_three_witnesses_agree_and_triage_finds_nothing(approved: Lab) -> None:
    agreed = approved.play("cross-validate")
    assert agreed.status == 0, agreed.stderr
    triaged = approved.play("triage")
    assert triaged.status == 0, triaged.stderr
    assert "nothing is wrong" in result(triaged, "The cause")["msg"]


def test_triage_ends_in_one_cause_and_the_next_command(approved: Lab) -> None:
    told = approved.play("triage", gateway_token="made-up-wrong-token-0123456789abcdef")
    assert told.status == 0, told.stderr
    said = result(told, "The cause")["msg"]
    assert said.startswith("layer A: the client's token is not the one the running gateway holds")
    assert "next: openclaw gateway status --require-rpc --json" in said


def test_hardening_converges_and_the_same_again_changes_nothing(approved: Lab) -> None:
    lab, kept = approved, approved.config.read_bytes()
    try:
        first = lab.play("harden")
        assert first.status == 0, first.stderr
        assert json.loads(lab.config.read_text())["tools"]["exec"]["mode"] == "ask"
        again = lab.play("harden")
        assert again.status == 0, again.stderr
        assert [name for name, _, one in again.tasks() if one.get("changed")] == []
    finally:
        lab.config.write_bytes(kept)
        lab.restart()


def test_the_guilty_one_of_eight_configurations_is_found_in_three_tries(approved: Lab) -> None:
    good = json.loads(approved.config.read_text())
    names = []
    for number in range(8):
        file = approved.root / f"config.{number}.json"
        file.write_text(json.dumps(good if number < 5 else {**good, "networkPolicy": {}}))
        names.append(str(file))
    words = ("exec", "gateway1", "-i", str(approved.root / "inventory.json"), "-m", "openclaw_bisect")
    done = approved.orch(*words, "-a", json.dumps({"snapshots": names}))
    assert done.status == 0, done.stderr
    assert f"{names[5]} is the first bad one, found in 3 tries" in done.stderr


def test_no_process_on_the_gateway_s_mac_shows_the_token(approved: Lab) -> None:
    """All processes' arguments, looked at while a rollout probes the gateway."""
    hits: list[str] = []
    looks = 0
    done = threading.Event()
    token = approved.token.encode()

    def watch() -> None:
        nonlocal looks
        while not done.is_set():
            looks += 1
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    if token in (process / "cmdline").read_bytes():
                        hits.append(process.name)
                except OSError:
                    continue
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        where = str(HERE / "inventory/demo-openclaw.yml")
        told = approved.orch("run", str(HERE / "playbooks/cross-validate.yml"), "-i", where, "--json")
    finally:
        done.set()
        watcher.join(10)
    assert told.status == 0, told.stderr
    assert looks > 50 and hits == []
