"""What we add to Ansible's words: why a task failed, where it is written, what to do next, and where the time went."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.journal.entry import Entry
from orchestrator.model import events as e
from orchestrator.report.safe import one_line

BAD = frozenset({"failed", "unreachable", "unknown"})
LABEL = 100
"""So much is told of an item."""
EVIDENCE_LINES = 3
SAID_LINES = 6
SLOW_S = 1.0
SLOWEST = 3


def failure(event: e.TaskDone, items: Sequence[e.ItemDone] = ()) -> list[str]:
    """Lines that explain a failed task: the cause, then which of a loop's ``items`` it was, place, evidence and hint
    where known. Where it is censored, the hint alone."""
    if event.no_log:
        return [f"the task is {event.outcome}", f"  hint: {event.hint}"] if event.hint else []
    first, *more = str(event.result.get("msg") or f"the task is {event.outcome}").strip().splitlines() or [""]
    lines = [one_line(first), *(f"  {one_line(line)}" for line in more if line.strip())]
    bad = _bad(items)
    lines += _which(bad)
    if event.place:
        lines.append(f"  place: {event.place}")
    lines += [f"  evidence: {text}" for text in _evidence(event, bad)]
    if event.hint:
        lines.append(f"  hint: {event.hint}")
    return lines


def _bad(items: Sequence[e.ItemDone]) -> list[e.ItemDone]:
    """The items of a loop that did not go well; in a resumed run what came later counts."""
    last = {each.key or str(number): each for number, each in enumerate(items)}
    return [each for each in last.values() if each.outcome in BAD and not each.ignored]


def _which(bad: Sequence[e.ItemDone]) -> list[str]:
    """Items that did not go well, and why."""
    lines = [f"  {each.outcome}: item {one_line(each.label)[:LABEL]}{_why(each)}" for each in bad[:SAID_LINES]]
    return [*lines, *([f"  and {len(bad) - SAID_LINES} more items"] if len(bad) > SAID_LINES else [])]


def _why(item: e.ItemDone) -> str:
    said = str(item.result.get("msg") or "").strip().splitlines()
    return f": {one_line(said[0])}" if said else ""


def _evidence(event: e.TaskDone, bad: Sequence[e.ItemDone]) -> list[str]:
    """What the error says it saw, else the last lines of what the tool wrote to stderr, or else to stdout; of a loop,
    for the first of its ``bad`` items."""
    for result in (event.result, *(each.result for each in bad[:1])):
        if evidence := event.evidence or result.get("evidence"):
            return [one_line(line)[:500] for line in str(evidence).splitlines() if line.strip()][:SAID_LINES]
        for stream in ("stderr", "module_stderr", "stdout"):
            said = [line for line in str(result.get(stream) or "").splitlines() if line.strip()]
            if said:
                return [one_line(line)[:200] for line in said[-EVIDENCE_LINES:]]
    return []


class Totals:
    """How long the run and its slowest tasks took."""

    def __init__(self) -> None:
        self._run = ""
        self._names: dict[str, str] = {}
        self._longest: dict[str, tuple[float, str]] = {}

    def take(self, entry: Entry) -> None:
        match entry.event:
            case e.RunStarted(run=run):
                self._run = run
            case e.TaskStarted(task=task, name=name):
                self._names[task] = name
            case e.TaskDone(task=task, host=host, duration_s=duration_s):
                self._longest[task] = max(self._longest.get(task, (0.0, host)), (duration_s, host))

    def lines(self, ended: e.RunEnded) -> list[str]:
        """One line with the run's name, duration and slowest tasks."""
        line = f"run {self._run} took {ended.duration_s:.1f} s" if self._run else f"took {ended.duration_s:.1f} s"
        slow = sorted(((s, task, host) for task, (s, host) in self._longest.items() if s >= SLOW_S), reverse=True)
        told = [f"{self._names.get(task, task)} {s:.1f} s on {host}" for s, task, host in slow[:SLOWEST]]
        return [f"{line}; slowest: {', '.join(told)}" if told else line]
