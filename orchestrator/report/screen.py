"""A run on a terminal: the transcript scrolls in colour, and below it lives a grid of hosts and what they are at."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestrator.journal.entry import Entry
from orchestrator.model import events as e
from orchestrator.report.lines import STYLES, Line, Teller
from orchestrator.report.output import Writer
from orchestrator.report.safe import one_line, safe

ROWS = 8
"""At most so many hosts are shown at work; the longest at their task come first."""


@dataclass(slots=True)
class Work:
    """What a host is at since when (monotonic seconds)."""

    what: str
    since: float


class Grid:
    """The state of the live part, from events alone."""

    def __init__(self, redact: Callable[[str], str] = str, now: Callable[[], float] = time.monotonic) -> None:
        self._redact = redact
        self._now = now
        self._names: dict[str, str] = {}
        self._at_work: dict[str, Work] = {}
        self._counts: Counter[str] = Counter()
        self._task = ""
        self.is_over = False

    def take(self, entry: Entry) -> None:
        """Learn from ``entry``."""
        match entry.event:
            case e.TaskStarted(task=task, name=name):
                self._names[task] = self._task = name
            case e.Dispatched(host=host, task=task):
                self._at_work[host] = Work(self._names.get(task, task), self._now())
            case e.TaskDone(host=host, outcome=outcome):
                self._at_work.pop(host, None)
                self._counts[outcome] += 1
            case e.ConnectionLost(host=host, reason=reason, will_retry_s=float()):
                self._at_work[host] = Work(f"reconnecting: {reason}", self._now())
            case e.RunEnded():
                self.is_over = True

    def _shown(self, text: str) -> str:
        return one_line(self._redact(text))

    def __rich__(self) -> Group:
        if self.is_over:
            return Group()
        table = Table.grid(padding=(0, 2), expand=False)
        now = self._now()
        longest = sorted(self._at_work.items(), key=lambda each: each[1].since)
        for host, work in longest[:ROWS]:
            seconds = Text(f"{now - work.since:6.1f} s", style="bright_black")
            table.add_row(Text(self._shown(host)), seconds, Text(self._shown(work.what), style="cyan", no_wrap=True))
        rest = len(longest) - ROWS
        counts = "  ".join(f"{name} {self._counts[name]}" for name in STYLES if self._counts[name])
        more = f"and {rest} more  " if rest > 0 else ""
        return Group(table, Text(f"{more}{counts}", style="bright_black"))


class Screen:
    """A sink for a terminal. ``redact`` is applied to every line, as in all sinks.

    ``talk`` is where talk goes when stderr is no terminal; None shows it here, between the other lines.
    """

    def __init__(
        self, teller: Teller, stream: TextIO, redact: Callable[[str], str], *, talk: Writer | None = None
    ) -> None:
        self._teller = teller
        self._redact = redact
        self._talk = talk
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._grid = Grid(redact)
        self._live = Live(
            self._grid,
            console=self._console,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def take(self, entry: Entry) -> None:
        if not self._live.is_started and not self._grid.is_over:
            self._live.start()
        self._grid.take(entry)
        for line in self._teller.tell(entry):
            self.show(line)

    def show(self, line: Line) -> None:
        if line.is_talk and self._talk is not None:
            self._talk.line(line.text)
            return
        text = Text(safe(self._redact(line.text)), style=STYLES[line.style])
        self._console.print(text, soft_wrap=True)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Stand still while a person is asked something, else the grid would be drawn over the answer."""
        self._live.stop()
        try:
            yield
        finally:
            if not self._grid.is_over:
                self._live.start()

    def close(self) -> None:
        """Take the grid away and leave the transcript."""
        self._grid.is_over = True
        self._live.stop()
