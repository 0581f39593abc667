"""Budgets, spacing, storms and back-off, also as properties: a budget is never exceeded, whatever the demand."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.restart import (
    Backoff,
    Budget,
    Limit,
    Past,
    Storm,
    Word,
    chance,
    observation_s,
    settle_s,
)

ROOMY = Budget(service=Limit(99, 900), host=Limit(99, 900), spacing_s=0, storm=Storm(99, 300))


def test_the_first_restart_goes() -> None:
    assert Budget().verdict(Past()).word is Word.GO


@pytest.mark.parametrize(("throttle_s", "spacing_s"), [(None, 30), (1, 30), (10, 30), (60, 120)])
def test_spacing_follows_the_throttle_interval(throttle_s: float | None, spacing_s: float) -> None:
    assert Budget().spacing(throttle_s) == spacing_s
    verdict = Budget().verdict(Past(service_s=(5,)), throttle_s)
    assert (verdict.word, verdict.wait_s) == (Word.WAIT, spacing_s - 5)
    assert "apart" in verdict.why


def test_a_service_s_budget_frees_itself_when_the_oldest_leaves_the_window() -> None:
    verdict = Budget().verdict(Past(service_s=(100, 500, 800)))
    assert (verdict.word, verdict.wait_s) == (Word.WAIT, 100)
    assert "3 restarts of this service in 900 s" in verdict.why


def test_the_host_has_a_budget_of_its_own() -> None:
    verdict = Budget(host=Limit(2, 60)).verdict(Past(host_s=(10, 20, 70)))
    assert (verdict.word, verdict.wait_s) == (Word.WAIT, 40)


def test_the_fleet_waits_its_turn() -> None:
    budget = Budget(fleet=Limit(1, 60))
    assert budget.verdict(Past(fleet_s=(20,))).wait_s == 40
    assert budget.verdict(Past(fleet_s=(61,))).word is Word.GO
    assert budget.window_s == 900


def test_no_restart_at_all_is_a_budget_too() -> None:
    assert Limit(0, 60).wait_s(()) == 60


def test_three_starts_in_five_minutes_are_a_storm() -> None:
    verdict = Budget().verdict(Past(service_s=(40, 120, 290)))
    assert verdict.word is Word.STORM
    assert verdict.wait_s == pytest.approx(10)
    assert not Storm().is_raging((40, 120, 301))
    assert Storm().calm_in_s((40,)) == 0


@given(st.lists(st.floats(0, 2000), min_size=1, max_size=60))
def test_no_window_ever_holds_more_than_the_budget(demands: list[float]) -> None:
    """Whoever asks whenever: of the restarts that were let go, no 900 s hold more than three, 30 s apart."""
    budget, done, now = Budget(), [], 0.0
    for gap in demands:
        now += gap / 10
        ages = tuple(now - at for at in done)
        if budget.verdict(Past(service_s=ages, host_s=ages), 10).word is Word.GO:
            done.append(now)
    for at in done:
        assert sum(at <= other < at + 900 for other in done) <= 3
    assert all(after - before >= 30 - 1e-6 for before, after in pairwise(done))


@given(st.lists(st.floats(0, 900), max_size=20), st.floats(0, 1))
def test_after_the_wait_it_goes(ages: list[float], extra: float) -> None:
    budget = Budget(storm=Storm(starts=99))
    verdict = budget.verdict(Past(service_s=tuple(ages)), 10)
    later = tuple(age + verdict.wait_s + extra + 1e-6 for age in ages)
    assert budget.verdict(Past(service_s=later), 10).word is Word.GO


@given(st.integers(0, 1000), st.floats(0, 1, exclude_max=True))
def test_back_off_stays_within_its_bounds(attempt: int, luck: float) -> None:
    delay_s = Backoff().delay_s(attempt, luck)
    assert 4 <= delay_s <= 300
    assert Backoff(jitter=0).delay_s(2, luck) == 20


def test_chance_is_the_same_for_the_same_names_and_spreads_over_others() -> None:
    assert chance("mac1", "gateway", 0) == chance("mac1", "gateway", 0)
    numbers = [chance(f"mac{number}") for number in range(200)]
    assert 0 <= min(numbers) < 0.1 and 0.9 < max(numbers) < 1


def test_limits_of_launchd_s_own_work() -> None:
    assert (observation_s(None), observation_s(1), observation_s(60)) == (15, 15, 65)
    assert (settle_s(None), settle_s(30)) == (30, 40)
