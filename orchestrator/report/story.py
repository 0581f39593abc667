"""A whole run put in order, for reports written at its end: plays, their tasks, how these ended on each host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from orchestrator.journal.entry import Entry
from orchestrator.model import events as e
from orchestrator.report.explain import BAD


@dataclass(slots=True)
class TaskStory:
    """One task: how it began, how it ended on each host, and the loop items of each host."""

    started: e.TaskStarted
    done: list[e.TaskDone] = field(default_factory=list)
    items: dict[str, list[e.ItemDone]] = field(default_factory=dict)

    def end(self, event: e.TaskDone) -> None:
        """How it ended on a host: in a resumed run, what came later counts."""
        self.done = [each for each in self.done if not event.key or each.key != event.key]
        self.done.append(event)

    @property
    def outcome(self) -> str:
        """The worst outcome on any host; an ignored failure counts as ok."""
        order = ("unknown", "unreachable", "failed", "changed", "ok")
        outcomes = {each.outcome for each in self.done if not (each.ignored and each.outcome in BAD)}
        return next((name for name in order if name in outcomes), "skipped" if outcomes else "ok")


@dataclass(slots=True)
class PlayStory:
    """One play and its tasks, in the order they began."""

    started: e.PlayStarted
    tasks: list[TaskStory] = field(default_factory=list)
    note: str | None = None


@dataclass(slots=True)
class Story:
    """The run. What has not been told yet is None."""

    started: e.RunStarted | None = None
    started_at: float | None = None
    ended: e.RunEnded | None = None
    plays: list[PlayStory] = field(default_factory=list)
    said: list[e.Said] = field(default_factory=list)
    snapshots: dict[str, e.SnapshotTaken] = field(default_factory=dict)
    _tasks: dict[str, TaskStory] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"run {self.started.run}" if self.started else "run"

    @property
    def state(self) -> str:
        """In one line: how the run stands."""
        if self.ended is None:
            return "cut off before its end"
        if self.ended.reason:
            return f"exit status {self.ended.status}: {self.ended.reason}"
        return "all well" if self.ended.status == 0 else f"exit status {self.ended.status}"

    def take(self, entry: Entry) -> None:
        """Put ``entry`` in its place."""
        match entry.event:
            case e.RunStarted() as event:
                self.started = self.started or event
                self.started_at = self.started_at or entry.at
            case e.RunEnded() as event:
                self.ended = event
            case e.PlayStarted() as event if all(each.started != event for each in self.plays):
                self.plays.append(PlayStory(event))
            case e.NoHosts(reason=reason) if self.plays:
                self.plays[-1].note = reason
            case e.TaskStarted() as event:
                self._task(event)
            case e.ItemDone() as event:
                self._known(event.task).items.setdefault(event.host, []).append(event)
            case e.TaskDone() as event:
                self._known(event.task).end(event)
            case e.Said() as event:
                self.said.append(event)
            case e.SnapshotTaken() as event:
                self.snapshots[event.host] = event

    def failures(self) -> list[tuple[TaskStory, e.TaskDone]]:
        """Everything that went wrong and was not ignored, in order."""
        tasks = (task for play in self.plays for task in play.tasks)
        return [(task, done) for task in tasks for done in task.done if done.outcome in BAD and not done.ignored]

    def _task(self, event: e.TaskStarted) -> None:
        if event.task in self._tasks:
            return
        if not self.plays:
            self.plays.append(PlayStory(e.PlayStarted(play=event.play, name="", hosts=())))
        self._tasks[event.task] = TaskStory(event)
        self.plays[-1].tasks.append(self._tasks[event.task])

    def _known(self, key: str) -> TaskStory:
        if key not in self._tasks:
            self._task(e.TaskStarted(task=key, name=key, action="", play=0))
        return self._tasks[key]


def story_of(entries: Iterable[Entry]) -> Story:
    """The story that ``entries`` tell."""
    story = Story()
    for entry in entries:
        story.take(entry)
    return story
