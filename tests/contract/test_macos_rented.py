"""inspect, rehearsal_reset, pmset and softwareupdate on a simulated Mac on disk: no launchd, no SSH in front."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.results import Outcome
from orchestrator.sim.layout import lay_out
from orchestrator.sim.mac import MacDir, SimMac, session_environment
from tests.contract.driver import FakeContext, Node, Shell

CHROME = "Library/Application Support/Google/Chrome"


class Rented(Node):
    """A Mac on disk; ``where`` are its directories, ``uid`` who plays."""

    def __init__(self, root: Path, uid: str = "501") -> None:
        mac, self.where = SimMac("mac1", gateway=False), MacDir(root / "mac")
        if not self.where.home.exists():
            lay_out(mac, self.where, 0)
        environment = {**session_environment(mac, self.where), "SIM_SESSION": "test", "SIM_UID": uid}
        super().__init__(Shell(("bash", "--posix"), self.where.home, environment))


@pytest.fixture
def mac(tmp_path: Path) -> Rented:
    return Rented(tmp_path)


def test_arrival_finds_a_former_tenant_and_departure_finds_us(mac: Rented) -> None:
    home = mac.where.home
    arrived = mac.play("inspect", {})
    assert {"login_items", "crontab"} <= set(arrived.data["unseen"]) | set(arrived.data["items"])
    baseline = arrived.data["items"]
    left = mac.play("inspect", {"baseline": baseline, "gone": ["~/.openclaw/token"]})
    assert left.outcome is Outcome.OK, left.msg
    agents = home / "Library/LaunchAgents"
    agents.mkdir(parents=True, exist_ok=True)
    (agents / "com.former.sync.plist").write_text("x")
    (home / ".openclaw").mkdir(exist_ok=True)
    (home / ".openclaw/token").write_text("x")
    (mac.where.tmp / ".orch-501-abc").mkdir()
    found = mac.play("inspect", {"baseline": baseline, "gone": ["~/.openclaw/token"]})
    assert found.failed
    assert {one["kind"] for one in found.data["findings"]} == {"user_agents", "gone", "remains"}
    allowed = {"baseline": baseline, "allow": ["user_agents:com.former.*"]}
    assert [one["kind"] for one in mac.play("inspect", allowed).data["findings"]] == ["remains"]


def test_unseen_kinds_fail_where_that_is_asked_for(mac: Rented) -> None:
    baseline = mac.play("inspect", {}).data
    assert baseline["unseen"]
    assert mac.play("inspect", {"baseline": baseline["items"], "unseen": "fail"}).failed


def rehearse(mac: Rented, *, check: bool = False, **args: Any) -> Any:
    wanted = {"browsers": ["chrome", "firefox"], "keychains": ["rehearsal"], **args}
    return mac.play("rehearsal_reset", wanted, FakeContext(check=check))


def test_a_rehearsal_is_planned_reset_and_proven_against_its_baseline(mac: Rented) -> None:
    clean = rehearse(mac)
    assert clean.changed, "browsers of the simulated Mac come with cookies"
    baseline = mac.play("snapshot", {"clock_samples": 0}).data["snapshot"]
    made = {"keychain": "rehearsal", "state": "fresh", "password": "p", "default": True}
    assert mac.play("keychain_reset", made).changed
    (mac.where.home / CHROME / "Default/Cookies").write_text("session")
    planned = rehearse(mac, check=True, baseline=baseline)
    assert planned.changed and len(planned.data["plan"]) == 2
    assert (mac.where.home / CHROME / "Default/Cookies").exists()
    done = rehearse(mac, baseline=baseline, by_hand_min=30)
    assert done.changed and not done.failed, done.msg
    assert done.data["changes"] == [] and done.data["not_seen"]
    assert 0 < done.data["saved_min"] <= 30
    again = rehearse(mac)
    assert again.outcome is Outcome.OK and again.data["saved_min"] == 0


def test_a_part_that_fails_ends_the_reset_before_the_keychains(mac: Rented) -> None:
    made = {"keychain": "rehearsal", "state": "fresh", "password": "p"}
    assert mac.play("keychain_reset", made).changed
    refused = rehearse(mac, browsers=["safari"])
    assert refused.failed and "Full Disk Access" in str(refused.msg)
    assert (mac.where.home / "Library/Keychains/rehearsal.keychain-db").exists()


def test_a_baseline_that_is_none_is_told(mac: Rented) -> None:
    assert rehearse(mac, baseline={"schema": 9, "facts": {}}).failed
    assert mac.asked == []


def test_power_settings_are_set_by_root_and_proven(mac: Rented, tmp_path: Path) -> None:
    wanted = {"settings": {"sleep": 0, "womp": 0}}
    assert mac.play("pmset", {"settings": {"sleep": 0}}).outcome is Outcome.OK
    assert mac.play("pmset", wanted, FakeContext(check=True)).changed
    refused = mac.play("pmset", wanted)
    assert refused.failed and "become" in str(refused.msg)
    root = Rented(tmp_path, "0")
    done = root.play("pmset", wanted)
    assert done.changed and done.data["changed_fields"] == ["womp"], done.msg
    assert root.play("pmset", wanted).outcome is Outcome.OK


def test_updates_are_told_and_not_installed(mac: Rented) -> None:
    assert mac.play("softwareupdate", {}).msg == "no update on offer"
    settings = mac.where.state / "settings.json"
    update = {"label": "macOS 26.7-25H1", "title": "macOS 26.7", "version": "26.7", "size_kib": 9, "restart": True}
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "updates": [update]}))
    found = mac.play("softwareupdate", {"scan": True})
    assert not found.failed and found.data["restarts"] == ["macOS 26.7-25H1"] and found.data["automatic_check"] is True
    assert mac.play("softwareupdate", {"fail_on": "restart"}).failed


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("pmset", {"settings": {}}),
        ("pmset", {"settings": {"sleep": "never"}}),
        ("pmset", {"settings": {"-x": 1}}),
        ("rehearsal_reset", {}),
        ("rehearsal_reset", {"browsers": ["lynx"]}),
        ("rehearsal_reset", {"keychains": ["/Library/Keychains/System.keychain"]}),
        ("rehearsal_reset", {"keychains": ["a"], "baseline": {}, "baseline_file": "b"}),
        ("softwareupdate", {"fail_on": "some"}),
        ("inspect", {"unseen": "perhaps"}),
    ],
)
def test_senseless_arguments_are_refused(mac: Rented, name: str, args: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        mac.play(name, args)
