"""A run that goes on in another process: what its journal says of the work done so far.

A resumed run walks the same plays. A task that the journal holds *in full* is taken from it; everything else is done
again under the same keys, and the node's claims turn what had begun there into its recorded result. Words like ``meta``
and ``include_tasks`` act on the run itself and touch nobody, so they are done again. Nothing is told twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from orchestrator.engine.login import Login
from orchestrator.model import events as e
from orchestrator.model.results import Effect, Outcome, Result, SetFacts

OPEN = frozenset({Outcome.UNKNOWN, Outcome.UNREACHABLE})
"""Outcomes that a resumed run tries to better: nothing was done, or nobody knows."""
UNSEEN = (e.Dispatched, e.Connected, e.ShellOpened, e.Answered, e.Leaving)
"""Events below which no banner is missed."""
FLAGS = ("changed", "failed", "skipped", "unreachable")


@dataclass(slots=True)
class Past:
    """What earlier processes of this run did. Empty for a run that begins."""

    tasks: dict[str, e.TaskDone] = field(default_factory=dict)
    items: dict[str, e.ItemDone] = field(default_factory=dict)
    answers: dict[tuple[int, str], Any] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """Keys of programs that were handed over or were about to be → the shell they went to."""
    on_node: set[str] = field(default_factory=set)
    """Keys of the tasks that had a program on a node."""
    born: dict[str, str] = field(default_factory=dict)
    """The spool that was seen last, by shell."""
    born_with: dict[str, str | None] = field(default_factory=dict)
    """The spool that a key was handed over to; None where no shell had answered: then nothing was handed over."""
    told: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    is_leaving: bool = False
    """Whether all plays were through."""
    hosts: set[str] = field(default_factory=set)
    """All that plays were announced for."""
    lost: set[str] = field(default_factory=set)
    """Hosts that were unreachable: they may come back, and what they did may be asked for."""
    is_resumed: bool = False

    @classmethod
    def of(cls, events: Iterable[e.Event]) -> Past:
        """From a run's events, in their order."""
        past = cls(is_resumed=True)
        for event in events:
            past._take(event)
        return past

    def _take(self, event: e.Event) -> None:
        match event:
            case e.TaskDone(key=key, host=host) if _is_settled(event):
                self.tasks[key] = event
                self.lost.discard(host)
            case e.TaskDone(outcome=Outcome.UNREACHABLE, host=host):
                self.lost.add(host)
            case e.ItemDone(key=key) if _is_settled(event):
                self.items[key] = event
            case e.Answered(play=play, name=name, value=value) if value is not None:
                self.answers[play, name] = value
            case e.Dispatched(key=key, where=where):
                self.keys[key] = where
                self.on_node.add(_task_of(key))
                if self.born_with.get(key) is None:
                    self.born_with[key] = self.born.get(where)
            case e.ShellOpened(where=where, birth=birth):
                early = [key for key, held in self.born_with.items() if held is None and self.keys[key] == where]
                self.born_with.update(dict.fromkeys(early, birth))
                self.born[where] = birth
            case e.PlayStarted(hosts=hosts):
                self.hosts.update(hosts)
            case e.Leaving():
                self.is_leaving = True
        if (mark := mark_of(event)) is not None:
            self.told[mark] += 1

    # ---- what is done --------------------------------------------------------------------------------------

    def task(self, key: str) -> e.TaskDone | None:
        """How the task ended under ``key``, where that is all a resumed run needs to know."""
        done = self.tasks.get(key)
        if done is None or done.is_kept:
            return done
        # The plays are through and the nodes are being cleaned: nobody will look at what was not written down.
        return done if self.is_leaving and key in self.on_node and done.host not in self.lost else None

    def item(self, key: str) -> e.ItemDone | None:
        """The same for a loop item."""
        done = self.items.get(key)
        return done if done is not None and done.is_kept else None

    def was_handed(self, key: str) -> bool:
        """Whether a program was handed over under ``key``, as far as can be known."""
        return key in self.keys

    def went_elsewhere(self, key: str, where: str) -> bool:
        """Whether a program was handed over under ``key`` to another shell than ``where``: at another address, or to
        another user. What became of it cannot be asked for here."""
        return self.keys.get(key) not in (None, where) and self.born_with[key] is not None

    # ---- what is out ---------------------------------------------------------------------------------------

    def spools(self, login: Login) -> dict[str, Any]:
        """What a connection for ``login`` must know of the earlier ones: ``sent``, ``births`` and ``gone``."""
        begin = login.address.shell_of(None)
        births = {where.removeprefix(begin): birth for where, birth in self.born.items() if where.startswith(begin)}
        out = [key for key, where in self.keys.items() if where.startswith(begin) and not self._is_done(key)]
        gone = [key for key in out if self.born_with[key] not in (None, self.born.get(self.keys[key]))]
        sent = [key for key in out if self.born_with[key] is not None]
        return {"sent": sent, "births": births, "gone": gone}

    def _is_done(self, key: str) -> bool:
        """Whether a program's task, or its loop item, is known in full."""
        task = _task_of(key)
        return self.task(task) is not None or self.item(task + key.removeprefix(task).partition(".")[0]) is not None


