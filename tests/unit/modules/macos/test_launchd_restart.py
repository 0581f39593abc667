"""One restart at a time in the modelled world: budget, drain, proof and resume, and what an operator is told."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.model.errors import OutcomeUnknown
from orchestrator.model.program import Run
from orchestrator.model.results import Result
from orchestrator.modules.macos.launchd import LaunchdArgs, launchd_steps
from tests.contract.driver import FakeContext
from tests.unit.modules.macos.launchd_world import DOMAIN, LABEL, PORT, Gateway, Launchd, World, drive

TOPIC = f"restart:{DOMAIN}/{LABEL}"


def world(*ages_s: float, host: str = "mac1") -> World:
    found = World(Launchd(), Gateway())
    found.remembered = [(TOPIC, host, found.now_s - age) for age in ages_s]
    return found


def play(where: World, state: str = "restarted", *, check: bool = False, **more: Any) -> Result:
    args = LaunchdArgs.model_validate({"label": LABEL, "state": state, **more})
    return drive(launchd_steps(args, FakeContext(check=check, variables={"ansible_host": "192.0.2.7"})), where)


def test_the_budget_refuses_and_says_when() -> None:
    where = world(400, 500, 600)
    refused = play(where)
    assert refused.failed and "3 restarts of this service" in str(refused.msg)
    assert 290 < refused.data["next_in_s"] <= 300
    assert play(where, check=True).failed
    assert where.pid == 100 and where.orders == []
    assert play(where, force=True).changed and where.pid != 100


def test_a_storm_opens_the_circuit() -> None:
    refused = play(world(10, 60, 200), wait_s=9000)
    assert refused.failed and "storm" in str(refused.msg)


def test_the_fleet_waits_its_turn() -> None:
    where = world(20, host="mac2")
    refused = play(where, fleet_budget=1, fleet_window_s=60)
    assert refused.failed and "in the fleet" in str(refused.msg)
    went = play(where, fleet_budget=1, fleet_window_s=60, wait_s=60)
    assert went.changed, went.msg
    assert any(line.startswith("waiting") for line in went.data["story"])


def test_a_failing_drain_restarts_nothing() -> None:
    where = world()
    refused = play(where, drain="exit 3")
    assert refused.failed and "exit status 3: busy" in str(refused.msg)
    assert where.orders == [] and where.remembered


def test_dependants_resume_or_are_told_with_back_off() -> None:
    assert "dependants resumed" in play(world(), drain="stop them", resume="start them").data["story"]
    where = world()
    told = play(where, resume="exit 1")
    assert told.failed and "is up, but its dependants did not resume" in str(told.msg)
    assert where.hooks == ["exit 1"] * 3
    assert [round(pause / 5) for pause in where.slept if pause >= 4] == [1, 2]


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        ({"ports": [1]}, "nothing listens on 1"),
        ({"ready_url": "http://127.0.0.1/readyz"}, "not ready within 3 s"),
        ({"reach_port": 1}, "192.0.2.7:1 from the controller"),
    ],
)
def test_what_is_not_proven_is_told(proof: dict[str, Any], words: str) -> None:
    where = World(Launchd(), Gateway(ready_s=None))
    told = play(where, ready_s=3, **proof)
    assert told.failed and words in str(told.msg) and "not proven" in str(told.msg)


def test_all_proofs_hold_and_the_story_tells_them() -> None:
    done = play(world(), ports=[PORT], ready_url=f"http://127.0.0.1:{PORT}/readyz", reach_port=PORT)
    assert done.changed and done.data["starts"] == 1 and done.data["storm_after_s"] is None
    assert f"listening on {PORT}" in done.data["story"] and "ready: 3 probes in a row" in done.data["story"]


def test_an_order_whose_outcome_is_unknown_is_judged_by_what_launchd_shows() -> None:
    where = world()
    steps = launchd_steps(LaunchdArgs.model_validate({"label": LABEL, "state": "restarted"}), FakeContext())
    lost, request = False, next(steps)
    try:
        while True:
            reply = where.reply(request)
            if isinstance(request, Run) and request.main == "order" and not lost:
                lost, request = True, steps.throw(OutcomeUnknown("the line broke"))
            else:
                request = steps.send(reply)
    except StopIteration as stop:
        result = stop.value
    assert lost and result.changed, result.msg
    assert any("outcome" in line for line in result.data["story"])


def test_a_label_that_vanishes_at_the_order_is_loaded_again_and_that_is_a_recorded_recovery() -> None:
    where = World(Launchd(order_code=113, vanishes=True), Gateway())
    done = play(where)
    assert done.changed and where.orders == ["kickstart-k", "bootstrap"]
    assert any(line.startswith("recovery") for line in done.data["story"])


def test_a_job_that_launchd_starts_already_is_not_started_again() -> None:
    where = World(Launchd(throttle_s=5), Gateway(heals_s=None))
    where.pid, where.last_start_s = None, where.now_s
    where.start()
    done = play(where, "running")
    assert done.changed and where.orders == []


@given(st.integers(2, 12))
@settings(max_examples=11, deadline=None)
def test_however_many_changes_there_are_the_budget_holds(changes: int) -> None:
    """A run that wants a restart for each change gets three in 15 minutes, and is told about the others."""
    where = world()
    results = [play(where) for _ in range(changes)]
    assert where.deliberate <= 3
    assert all(one.failed == ("not restarted" in str(one.msg)) for one in results)


def test_the_words_of_community_general() -> None:
    where = world()
    assert not play(where, "started").changed, "it runs already"
    assert play(where, "started", check=True).changed is False
    again = play(where, "reloaded")
    assert again.changed and where.pid != 100 and "state" in again.data["changed_fields"]
    assert play(world(400, 500, 600), "reloaded").failed, "a reload of what runs is a restart: the budget holds"
    assert play(world(400, 500, 600), "reloaded", check=True).failed


def test_a_job_without_a_process_is_reloaded_without_one() -> None:
    where = World(Launchd(), Gateway(keep_alive=False), pid=None)
    assert play(where, "reloaded").changed and where.loaded and where.bootstraps == 1
    where.loaded = False
    assert play(where, "reloaded").changed and where.loaded, "what is not loaded is loaded"
