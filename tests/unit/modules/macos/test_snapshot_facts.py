"""More than 60 facts × five ways in which a Mac may answer: what is not known is never shown as known, or as clean."""

from collections.abc import Callable, Mapping

import pytest

from orchestrator.model.snapshot import Fact, Snapshot, Standing, drift
from orchestrator.modules.macos.probing import Answer
from orchestrator.modules.macos.snapshot_facts import facts
from tests.unit.modules.macos import answers

LABELS = ("ai.openclaw.gateway",)

LISTINGS = {"mdm.managed_preferences", "mdm.cloud_config", "privacy.full_disk_access"}


def found(given: Mapping[str, Answer]) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts(given, LABELS)}


NAMES = sorted(found(answers.good()))
GOOD, REFUSED = found(answers.good()), found(answers.refused())
MISSING, ODD, ELSEWHERE = found(answers.missing()), found(answers.odd()), found(answers.elsewhere())


def test_there_are_more_than_sixty_facts_so_more_than_300_cases() -> None:
    assert len(NAMES) >= 60
    assert {*answers.FACTS, "launchd.ai.openclaw.gateway"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_allowed_it_is_known_with_its_source(name: str) -> None:
    fact = GOOD[name]
    assert fact.standing is Standing.KNOWN and fact.source
    if name in answers.FACTS:
        assert fact.value == answers.FACTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_refused_it_is_not_permitted_or_unknown_and_never_clean(name: str) -> None:
    """The one exception is the fact whose answer is the refusal itself: remote logins have no Full Disk Access."""
    fact = REFUSED[name]
    if name == "privacy.full_disk_access":
        assert fact.value is False and fact.why
        return
    assert fact.standing is not Standing.KNOWN and fact.why and fact.value is None


@pytest.mark.parametrize("name", NAMES)
def test_without_its_tool_it_is_unknown(name: str) -> None:
    fact = MISSING[name]
    assert fact.standing is Standing.UNKNOWN and fact.why and fact.value is None


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_answer_is_unknown(name: str) -> None:
    """A listing of a folder has no form that could be odd: what was listed there is told."""
    fact = ODD[name]
    if name in LISTINGS:
        assert fact.standing is Standing.KNOWN and fact.exit_status == 0
        return
    assert fact.standing is Standing.UNKNOWN, fact
    assert fact.why


@pytest.mark.parametrize("name", NAMES)
def test_in_another_language_it_is_the_same_or_unknown(name: str) -> None:
    fact = ELSEWHERE[name]
    assert fact.standing is Standing.UNKNOWN or fact.value == GOOD[name].value, fact


@pytest.mark.parametrize("make", [answers.refused, answers.missing, answers.odd])
def test_turning_dark_is_drift(make: Callable[[], dict[str, Answer]]) -> None:
    before = Snapshot(host="m", taken_at="", facts=tuple(GOOD.values()))
    after = Snapshot(host="m", taken_at="", facts=tuple(found(make()).values()))
    changed = {change.name for change in drift(before, after).changes}
    assert len(changed) >= 50 and "protection.sip" in changed


def test_the_same_answers_give_the_same_stable_part_byte_for_byte() -> None:
    pair = [Snapshot(host="m", taken_at=at, facts=tuple(facts(answers.good(), LABELS))) for at in ("1", "2")]
    assert str(pair[0].stable()) == str(pair[1].stable())
    assert drift(*pair).changes == ()