NOTHING = Past()


def _task_of(key: str) -> str:
    """The key of the task that a program's key belongs to: without its loop item, attempt and number."""
    return key[: key.rindex("/") + 1] if "/" in key else key


def _is_settled(event: e.TaskDone | e.ItemDone) -> bool:
    return bool(event.key) and (event.outcome not in OPEN or event.ignored)


def result_of(done: e.TaskDone | e.ItemDone) -> Result:
    """The result that an event tells of."""
    told = done.result
    data = {name: value for name, value in told.items() if name not in FLAGS}
    msg = data.get("msg")
    facts: Mapping[str, Any] = data.get("ansible_facts", {})
    effects = tuple(SetFacts(values=facts, discovered=word == "discovered") for word in done.facts)
    return Result(
        changed=bool(told.get("changed")),
        failed=bool(told.get("failed_when_result", told.get("failed"))),
        ran_out=bool(told.get("failed")) and not told.get("failed_when_result", True),
        skipped=bool(told.get("skipped")),
        unreachable=bool(told.get("unreachable")),
        msg=msg if isinstance(msg, str) else None,
        data=data,
        effects=effects,
    )


Done = TypeVar("Done", e.TaskDone, e.ItemDone)


def as_kept(event: Done, effects: Sequence[Effect], *, is_asked: bool, keeps: Callable[[e.Event], bool]) -> Done:
    """``event`` with what resuming needs: the facts that came with the result, and whether the event is enough.

    It is where nobody asks for more than the outcome, or where the whole result stands in the journal.
    """
    if event.outcome in OPEN:
        return event
    if not (is_asked or effects or event.outcome == Outcome.FAILED):
        return replace(event, is_kept=True)
    facts = None if isinstance(event, e.TaskDone) and event.is_loop and effects else _facts_in(event.result, effects)
    whole = replace(event, facts=facts or (), is_kept=True)
    return whole if facts is not None and not event.no_log and keeps(whole) else replace(whole, is_kept=False)


def _facts_in(result: Mapping[str, Any], effects: Iterable[Effect]) -> tuple[str, ...] | None:
    """The words from which ``result_of`` makes the same effects again; None where it cannot."""
    words: list[str] = []
    for effect in effects:
        if not isinstance(effect, SetFacts) or effect.values != result.get("ansible_facts"):
            return None
        words.append("discovered" if effect.discovered else "set")
    return tuple(words)


def mark_of(event: e.Event) -> tuple[Any, ...] | None:
    """What makes an event the same one when the run is walked again; None for one that is always news."""
    match event:
        case e.TaskDone() | e.ItemDone():
            return (type(event), event.key) if _is_settled(event) else None
        case e.PlayStarted():
            return (e.PlayStarted, event.play, event.hosts)
        case e.BatchStarted():
            return (e.BatchStarted, event.play, event.batch)
        case e.TaskStarted():
            return (e.TaskStarted, event.task)
        case e.Included():
            return (e.Included, event.task, event.what, event.item)
        case e.Notified() | e.HostRescued() | e.NoHosts():
            return (event,)
        case e.SnapshotTaken():
            return (e.SnapshotTaken, event.host)
        case e.Said(level="warning" | "deprecation"):
            return (event,)
        case e.Leaving():
            return (e.Leaving,)
    return None


class Echo:
    """Passes events on that were not told before. The banners above one that is are told again first."""

    def __init__(self, past: Past, emit: Callable[[e.Event], None]) -> None:
        self._left = Counter(past.told)
        self._emit = emit
        self._play: dict[type, e.Event] = {}
        self._tasks: dict[str, e.TaskStarted] = {}

    def __call__(self, event: e.Event) -> None:
        mark = mark_of(event)
        if mark is not None and self._left[mark] > 0:
            self._left[mark] -= 1
            self._keep(event)
            return
        if not isinstance(event, UNSEEN):
            self._tell_above(event)
        self._emit(event)

    def _tell_above(self, event: e.Event) -> None:
        """The banners above ``event``, where they were not told by this process."""
        if isinstance(event, e.PlayStarted):
            self._play.clear()
        self._play.pop(type(event), None)
        for each in self._play.values():
            self._emit(each)
        self._play.clear()
        task = getattr(event, "task", None)
        if task in self._tasks:
            self._emit(self._tasks.pop(task))

    def _keep(self, event: e.Event) -> None:
        """A banner that was told: to be told again, should anything new stand below it."""
        match event:
            case e.PlayStarted():
                self._play = {e.PlayStarted: event}
                self._tasks.clear()
            case e.BatchStarted():
                self._play[e.BatchStarted] = event
            case e.TaskStarted():
                self._tasks[event.task] = event
