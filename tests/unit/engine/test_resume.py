"""What a journal says about work that was done, and what of a resumed run is news."""

from typing import Any

import pytest

from orchestrator.engine.login import Login
from orchestrator.engine.resume import Echo, Past, as_kept, result_of
from orchestrator.model import events as e
from orchestrator.model.results import Effect, IncludeVars, Result, SetFacts
from orchestrator.transport.base import Address, Become

ADDRESS = Address(name="h", user="me")
HERE = ADDRESS.shell_of(None)
ROOT = ADDRESS.shell_of(Become())
KEY = "1.tasks.0/1/h/"


def done(key: str = KEY, outcome: str = "changed", **more: Any) -> e.TaskDone:
    return e.TaskDone(host="h", task="1.tasks.0", outcome=outcome, key=key, **{"is_kept": True, **more})


def handed(key: str, where: str = HERE) -> e.Dispatched:
    return e.Dispatched(host="h", task="1.tasks.0", key=key, where=where)


def opened(birth: str, where: str = HERE) -> e.ShellOpened:
    return e.ShellOpened(host="h", where=where, birth=birth)


def spools(*events: e.Event) -> dict[str, Any]:
    return Past.of(events).spools(Login("ssh", ADDRESS))


class TestWhatIsDone:
    def test_a_result_in_full_is_taken(self) -> None:
        assert Past.of([done()]).task(KEY) == done()

    @pytest.mark.parametrize("outcome", ["unknown", "unreachable"])
    def test_an_open_outcome_is_not(self, outcome: str) -> None:
        assert Past.of([done(outcome=outcome)]).task(KEY) is None

    def test_an_ignored_unreachable_host_is(self) -> None:
        assert Past.of([done(outcome="unreachable", ignored=True)]).task(KEY) is not None

    def test_a_result_that_is_asked_for_and_not_kept_is_not(self) -> None:
        assert Past.of([handed(f"{KEY}.1.1"), done(is_kept=False)]).task(KEY) is None

    def test_unless_all_plays_were_through(self) -> None:
        assert Past.of([handed(f"{KEY}.1.1"), done(is_kept=False), e.Leaving()]).task(KEY) is not None

    def test_but_what_acts_on_the_run_alone_is_done_again_even_then(self) -> None:
        assert Past.of([done(is_kept=False), e.Leaving()]).task(KEY) is None

    def test_loop_items_are_known_one_by_one(self) -> None:
        item = e.ItemDone(host="h", task="t", label="a", outcome="ok", key=f"{KEY}0", is_kept=True)
        past = Past.of([item])
        assert past.item(f"{KEY}0") == item
        assert past.item(f"{KEY}1") is None

    def test_answers_are_known_unless_they_were_hidden(self) -> None:
        past = Past.of([e.Answered(play=1, name="who", value="me"), e.Answered(play=1, name="password")])
        assert past.answers == {(1, "who"): "me"}


class TestWhatIsOut:
    def test_a_key_without_a_result_is_out(self) -> None:
        found = spools(opened("b"), handed(f"{KEY}.1.1"))
        assert found == {"sent": [f"{KEY}.1.1"], "births": {"": "b"}, "gone": []}

    def test_one_with_a_result_is_not(self) -> None:
        assert spools(opened("b"), handed(f"{KEY}.1.1"), done())["sent"] == []

    def test_nor_one_whose_item_has(self) -> None:
        item = e.ItemDone(host="h", task="t", label="a", outcome="ok", key=f"{KEY}0", is_kept=True)
        events: list[e.Event] = [opened("b"), handed(f"{KEY}0.1.1"), item, handed(f"{KEY}1.1.1")]
        assert spools(*events)["sent"] == [f"{KEY}1.1.1"]

    def test_where_no_shell_answered_nothing_was_handed_over(self) -> None:
        assert spools(handed(f"{KEY}.1.1"))["sent"] == []

    def test_the_first_shell_may_answer_after_the_key_was_written_down(self) -> None:
        assert spools(handed(f"{KEY}.1.1"), opened("b"))["sent"] == [f"{KEY}.1.1"]

    def test_a_key_of_an_older_spool_is_gone(self) -> None:
        events: list[e.Event] = [opened("b"), handed(f"{KEY}.1.1"), opened("c"), handed("1.tasks.1/1/h/.1.1")]
        assert spools(*events)["gone"] == [f"{KEY}.1.1"]

    def test_spools_are_told_by_user(self) -> None:
        assert spools(opened("b"), opened("c", ROOT))["births"] == {"": "b", "root": "c"}

    def test_those_of_other_hosts_do_not_matter(self) -> None:
        other = Address(name="other", user="me").shell_of(None)
        assert spools(opened("b", other), handed("k/.1.1", other)) == {"sent": [], "births": {}, "gone": []}


