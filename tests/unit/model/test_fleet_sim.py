"""Ten thousand nodes come back: who hits the gateway how hard, and when all are up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.model.fleet_sim import POLICIES, Fleet, Policy, Waves, simulate, turns

BY_NAME = {policy.name: policy for policy in POLICIES}
TEN_THOUSAND = Fleet()


def test_ours_never_asks_for_more_than_the_gateway_takes() -> None:
    ours = simulate(TEN_THOUSAND, BY_NAME["orch"])
    assert ours.peak_per_s <= TEN_THOUSAND.capacity_per_s
    assert ours.refused == 0
    assert ours.most_released <= 0.2 * TEN_THOUSAND.nodes
    assert ours.all_up_s is not None and ours.all_up_s < 180


def test_a_fixed_delay_is_a_stampede_and_exponential_alone_is_a_slow_one() -> None:
    fixed, exponential, jittered = (
        simulate(TEN_THOUSAND, BY_NAME[n]) for n in ("fixed 5 s", "exponential", "full jitter")
    )
    assert fixed.peak_per_s == exponential.peak_per_s == TEN_THOUSAND.nodes
    assert fixed.refused > 100_000
    assert exponential.all_up_s and jittered.all_up_s and exponential.all_up_s > 5 * jittered.all_up_s


def test_fifty_hosts_at_a_token_change() -> None:
    """At most a fifth restarts at once, and the gateway sees no more than twice what it takes steadily."""
    fleet = Fleet(nodes=50, capacity_per_s=5)
    ours = simulate(fleet, BY_NAME["orch"])
    assert ours.most_released <= 10
    assert ours.peak_per_s <= 2 * fleet.capacity_per_s
    assert sum(ours.ups) == 50


def test_the_same_seed_gives_the_same_story() -> None:
    fleet = Fleet(nodes=200)
    assert simulate(fleet, BY_NAME["full jitter"], 7) == simulate(fleet, BY_NAME["full jitter"], 7)
    assert simulate(fleet, BY_NAME["full jitter"], 7) != simulate(fleet, BY_NAME["full jitter"], 8)


def test_who_never_gets_in_is_said() -> None:
    hopeless = simulate(Fleet(nodes=5, outage_s=1e9), Policy("fixed", 60, 1, 60))
    assert hopeless.all_up_s is None and hopeless.half_up_s is None and sum(hopeless.ups) == 0


@given(st.integers(0, 500), st.floats(0.001, 1))
def test_turns_hold_everybody_once_and_never_too_many(nodes: int, share: float) -> None:
    found = list(turns(nodes, share))
    assert [node for turn in found for node in turn] == list(range(nodes))
    assert all(len(turn) <= max(nodes * share, 1) for turn in found)
    assert nodes == 0 or len(found[0]) == 1


@given(st.integers(1, 400), st.floats(1, 500), st.floats(0, 60), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_gateway_never_takes_more_than_it_can(nodes: int, capacity: float, outage_s: float, seed: int) -> None:
    fleet = Fleet(nodes=nodes, capacity_per_s=capacity, outage_s=outage_s)
    for policy in POLICIES:
        story = simulate(fleet, policy, seed)
        assert max(story.ups) <= capacity + 1
        assert story.all_up_s is None or sum(story.ups) == nodes
        assert sum(story.attempts) == story.refused + sum(story.ups)


def test_delays_grow_to_their_cap() -> None:
    policy = Policy("x", 1, 2, 60)
    assert [policy.delay_s(failures, 0.5) for failures in (1, 2, 7, 500)] == [1, 2, 60, 60]
    assert Policy("x", 1, 2, 60, jitter=True, waves=Waves()).delay_s(3, 0.5) == 2
