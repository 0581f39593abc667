"""launchd on a simulated Mac that really starts, throttles and restarts processes; and listeners on its sockets."""

import plistlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.program import Run
from orchestrator.model.results import Outcome, Result
from orchestrator.sim.faults import switch
from orchestrator.sim.fleet import SimNode
from orchestrator.sim.mac import SimMac
from tests.contract.driver import FakeContext
from tests.contract.macos import MacNode, macs, node_of

LABEL = "ai.openclaw.gateway"
QUICK = {"label": LABEL, "observe_s": 0.3, "spacing_s": 0, "budget": 50, "host_budget": 50, "ready_s": 3}
CALM = {"crash_on_start": (), "on_demand_only": False, "no_gui": False, "bootout_delay_s": 0.2, "bootstrap_eio_s": 0.0}


@pytest.fixture(scope="module")
def mac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimNode]:
    with macs(tmp_path_factory.mktemp("mac"), SimMac("m26", gateway_throttle_s=1)) as nodes:
        yield nodes["m26"]


@dataclass
class Bench:
    """One Mac, whose gateway is up at the start of each test."""

    node: MacNode
    mac: SimNode

    def play(self, state: str | None = None, *, check: bool = False, **args: Any) -> Result:
        wanted = {**QUICK, **args, **({"state": state} if state else {})}
        return self.node.play("launchd", wanted, FakeContext(check=check))

    def pid(self) -> int | None:
        found: int | None = self.play().data["pid"]
        return found

    @property
    def definition(self) -> dict[str, Any]:
        content: dict[str, Any] = plistlib.loads(self.mac.dir.gateway_plist.read_bytes())
        return content


@pytest.fixture
def bench(mac: SimNode) -> Iterator[Bench]:
    switch(mac.dir.root, **CALM)
    time.sleep(0.15)
    found = Bench(node_of(mac), mac)
    result = found.play("running", enabled=True, force=True)
    assert not result.failed, result.msg
    found.node.remembered.clear()
    yield found
    switch(mac.dir.root, **CALM)


def test_a_restart_is_one_start_with_a_new_process_that_is_proven(bench: Bench) -> None:
    port = bench.mac.gateway_port
    proofs = {"ports": [port], "ready_url": f"http://127.0.0.1:{port}/readyz", "reach_port": port, "good_probes": 2}
    hooks = {"drain": "echo drained >>~/hooks", "resume": "echo resumed >>~/hooks"}
    bench.node.play("ping", {})
    result = bench.node.play(
        "launchd",
        {**QUICK, "state": "restarted", **proofs, **hooks},
        FakeContext(variables={"ansible_host": "127.0.0.1"}),
    )
    assert result.outcome is Outcome.CHANGED, result.msg
    data = result.data
    assert data["pid"] != data["pid_before"]
    assert data["runs"] == data["runs_before"] + 1
    assert (bench.mac.dir.home / "hooks").read_text() == "drained\nresumed\n"
    assert f"listening on {port}" in data["story"]
    orders = [request for request in bench.node.asked if isinstance(request, Run) and request.main == "order"]
    assert len(orders) == 1
    assert [topic for topic, *_ in bench.node.remembered] == [f"restart:gui/501/{LABEL}", "restart"]


def test_states_are_reached_and_a_second_run_changes_nothing(bench: Bench) -> None:
    for state in ("unloaded", "running", "loaded"):
        bench.play(state)
        again = bench.play(state)
        assert again.outcome is Outcome.OK, (state, again.msg)
    assert bench.play("unloaded").data["loaded"] is False
    assert bench.play("loaded").data["loaded"] is True
    assert bench.pid()


def test_check_mode_predicts_and_touches_nothing(bench: Bench) -> None:
    pid = bench.pid()
    for args in ({"state": "unloaded"}, {"state": "restarted"}, {"enabled": False}):
        predicted = bench.play(check=True, **args)
        assert predicted.changed and not predicted.failed and predicted.diff
    assert bench.play("running", check=True).outcome is Outcome.OK
    assert bench.pid() == pid
    assert bench.node.remembered == []


def test_a_service_that_crashes_is_down_and_said_so(bench: Bench) -> None:
    switch(bench.mac.dir.root, crash_on_start=(LABEL,))
    time.sleep(0.15)
    down = bench.play("restarted", observe_s=1)
    assert down.failed
    assert "last exit code 1" in str(down.msg)
    assert down.data["recovery"] == f"launchctl kickstart -k gui/501/{LABEL}"