class TestWhatIsKept:
    def kept(self, event: e.TaskDone, *effects: Effect, is_asked: bool = True, keeps: bool = True) -> e.TaskDone:
        return as_kept(event, effects, is_asked=is_asked, keeps=lambda _: keeps)

    def test_a_whole_result(self) -> None:
        assert self.kept(done(is_kept=False)).is_kept

    @pytest.mark.parametrize("more", [{"no_log": True}, {}])
    def test_not_one_that_the_journal_may_not_hold(self, more: dict[str, Any]) -> None:
        assert not self.kept(done(is_kept=False, **more), keeps=bool(more)).is_kept

    def test_but_its_outcome_is_enough_where_nobody_asks_for_more(self) -> None:
        assert self.kept(done(is_kept=False, no_log=True), is_asked=False, keeps=False).is_kept

    def test_a_failure_is_asked_for_by_the_rescue(self) -> None:
        assert not self.kept(done(outcome="failed", is_kept=False, no_log=True), is_asked=False).is_kept

    def test_never_an_unknown_outcome(self) -> None:
        assert not self.kept(done(outcome="unknown", is_kept=False)).is_kept

    def test_facts_come_back_with_the_result(self) -> None:
        event = done(is_kept=False, result={"ansible_facts": {"a": 1}, "changed": False})
        effects = SetFacts(values={"a": 1}), SetFacts(values={"a": 1}, discovered=True)
        kept = self.kept(event, *effects)
        assert kept.facts == ("set", "discovered")
        assert result_of(kept) == Result(data={"ansible_facts": {"a": 1}}, effects=effects)

    def test_other_effects_are_made_again(self) -> None:
        assert not self.kept(done(is_kept=False), IncludeVars(values={})).is_kept


class TestEcho:
    def told(self, before: list[e.Event], now: list[e.Event]) -> list[e.Event]:
        heard: list[e.Event] = []
        echo = Echo(Past.of(before), heard.append)
        for each in now:
            echo(each)
        return heard

    play = e.PlayStarted(play=1, name="p", hosts=("h",))
    task = e.TaskStarted(task="1.tasks.0", name="t", action="command", play=1)

    def test_what_was_told_is_not_told_again(self) -> None:
        events: list[e.Event] = [self.play, self.task, done(), e.Notified(host="h", handler="x", task="t")]
        assert self.told(events, events) == []

    def test_banners_are_repeated_above_news(self) -> None:
        news = done("1.tasks.0/1/g/")
        assert self.told([self.play, self.task, done()], [self.play, self.task, done(), news]) == [
            self.play,
            self.task,
            news,
        ]

    def test_no_banner_stands_above_a_program(self) -> None:
        program = handed(f"{KEY}.1.1")
        assert self.told([self.play, self.task], [self.play, self.task, program]) == [program]

    def test_an_outcome_that_was_open_is_news(self) -> None:
        assert self.told([done(outcome="unknown")], [done()]) == [done()]

    def test_a_play_that_is_through_leaves_no_banner(self) -> None:
        following = e.PlayStarted(play=2, name="q", hosts=("h",))
        assert self.told([self.play, self.task], [self.play, self.task, following]) == [following]

    def test_the_same_thing_again_is_news(self) -> None:
        notified = e.Notified(host="h", handler="x", task="t")
        assert self.told([notified], [notified, notified]) == [notified]
