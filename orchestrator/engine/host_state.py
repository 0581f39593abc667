"""What a run knows of one host beside the inventory: variables it gathered, counts, handlers that wait, its fate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from orchestrator.model.events import HostSummary
from orchestrator.model.results import Outcome, Result

FATE = frozenset({"failed", "written_off", "unreachable", "unknown", "has_left", "is_struck"})
"""What takes a host out of a play."""


@dataclass(slots=True)
class HostState:
    """One host through a whole run."""

    name: str
    fate_turns: Callable[[], object] = lambda: None
    """Called when one of ``FATE`` is set."""
    counts: Counter[str] = field(default_factory=Counter)
    failed: bool = False
    written_off: bool = False
    """Whether another host's failure was fatal to this one, or a file could not be included: later plays leave it out,
    even where it was rescued."""
    unreachable: bool = False
    unknown: bool = False
    has_left: bool = False
    """Whether the host was taken out of the running play without fault (``meta: end_host``)."""
    is_struck: bool = False
    """Whether the host is no longer among the running play's ``ansible_play_hosts``: it has failed where no rescue was
    around. An ``always`` may still be at work on it, and ``meta: clear_host_errors`` does not bring it back."""
    tasks_run: int = 0
    """Tasks that ended ok or failed: neither skipped nor unreachable."""

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name in FATE:
            self.fate_turns()

    @property
    def usable(self) -> bool:
        """Whether later plays still include this host."""
        return not (self.failed or self.written_off or self.unreachable or self.unknown)

    @property
    def takes_part(self) -> bool:
        """Whether the running play's ``ansible_play_hosts`` hold this host."""
        return self.usable and not (self.has_left or self.is_struck)

    def count(self, result: Result, *, ignored: bool = False) -> None:
        """Count one finished task in the words of the recap: a changed task is also ok, an ignored failure too."""
        outcome = result.outcome
        if outcome in (Outcome.FAILED, Outcome.UNREACHABLE) and ignored:
            self.counts["ok"] += 1
            self.counts["ignored"] += 1
            self.counts["changed"] += result.changed
            return
        self.counts[str(outcome)] += 1
        if outcome is Outcome.CHANGED:
            self.counts["ok"] += 1

    def summary(self) -> HostSummary:
        words = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored", "unknown")
        return HostSummary(host=self.name, **{word: self.counts[word] for word in words})
