"""The clock's error over injected offsets and round trips, with a fifth of jitter, on a virtual clock."""

import random
from itertools import product

import pytest

from orchestrator.modules.macos.clock import Limits, sample
from tests.contract.driver import FakeContext
from tests.unit.modules.macos.test_clock import World, drive

OFFSETS_S = [sign * size for size in (0.1, 1, 2, 30, 119, 121, 3600) for sign in (1, -1)]
RTTS_S = (0.001, 0.05, 0.3)
START_S = 0.03
"""What the node's own program takes before it reads its clock; it lies on the way out and is part of the round trip."""


def right(offset_s: float) -> str:
    size = abs(offset_s)
    return "stop" if size >= 100 else "fail" if size > 30 else "warn" if size > 2 else "pass"


@pytest.mark.parametrize(("offset_s", "rtt_s"), list(product(OFFSETS_S, RTTS_S)))
def test_the_error_is_at_most_half_the_round_trip_and_50_ms(offset_s: float, rtt_s: float) -> None:
    luck = random.Random(f"{offset_s} {rtt_s}")
    for _ in range(20):
        delays_s = [rtt_s / 2 * luck.uniform(0.8, 1.2) + START_S * (place % 2 == 0) for place in range(10)]
        found = drive(sample(FakeContext(), 5, (world := World(offset_s, delays_s)).now), world.reply)
        assert abs(found.offset_s - offset_s) <= rtt_s / 2 + 0.05
        assert abs(found.offset_s - offset_s) <= found.bound_s + 1e-5
        assert Limits().verdict(found) == right(offset_s)
