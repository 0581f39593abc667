"""Restarts in a modelled world: 576 combinations, random launchds, and what a storm looks like while it begins."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orchestrator.model.results import Result
from orchestrator.modules.macos.launchd import LaunchdArgs, launchd_steps
from tests.contract.driver import FakeContext
from tests.unit.modules.macos.launchd_world import LABEL, PORT, Gateway, Launchd, World, drive

GATEWAYS = {
    "port held": Gateway(heals_s=8, stops_in_s=12),
    "stale lock": Gateway(heals_s=30),
    "crash on start": Gateway(heals_s=None),
    "missing config": Gateway(heals_s=None, exit_code=78, lives_s=2),
    "slow ready": Gateway(ready_s=25),
    "pairing lost": Gateway(ready_s=None),
    "no KeepAlive": Gateway(keep_alive=False),
    "other watchdog": Gateway(stops_in_s=4),
}
HEALING = {"port held", "stale lock", "slow ready", "no KeepAlive", "other watchdog"}
CODES = {
    3: Launchd(order_code=3, vanishes=True),
    5: Launchd(busy_code=5, busy_s=10),
    37: Launchd(busy_code=37, busy_s=14),
    112: Launchd(order_code=112, domain_lost=True),
    113: Launchd(order_code=113, vanishes=True),
    125: Launchd(order_code=125, domain_lost=True),
}
RELOADS = {3, 5, 37}
PROOFS = {"ports": [PORT], "ready_url": f"http://127.0.0.1:{PORT}/readyz"}


@dataclass(frozen=True)
class Played:
    """One combination, played: the world afterwards, the task's result, and how long it took in virtual seconds."""

    name: str
    code: int
    world: World
    result: Result
    took_s: float

    @property
    def is_recoverable(self) -> bool:
        return self.name in HEALING and self.code not in (112, 125)


def play(world: World, **more: Any) -> tuple[Result, float]:
    args = LaunchdArgs.model_validate({"label": LABEL, "state": "restarted", **PROOFS, **more})
    begun_s = world.now_s
    return drive(launchd_steps(args, FakeContext()), world), world.now_s - begun_s


RELOAD = {"definition": {"ProgramArguments": ["/usr/local/bin/openclaw", "gateway"], "KeepAlive": True}}


def combinations() -> Iterator[Played]:
    for name, throttle_s, exit_s, code in itertools.product(GATEWAYS, (1, 5, 10, 60), (5, 20, 30), CODES):
        launchd = replace(CODES[code], throttle_s=float(throttle_s), exit_timeout_s=float(exit_s))
        launchd = replace(launchd, watchdog_s=5.0 if name == "other watchdog" else None)
        world = World(launchd, GATEWAYS[name])
        result, took_s = play(world, **(RELOAD if code in RELOADS else {}))
        yield Played(name, code, world, result, took_s)


@pytest.fixture(scope="module")
def played() -> list[Played]:
    return list(combinations())


def test_each_of_576_combinations_is_one_deliberate_start(played: list[Played]) -> None:
    assert len(played) == 576
    for one in played:
        recoveries = sum(line.startswith("recovery") for line in one.result.data["story"])
        assert one.world.deliberate <= 1, (one.name, one.code, one.world.orders)
        assert recoveries <= 1
        assert one.world.bootstraps <= 6
        assert sum(topic == "restart" for topic, *_ in one.world.remembered) == 1


def test_the_recoverable_come_up_and_are_proven(played: list[Played]) -> None:
    recoverable = [one for one in played if one.is_recoverable]
    up = [one for one in recoverable if one.world.is_up]
    proven = [one for one in recoverable if not one.result.failed]
    assert len(recoverable) == 240
    assert len(up) >= 0.995 * len(recoverable)
    assert len(proven) >= 0.995 * len(recoverable), [
        (p.name, p.code, p.result.msg) for p in recoverable if p.result.failed
    ]


def test_no_service_is_ever_silently_down(played: list[Played]) -> None:
    for one in played:
        if not one.result.failed:
            assert one.world.is_up and one.world.is_ready
            one.world.pass_time(300)
            assert one.world.is_up, "it stays up"
        else:
            assert one.result.data["recovery"].startswith("launchctl ")
            assert ("is DOWN" in str(one.result.msg)) == (one.world.pid is None)
        assert one.took_s <= 300


def test_what_cannot_recover_says_why(played: list[Played]) -> None:
    words = {
        "crash on start": "last exit code 1",
        "missing config": "last exit code 78",
        "pairing lost": "not ready within",
    }
    for one in played:
        if one.code in (112, 125):
            assert "nobody is logged in at the console" in str(one.result.msg)
        elif one.name in words:
            assert words[one.name] in str(one.result.msg)


