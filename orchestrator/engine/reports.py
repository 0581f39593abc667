"""What a task came to on a host, and what the play must do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from orchestrator.model.errors import UserError
from orchestrator.model.frozen import frozen
from orchestrator.model.results import (
    Effect,
    IncludeRole,
    IncludeTasks,
    IncludeVars,
    Outcome,
    Result,
    SetFacts,
    SetStats,
)

_KNOWN = SetFacts | IncludeVars | SetStats


@frozen
class Told:
    """An effect that the play must carry out, with the loop variables it was told under."""

    effect: Effect
    loop_vars: dict[str, Any]
    label: str | None = None
    """The loop's item; None for one that counts as false, too (so does Ansible)."""
    delegate: str | None = None
    """Where it was told, if not on the host itself."""


@dataclass(slots=True)
class Report:
    """What a task came to on a host."""

    result: Result
    is_loop: bool = False
    ignored: bool = False
    no_log: bool = False
    duration_s: float = 0.0
    effects: list[Told] = field(default_factory=list)
    notify: list[str] = field(default_factory=list)
    delegated_to: str | None = None
    hint: str | None = None
    mistake: UserError | None = None
    """What was wrong in the user's files, where that is why it failed."""
    is_registered: bool = True
    is_lasting: bool = False
    """Whether it only began a job, which the run goes on to look at."""
    is_kept: bool = True
    """Whether what the journal holds of it is all that a resumed run needs; else its claims stay on the node."""

    @property
    def outcome(self) -> Outcome:
        return self.result.outcome

    @property
    def brings(self) -> list[Told]:
        """What is to be included."""
        return [told for told in self.effects if includes([told.effect])]


def followed(effects: list[Told], result: Result) -> list[Told]:
    """Those ``effects`` that count: nobody knows anything by a task that failed, be that ignored (so does Ansible)."""
    return [told for told in effects if not (result.failed and isinstance(told.effect, _KNOWN))]


def includes(effects: Iterable[Effect]) -> bool:
    """Whether something is to be included: that is told by an event of its own, once it is read."""
    return any(isinstance(effect, IncludeTasks | IncludeRole) for effect in effects)


def left_at_work(no_log: bool, delegated_to: str | None) -> Report:
    """What is known of a task that a node has, when nobody waits for it any longer."""
    msg = "the run was stopped at once while the task was at work: it may be running on"
    hint = "`orch resume` asks the node how it ended"
    return Report(Result(unknown=True, msg=msg), no_log=no_log, delegated_to=delegated_to, hint=hint)
