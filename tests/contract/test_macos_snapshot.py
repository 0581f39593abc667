"""snapshot, drift and clock on simulated Macs of every version, with faults; and one program in one round trip."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.results import Outcome, Result
from orchestrator.sim.faults import switch
from orchestrator.sim.fleet import SimNode
from orchestrator.sim.mac import SimMac
from tests.contract.driver import FakeContext
from tests.contract.macos import MacNode, macs, node_of

GATEWAY = "ai.openclaw.gateway"
VERSIONS = {13: "13.", 14: "14.", 15: "15.", 26: "26.", 27: "27."}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, SimNode]]:
    root = tmp_path_factory.mktemp("macs")
    with macs(root, *(SimMac(f"m{major}", macos=major) for major in VERSIONS)) as nodes:
        yield nodes


@pytest.fixture
def mac(fleet: dict[str, SimNode]) -> Iterator[SimNode]:
    yield fleet["m26"]
    switch(fleet["m26"].dir.root, security_hangs_s=0.0, clock_skew_s=0.0, no_gui=False, denied=("Library/Safari",))


def take(mac: SimNode, **args: Any) -> Result:
    return node_of(mac).play("snapshot", {"labels": [GATEWAY, "no.such"], **args}, FakeContext(host=mac.mac.name))


def facts(result: Result) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = result.data["snapshot"]["facts"]
    return found


@pytest.mark.parametrize("major", VERSIONS)
def test_every_version_gives_its_facts(fleet: dict[str, SimNode], major: int) -> None:
    mac = fleet[f"m{major}"]
    result = take(mac, clock_samples=1)
    found = facts(result)
    assert result.outcome is Outcome.OK
    assert len(found) >= 60
    assert sum(fact["standing"] == "known" for fact in found.values()) >= 60
    assert found["os.version"]["value"].startswith(VERSIONS[major])
    assert (found["os.version"]["source"], found["os.version"]["exit"]) == ("sw_vers", 0)
    assert found[f"launchd.{GATEWAY}"]["value"]["state"] == "running"
    assert found["launchd.no.such"]["value"] is None
    ports = [row["port"] for row in found["network.listening"]["value"]]
    assert ports == [mac.gateway_port]
    assert result.data["snapshot"]["known"]["session"]["gui_domain"] is True
    assert result.data["ansible_facts"]["snapshot"] == result.data["snapshot"]
    assert len(result.data["markdown"].splitlines()) <= 60


def test_it_takes_one_round_trip_the_clock_s_measurement_too(mac: SimNode) -> None:
    node = node_of(mac)
    assert facts(node.play("snapshot", {"updates": True}))["clock.verdict"]["value"] == "pass"
    assert node.runs() == 1
    assert facts(node.play("snapshot", {"clock_samples": 0}))["clock.verdict"]["standing"] == "unknown"
    assert node.runs() == 1
    node.play("snapshot", {"clock_samples": 3})
    assert node.runs() == 3


def test_nothing_that_names_the_machine_leaves_it(mac: SimNode) -> None:
    node = node_of(mac)
    result = node.play("snapshot", {})
    machine = (mac.dir.state / "mac.json").read_text()
    serial, uuid = (machine.split(f'"{name}": "')[1].split('"')[0] for name in ("serial", "hardware_uuid"))
    assert serial not in str(result) and uuid not in str(result)
    assert len(facts(result)["hardware.digest"]["value"]) == 16


def test_no_developer_stub_is_run(mac: SimNode) -> None:
    take(mac)
    assert not (mac.dir.state / "violations.log").exists()


def test_what_is_refused_is_not_permitted_and_never_clean(mac: SimNode) -> None:
    result = take(mac)
    found = facts(result)
    assert found["time.ntp_on"]["standing"] == "not permitted"
    assert found["privacy.full_disk_access"]["value"] is False
    assert found["keychain.login_access"]["value"] == "locked for this session"
    assert "time.ntp_on" in result.data["not_permitted"]


def test_a_hanging_tool_becomes_unknown_and_holds_nothing_up(mac: SimNode) -> None:
    switch(mac.dir.root, security_hangs_s=20.0)
    found = facts(take(mac, probe_limit_s=1, clock_samples=0))
    assert found["keychain.search_list"]["standing"] == "unknown"
    assert "dialog" in found["keychain.login_access"]["why"]
    assert found["os.version"]["standing"] == "known"
    assert found["clock.offset_s"]["why"] == "it was not asked for"


def test_the_same_mac_twice_has_no_drift(mac: SimNode) -> None:
    baseline = take(mac).data["snapshot"]
    result = node_of(mac).play("drift", {"baseline": baseline, "labels": [GATEWAY, "no.such"]}, FakeContext(host="m26"))
    assert (result.outcome, result.msg, result.data["changes"]) == (Outcome.OK, "no drift", [])


def test_drift_names_what_changed_and_fails_from_its_severity_on(mac: SimNode) -> None:
    baseline = take(mac).data["snapshot"]
    switch(mac.dir.root, no_gui=True)
    node, args = node_of(mac), {"baseline": baseline, "labels": [GATEWAY]}
    failed = node.play("drift", args)
    assert failed.failed
    assert failed.data["changes"][0]["severity"] == "breaking"
    assert "session.gui_domain" in {change["name"] for change in failed.data["changes"]}
    assert failed.diff[0].before_header == "baseline"
    assert not node.play("drift", {**args, "fail_from": "never"}).failed


def test_a_different_machine_under_the_same_name_is_recognised(fleet: dict[str, SimNode], mac: SimNode) -> None:
    baseline = take(fleet["m27"]).data["snapshot"]
    result = node_of(mac).play("drift", {"baseline": baseline, "fail_from": "never"})
    assert result.failed and result.data["other_machine"]
    assert "different machine" in str(result.msg)
    allowed = {"baseline": baseline, "fail_from": "never", "allow_other_machine": True}
    assert not node_of(mac).play("drift", allowed).failed


def test_a_baseline_may_be_a_file_and_must_be_a_snapshot(mac: SimNode, tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("schema: 7")
    result = node_of(mac).play("drift", {"baseline_file": "base.txt"}, FakeContext(root=tmp_path))
    assert result.failed and "no snapshot" in str(result.msg)
    with pytest.raises(ValueError, match="either"):
        node_of(mac).play("drift", {})


@pytest.mark.parametrize(("skew_s", "verdict"), [(0.0, "pass"), (10.0, "warn"), (-45.0, "fail"), (150.0, "stop")])
def test_a_skewed_clock_is_measured_and_judged(mac: SimNode, skew_s: float, verdict: str) -> None:
    switch(mac.dir.root, clock_skew_s=skew_s)
    result = node_of(mac).play("clock", {"samples": 2})
    assert result.data["verdict"] == verdict
    assert result.failed == (verdict in ("fail", "stop"))
    assert abs(result.data["offset_s"] - skew_s) <= result.data["bound_s"] + 0.05
    assert not node_of(mac).play("clock", {"samples": 1, "fail_from": "never"}).failed


@pytest.mark.parametrize("skew_s", [0.0, 45.0, -3600.0])
def test_a_snapshot_measures_the_clock_though_it_takes_long(mac: SimNode, skew_s: float) -> None:
    switch(mac.dir.root, clock_skew_s=skew_s)
    began_s = time.monotonic()
    found = facts(take(mac))
    took_s = time.monotonic() - began_s
    assert abs(found["clock.offset_s"]["value"] - skew_s) <= found["clock.bound_s"]["value"] + 0.05
    assert found["clock.bound_s"]["value"] < took_s / 4


@pytest.mark.needs_zsh
@pytest.mark.parametrize("shell", [("dash",), ("zsh", "--emulate", "sh")])
def test_other_shells_see_the_same(mac: SimNode, shell: tuple[str, ...]) -> None:
    node: MacNode = node_of(mac, shell)
    found = facts(node.play("snapshot", {"clock_samples": 1}))
    baseline = facts(take(mac, clock_samples=1))
    different = {name for name, fact in found.items() if replace_volatile(fact) != replace_volatile(baseline[name])}
    assert different <= {
        name for name in found if name.startswith(("boot.", "clock.", "disk.", "network.", "session.logged_in"))
    }


def replace_volatile(fact: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fact.items() if key in ("value", "standing")}