def test_a_storm_is_recognised_within_a_minute_and_five_starts(played: list[Played]) -> None:
    """Three starts make a storm. Where ThrottleInterval is a minute there is none: the early death is told instead."""
    seen = 0
    for one in played:
        starts = one.world.started_at
        if one.name not in ("crash on start", "missing config") or not starts:
            continue
        if one.world.launchd.throttle_s == 60:
            assert one.result.data["starts"] <= 2
            continue
        seen += 1
        told_s = one.result.data["storm_after_s"]
        ordered_s = one.world.ordered_s or 0
        before = sum(at <= ordered_s + told_s for at in starts)
        assert starts[2] - starts[0] <= 60 and before <= 5, (one.name, told_s, before)
        first_seen_s = told_s - (starts[0] - ordered_s)
        assert first_seen_s <= 60, (one.name, one.code, one.world.launchd, told_s)
    assert seen == 2 * 3 * 3 * 4


def test_a_storm_of_others_is_recognised_and_not_joined() -> None:
    """Somebody else's tool starts it all the time already: nothing is ordered, nothing is counted."""
    world = World(Launchd(throttle_s=0.2), Gateway(heals_s=None))
    world.ordered_s, world.pid = world.now_s, None
    world.start()
    world.pass_time(5)
    result, _ = play(world)
    assert result.failed and "by somebody else" in str(result.msg)
    assert world.orders == [] and world.remembered == []


def test_a_tool_that_keeps_killing_it_is_told_apart_from_a_crash() -> None:
    world = World(Launchd(throttle_s=1), Gateway())

    def kill() -> None:
        if world.pid and world.ordered_s and len(world.started_at) < 3:
            world._stop()
        world.at(4, kill)

    world.at(1, kill)
    result, _ = play(world)
    assert result.failed and "somebody else restarts it too" in str(result.msg)
    assert result.data["foreign"] >= 1 and world.deliberate == 1


TIMES = st.floats(0, 40)
LAUNCHDS = st.builds(
    Launchd,
    throttle_s=st.integers(1, 90).map(float),
    exit_timeout_s=st.integers(1, 60).map(float),
    bootout_delay_s=st.floats(0, 20),
    busy_code=st.sampled_from((5, 36, 37)),
    busy_s=st.floats(0, 25),
    order_code=st.sampled_from((None, None, 3, 5, 37, 113)),
    vanishes=st.booleans(),
    domain_lost=st.sampled_from((False, False, False, True)),
    watchdog_s=st.one_of(st.none(), st.floats(1, 30)),
    latency_s=st.floats(0.001, 0.5),
)
BEHAVIOURS = st.builds(
    Gateway,
    stops_in_s=TIMES,
    heals_s=st.one_of(st.none(), st.floats(0, 120)),
    exit_code=st.sampled_from((0, 1, 78)),
    lives_s=st.floats(0.01, 30),
    ready_s=st.one_of(st.none(), st.floats(0, 90)),
    keep_alive=st.booleans(),
)


def holds(launchd: Launchd, gateway: Gateway, reload: bool) -> None:
    """What must hold in any world: it ends, one deliberate start, no lie in either direction. The module's limits count
    its waits, so a slow line may stretch them: ten minutes of limits are twenty at half a second a look."""
    world = World(launchd, gateway)
    result, took_s = play(world, **(RELOAD if reload else {}))
    assert took_s <= 60 * 20
    assert world.deliberate <= 2 and world.bootstraps <= 6
    if world.deliberate == 2:
        assert {"bootstrap", "kickstart"} <= set(world.orders), "loaded, and not started by launchd"
    assert len(world.remembered) <= 2
    if result.failed:
        assert result.msg and "story" in result.data
    else:
        assert world.is_up and world.is_ready and world.pid != 100
        assert result.data["pid"] == world.pid


@given(LAUNCHDS, BEHAVIOURS, st.booleans())
@settings(max_examples=100, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_any_launchd_and_any_gateway(launchd: Launchd, gateway: Gateway, reload: bool) -> None:
    holds(launchd, gateway, reload)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(10))
def test_a_hundred_thousand_launchds(part: int) -> None:
    @given(LAUNCHDS, BEHAVIOURS, st.booleans())
    @settings(
        max_examples=10_000,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def many(launchd: Launchd, gateway: Gateway, reload: bool) -> None:
        holds(launchd, gateway, reload)

    many()
