"""launchd with community.general's arguments, on a simulated Mac that really starts and stops processes."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.results import Result
from orchestrator.modules import find
from orchestrator.sim.fleet import SimNode
from orchestrator.sim.mac import SimMac
from tests.contract.driver import FakeContext
from tests.contract.macos import MacNode, macs, node_of

LABEL = "ai.openclaw.gateway"


@pytest.fixture(scope="module")
def mac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimNode]:
    with macs(tmp_path_factory.mktemp("mac"), SimMac("m26", gateway_throttle_s=1)) as nodes:
        yield nodes["m26"]


def play(node: MacNode, *, check: bool = False, **args: Any) -> Result:
    return node.play("community.general.launchd", {"name": LABEL, **args}, FakeContext(check=check))


def test_a_service_by_its_name(mac: SimNode) -> None:
    node = node_of(mac)
    assert play(node, state="unloaded", check=True).changed
    status = play(node, state="unloaded").data["status"]
    assert (status["previous_state"], status["current_state"], status["current_pid"]) == ("started", "unloaded", None)
    assert not play(node, state="unloaded").changed
    assert not play(node, state="stopped", force_stop=True).changed
    started = play(node, state="started", enabled=True)
    assert started.changed and started.data["status"]["current_state"] == "started", started.msg
    assert not play(node, state="started", enabled=True).changed
    assert play(node, state="stopped").failed, "KeepAlive starts it again"
    reloaded = play(node, state="reloaded")
    assert reloaded.changed and not reloaded.failed, reloaded.msg
    assert play(node, state="reloaded", check=True).changed


def test_what_is_wrong(mac: SimNode) -> None:
    node = node_of(mac)
    result = play(node, name="no.such.service", state="started")
    assert result.failed and "Unable to find the plist file no.such.service.plist" in (result.msg or "")
    wrong: tuple[dict[str, Any], ...] = ({}, {"state": "loaded"}, {"state": "started", "plist": "/a/b"})
    for args in wrong:
        with pytest.raises(ValidationError):
            play(node, **args)


def test_the_short_name_is_our_own_module() -> None:
    for name, own in (("launchd", True), ("orch.launchd", True), ("community.general.launchd", False)):
        module = find(name)
        assert module is not None and (module.name == "launchd") is own
