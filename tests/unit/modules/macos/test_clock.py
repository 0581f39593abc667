"""Cristian's method with injected clocks: the true offset lies within the bound, verdicts follow the limits."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.program import Reply, Run
from orchestrator.model.results import Result
from orchestrator.modules.macos.clock import Limits, Sample, measured, sample
from tests.contract.driver import FakeContext

START_S = 1_790_000_000.0


class World:
    """A controller's clock, a node that is ``offset_s`` ahead, and a line that takes its time."""

    def __init__(self, offset_s: float, delays_s: list[float], layout: str = "{:.6f}") -> None:
        self.now_s, self.offset_s, self.delays_s, self.layout = START_S, offset_s, delays_s, layout

    def now(self) -> float:
        return self.now_s

    def reply(self, request: Run) -> Reply:
        out_s, back_s = self.delays_s.pop(0), self.delays_s.pop(0)
        self.now_s += out_s
        clock = self.layout.format(self.now_s + self.offset_s)
        self.now_s += back_s
        return Reply(0, said=(("clock", clock), ("sent", str(request.values["sent"]))))


def drive(steps: Any, reply: Callable[[Run], Reply]) -> Any:
    try:
        request = next(steps)
        while True:
            request = steps.send(reply(request))
    except StopIteration as stop:
        return stop.value


@given(st.floats(-4000, 4000), st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_the_true_offset_lies_within_the_bound(offset_s: float, delays_s: list[float]) -> None:
    world = World(offset_s, list(delays_s))
    found = drive(sample(FakeContext(), 3, world.now), world.reply)
    assert abs(found.offset_s - offset_s) <= found.bound_s + 1e-5
    pairs = [sum(delays_s[at : at + 2]) for at in (0, 2, 4)]
    assert found.bound_s == pytest.approx(min(pairs) / 2, abs=1e-5)


@given(st.floats(-4000, 4000), st.floats(0, 60), st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_what_the_node_does_between_its_readings_is_not_in_the_bound(
    offset_s: float, work_s: float, delays_s: list[float]
) -> None:
    out_s, back_s = delays_s
    first_s = START_S + out_s + offset_s
    found = measured(f"{first_s:.6f}", f"{first_s + work_s:.6f}", START_S, START_S + out_s + work_s + back_s)
    assert found is not None
    assert found.bound_s == pytest.approx((out_s + back_s) / 2, abs=1e-5)
    assert abs(found.offset_s - offset_s) <= found.bound_s + 1e-5


def test_a_clock_that_was_set_between_its_readings_is_not_measured() -> None:
    assert measured(f"{START_S:.6f}", f"{START_S + 60:.6f}", START_S, START_S + 2) is None


@given(st.floats(-200, 200))
def test_whole_seconds_widen_the_bound(offset_s: float) -> None:
    world = World(offset_s, [0.01, 0.01])
    world.layout = "{:.0f}"
    world.reply = lambda request: Reply(  # type: ignore[method-assign]
        0, said=(("clock", str(int(world.now_s + offset_s))), ("sent", str(request.values["sent"])))
    )
    found = drive(sample(FakeContext(), 1, world.now), world.reply)
    assert not found.precise
    assert abs(found.offset_s - offset_s) <= found.bound_s + 1e-6


def test_an_answer_kept_from_an_earlier_try_does_not_count() -> None:
    stale = drive(sample(FakeContext(), 2), lambda _: Reply(0, said=(("clock", "1.5"), ("sent", "1.0"))))
    assert isinstance(stale, Result) and stale.failed


def test_a_node_without_a_clock_fails_with_words() -> None:
    assert measured("soon", "soon", 0, 1) is None
    refused = drive(sample(FakeContext(), 1), lambda _: Reply(1, stderr=b"no shell"))
    assert isinstance(refused, Result) and refused.failed


@pytest.mark.parametrize(
    ("offset_s", "verdict"),
    [
        (0, "pass"),
        (2, "pass"),
        (-2.5, "warn"),
        (30, "warn"),
        (30.5, "fail"),
        (-99, "fail"),
        (101, "stop"),
        (3600, "stop"),
    ],
)
def test_the_verdict_follows_the_limits(offset_s: float, verdict: str) -> None:
    assert Limits().verdict(Sample(offset_s, 0.2, True)) == verdict


def test_a_slow_line_blames_nobody() -> None:
    assert Limits().verdict(Sample(31, 5, True)) == "warn"