def test_a_changed_plist_is_read_by_a_reload_through_the_eio_window(bench: Bench) -> None:
    switch(bench.mac.dir.root, bootout_delay_s=0.3, bootstrap_eio_s=3.0)
    time.sleep(0.15)
    definition = {**bench.definition, "EnvironmentVariables": {"TOKEN": "canary-4711"}}
    written = bench.play(definition=definition)
    assert written.data["reload_needed"] and written.data["changed_fields"] == ["plist"]
    assert "canary-4711" not in str(written)
    reloaded = bench.play("restarted", definition={**definition, "ThrottleInterval": 2})
    assert reloaded.changed, reloaded.msg
    assert reloaded.data["changed_fields"] == ["plist", "state"]
    assert reloaded.data["minimum_runtime_s"] == 2
    tries = [line for line in reloaded.data["story"] if "bootstrap" in line]
    assert 2 <= len(tries) <= 6
    assert bench.play(definition=bench.definition).outcome is Outcome.OK


def test_a_broken_definition_leaves_the_old_plist(bench: Bench) -> None:
    before = bench.mac.dir.gateway_plist.read_bytes()
    assert bench.play(definition={"Label": "other"}).failed
    assert bench.play(definition={"KeepAlive": None}).failed
    assert bench.mac.dir.gateway_plist.read_bytes() == before


def test_a_fresh_job_is_written_loaded_and_started(bench: Bench) -> None:
    args = {
        "label": "com.example.sleeper",
        "definition": {"ProgramArguments": ["/bin/sleep", "300"], "RunAtLoad": False},
        "observe_s": 0.3,
    }
    made = bench.node.play("launchd", {**args, "state": "running"})
    assert made.changed and made.data["pid"], made.msg
    assert (bench.mac.dir.home / "Library/LaunchAgents/com.example.sleeper.plist").stat().st_mode & 0o777 == 0o644
    assert bench.node.play("launchd", {**args, "state": "running"}).outcome is Outcome.OK
    stopped = bench.node.play("launchd", {**args, "state": "stopped"})
    assert stopped.changed and stopped.data["pid"] is None, stopped.msg
    assert bench.node.play("launchd", {**args, "state": "unloaded"}).data["loaded"] is False


def test_a_job_that_is_kept_alive_does_not_stay_stopped_and_that_is_said(bench: Bench) -> None:
    told = bench.play("stopped")
    assert told.failed and "KeepAlive" in str(told.msg)


def test_a_disabled_job_is_explained_before_launchd_says_5(bench: Bench) -> None:
    bench.play("unloaded", enabled=False)
    refused = bench.play("loaded")
    assert refused.failed and "enabled: true" in str(refused.msg)
    assert bench.play("loaded", enabled=True).data["enabled"] is True


def test_a_missing_gui_session_is_named_in_words(bench: Bench) -> None:
    switch(bench.mac.dir.root, no_gui=True)
    time.sleep(1.0)
    refused = bench.play("restarted")
    assert refused.failed and "nobody is logged in at the console" in str(refused.msg)
    assert bench.play("unloaded").outcome is Outcome.OK


def test_on_demand_only_mode_is_told_and_a_restart_still_works(bench: Bench) -> None:
    switch(bench.mac.dir.root, on_demand_only=True)
    time.sleep(0.15)
    result = bench.play("restarted")
    assert result.changed, result.msg
    assert "on-demand-only mode" in str(result.msg)


@pytest.mark.parametrize(
    "args",
    [
        {"label": "a b"},
        {"label": "a", "domain": "gui/x"},
        {"label": "a", "mode": "0666"},
        {"label": "a", "ports": ["x"]},
    ],
)
def test_senseless_arguments_are_refused(bench: Bench, args: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        bench.node.play("launchd", args)


def test_listeners_are_the_job_s_own_and_nothing_else_listens(bench: Bench) -> None:
    port = bench.mac.gateway_port
    entry = {"port": port, "job": LABEL, "outside": "open"}
    held = bench.node.play(
        "listeners", {"manifest": [entry, {"port": 1, "state": "closed"}], "outside_host": "127.0.0.1"}
    )
    assert held.outcome is Outcome.OK, held.msg
    assert held.data["findings"][0]["rows"][0]["address"] == "127.0.0.1"
    assert held.data["blind"] is None
    wrong = bench.node.play("listeners", {"manifest": [{**entry, "outside": "closed"}], "outside_host": "127.0.0.1"})
    assert wrong.failed and "wrong from outside" in str(wrong.msg)
    stranger = bench.node.play("listeners", {"manifest": [{"port": 1, "state": "closed"}], "others": "deny"})
    assert stranger.failed and "not in the manifest" in str(stranger.msg)
    bench.play("unloaded")
    missing = bench.node.play("listeners", {"manifest": [{"port": port, "job": LABEL}]})
    assert missing.failed and missing.data["findings"][0]["verdict"] == "missing"


def test_system_jobs_need_root(mac: SimNode) -> None:
    args = {"label": "com.apple.screensharing", "domain": "system"}
    assert node_of(mac).play("launchd", {**args, "state": "unloaded"}).outcome is Outcome.OK
    refused = node_of(mac).play("launchd", {**args, "enabled": False})
    assert refused.failed and "not permitted" in str(refused.msg).lower()
