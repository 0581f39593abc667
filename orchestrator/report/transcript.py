"""A run told as ansible-playbook tells it: the lines of its default callback, in its order.

What is ours – causes, places, hints, totals – goes to stderr as talk, so that what parses Ansible's output parses this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.journal.entry import Entry
from orchestrator.model import events as e
from orchestrator.report import explain
from orchestrator.report.lines import Line
from orchestrator.report.safe import one_line
from orchestrator.report.telling import Telling
from orchestrator.report.words import (
    CENSORED_ITEM,
    WIDTH,
    banner,
    custom_stats,
    diff_text,
    is_always_shown,
    is_shown,
    recap_line,
    short_action,
    shown_result,
)

FATAL = {"failed": "FAILED!", "unreachable": "UNREACHABLE!", "unknown": "UNKNOWN!"}
LOST_S = 15.0
"""A host whose line is down is told of once in so long."""
LEVELS = {"warning": "[WARNING]: ", "deprecation": "[DEPRECATION WARNING]: ", "error": "[ERROR]: "}


class Transcript:
    """Entries to lines. ``width`` is the screen's, ``verbosity`` the number of ``-v``; ``telling``: what is shown of
    results, and how."""

    def __init__(self, *, width: int = WIDTH, verbosity: int = 0, telling: Telling | None = None) -> None:
        self._telling = telling or Telling()
        self._width = width
        self._verbosity = verbosity
        self._tasks: dict[str, e.TaskStarted] = {}
        self._under: str | None = None
        """The task whose banner was printed last."""
        self._told: set[tuple[str, str]] = set()
        self._lost: dict[str, float] = {}
        """When it was told last that a host's line is down."""
        self._items: dict[tuple[str, str], list[e.ItemDone]] = {}
        """Loop items of the running tasks that went wrong, by task and host."""
        self._totals = explain.Totals()

    def tell(self, entry: Entry) -> list[Line]:
        """The lines for ``entry``."""
        event = entry.event
        self._totals.take(entry)
        match event:
            case e.PlayStarted():
                return [Line(banner(f"PLAY [{one_line(event.name.strip())}]" if event.name else "PLAY", self._width))]
            case e.NoHosts():
                return self._no_hosts(event)
            case e.TaskStarted():
                self._tasks[event.task] = event
                return [] if self._telling.is_choosy else self._banner(event.task)
            case e.ItemDone():
                if event.outcome in FATAL:
                    self._items.setdefault((event.task, event.host), []).append(event)
                if self._is_passed_over(event):
                    return []
                return [*self._heading(event.task), *self._item(event)]
            case e.TaskDone():
                if self._is_passed_over(event):
                    return []
                return [*self._heading(event.task), *self._done(event)]
            case e.Included():
                item = "" if event.item is None else f" => (item={one_line(event.item)})"
                heading = self._heading(event.task) if self._telling.is_choosy else []
                return [*heading, Line(f"included: {event.what} for {', '.join(event.hosts)}{item}", "included")]
            case e.Retrying():
                return self._retrying(event)
            case e.Said(level="note") if self._verbosity < 1:
                return []
            case e.Said():
                text = f"[{event.host}]: {event.text}" if event.host else event.text
                return [
                    Line(
                        f"{LEVELS.get(event.level, '')}{text}", event.level if event.level in LEVELS else "plain", True
                    )
                ]
            case e.RunEnded():
                return self._ended(event)
            case e.ConnectionLost():
                return self._connection_lost(event, entry.at)
            case _:
                return self._aside(event)

    def _no_hosts(self, event: e.NoHosts) -> list[Line]:
        if (told := "no hosts matched") in event.reason:
            why = [] if event.reason == told else [Line(f"[WARNING]: {event.reason}", "warning", True)]
            return [Line(f"skipping: {told}", "skipped"), *why]
        return [Line(banner("NO MORE HOSTS LEFT", self._width))]

    def _is_passed_over(self, event: e.TaskDone | e.ItemDone) -> bool:
        """Whether nothing is told of a result: the user wants none of its kind."""
        shows = {"ok": self._telling.shows_ok, "skipped": self._telling.shows_skipped}
        return not shows.get(event.outcome, True)

    def _heading(self, task: str) -> list[Line]:
        return [] if self._under == task else self._banner(task)

    def _banner(self, key: str) -> list[Line]:
        task = self._tasks.get(key)
        if task is None:
            return []
        self._under = key
        word = "RUNNING HANDLER" if task.is_handler else "TASK"
        lines = [Line(banner(f"{word} [{one_line(task.name.strip())}]", self._width))]
        if self._verbosity >= 2 and task.place:
            lines.append(Line(f"task path: {task.place}", "note"))
        return lines

    def _action(self, key: str) -> str:
        task = self._tasks.get(key)
        return task.action if task else ""

    def _json(self, event: e.TaskDone | e.ItemDone | e.Retrying, no_log: bool = False) -> str:
        action = self._action(event.task)
        shown = shown_result(event.result, action, verbosity=self._verbosity, no_log=no_log)
        if isinstance(event, e.TaskDone) and event.is_loop:
            shown.pop("results", None)  # they were told one by one
        was_judged = shown.keys() & {"changed", "failed_when_result"}  # else wrong arguments kept it from running
        has_run = was_judged or getattr(event, "outcome", "") != "failed"
        is_indented = self._verbosity > 2 or bool(has_run and is_always_shown(event.result, action))
        return self._telling.text(shown, is_indented=is_indented and not no_log)

    def _arrow(self, event: e.TaskDone | e.ItemDone) -> str:
        is_wanted = is_shown(event.result, self._action(event.task), self._verbosity)
        return f" => {self._json(event, event.no_log)}" if is_wanted else ""

    def _item(self, event: e.ItemDone) -> list[Line]:
        label = CENSORED_ITEM if event.no_log else one_line(event.label)
        lines = _diff(event.diff) if event.outcome == "changed" else []
        match event.outcome:
            case "ok" | "changed":
                text = f"{event.outcome}: [{_who(event)}] => (item={label}){self._arrow(event)}"
            case "skipped":
                text = f"skipping: [{event.host}] => (item={label}) {self._arrow(event)}"
            case _:
                word = f"fatal: {event.outcome}" if event.outcome == "unknown" else "failed"
                text = f"{word}: [{_who(event)}] (item={label}) => {self._json(event, event.no_log)}"
        return [*lines, self._line(text, event.outcome)]

    def _line(self, text: str, outcome: str) -> Line:
        return Line(text, outcome, is_talk=self._telling.fails_to_stderr and outcome in FATAL)

    def _done(self, event: e.TaskDone) -> list[Line]:
        who = _who(event)
        lines = _diff(event.diff) if event.outcome == "changed" and not event.is_loop else []
        match event.outcome:
            case "ok" | "changed" if not event.is_loop:
                lines.append(Line(f"{event.outcome}: [{who}]{self._arrow(event)}", event.outcome))
            case "ok" | "changed":
                pass
            case "skipped":
                lines.append(Line(f"skipping: [{event.host}]{self._arrow(event)}", "skipped"))
            case _:
                lines += self._explained(event)
                # Ansible drops the items of a debug task, and so tells their sum, as of a host out of reach.
                is_told = event.outcome == "unreachable" or short_action(self._action(event.task)) == "debug"
                if is_told or not event.is_loop:
                    text = f"fatal: [{who}]: {FATAL[event.outcome]} => {self._json(event, event.no_log)}"
                    lines.append(self._line(text, event.outcome))
        if event.ignored and event.outcome in FATAL:
            lines.append(Line("...ignoring", "skipped"))
        return lines

    def _explained(self, event: e.TaskDone) -> list[Line]:
        """Cause, evidence, place and hint: once for all hosts that failed alike."""
        lines = explain.failure(event, self._items.pop((event.task, event.host), ()))
        key = (event.task, "\n".join(lines))
        if not lines or key in self._told:
            return []
        self._told.add(key)
        return [Line(f"{event.host}: {lines[0]}", "error", True), *(Line(line, "note", True) for line in lines[1:])]

    def _retrying(self, event: e.Retrying) -> list[Line]:
        task = self._tasks.get(event.task)
        text = f"FAILED - RETRYING: [{event.host}]: {task.name if task else event.task} ({event.left} retries left)."
        if is_always_shown(event.result, self._action(event.task)):
            known = {name: value for name, value in event.result.items() if name != "failed"}
            known |= {"attempts": event.attempt, "retries": event.attempt + event.left}
            text += f"Result was: {self._telling.text(known, is_indented=True)}"
        elif self._verbosity > 2:
            text += f"Result was: {self._json(event)}"
        return [*self._heading(event.task), Line(text, "note")]

    def _ended(self, event: e.RunEnded) -> list[Line]:
        lines = [Line(banner("PLAY RECAP", self._width))]
        for host in sorted(filter(_took_part, event.hosts), key=lambda each: each.host):
            lines.append(Line(recap_line(host), _colour(host)))
        lines.append(Line(""))
        if self._telling.shows_stats and event.stats:
            lines += [Line(text) for text in custom_stats(event.stats, self._width)]
        if event.reason:
            lines.append(Line(event.reason, "warning", True))
        return [*lines, *(Line(line, "note", True) for line in self._totals.lines(event))]

    def _aside(self, event: e.Event) -> list[Line]:
        """What only those hear who asked for it with ``-vv`` or more."""
        match event:
            case e.Notified() if self._verbosity > 1:
                return [Line(f"NOTIFIED HANDLER {event.handler} for {event.host}", "note")]
            case e.Connected() if self._verbosity > 2:
                return [Line(f"connected: [{event.host}] as {event.login} in {event.duration_s:.2f} s", "note", True)]
        return []

    def _connection_lost(self, event: e.ConnectionLost, at: float) -> list[Line]:
        """That a line broke, and not each time that it could not be made again."""
        pause_s = event.will_retry_s
        if pause_s is None:
            is_wanted, again = self._verbosity > 0, ""
        else:
            is_wanted = at - self._lost.get(event.host, -LOST_S) >= LOST_S
            again = f", trying again in {pause_s:.0f} s" if pause_s >= 1 else ", trying again" if pause_s else ""
        if not is_wanted:
            return []
        self._lost[event.host] = at
        return [Line(f"connection lost: [{event.host}]: {event.reason}{again}", "warning", True)]


def _who(event: e.TaskDone | e.ItemDone) -> str:
    """The host, and where another did the work, that one."""
    return f"{event.host} -> {event.delegated_to}" if event.delegated_to not in (None, event.host) else event.host


def _diff(diffs: tuple[Mapping[str, Any], ...]) -> list[Line]:
    text = diff_text(diffs)
    styles = {"+": "ok", "-": "failed", "@": "skipped"}
    return [Line(line, styles.get(line[:1], "plain")) for line in text.split("\n")[:-1]] if text else []


def _took_part(host: e.HostSummary) -> bool:
    """Whether anything was done, or tried, on the host."""
    counts = (host.ok, host.changed, host.unreachable, host.failed, host.skipped, host.rescued, host.ignored)
    return any(counts) or bool(host.unknown)


def _colour(host: e.HostSummary) -> str:
    if host.failed or host.unreachable:
        return "failed"
    if host.unknown:
        return "unknown"
    return "changed" if host.changed else "ok"
