"""The error tree. The class answers: who must act, and may we try again?

OrchestratorError
├── UserError             fix a file or the command line; nothing was touched
│   ├── PlaybookError · InventoryError · ArgsError · TemplateError · SecretError · ConfigError
├── HostError             this host stops, the others go on
│   ├── Unreachable           transient: may be retried
│   │   └── TurnedAway            sshd hung up before it greeted: may be retried, seldom
│   ├── AccessDenied          key or password refused: never retried
│   │   └── ElevationDenied       logged in, but sudo or su refused
│   ├── IdentityError         host key unknown or changed: never retried
│   ├── LeaseEnded            the host's rented time is over: never retried, nothing is sent
│   ├── ConnectionDropped     the line broke; a claimed task's outcome is asked for on the next line
│   ├── OutcomeUnknown        a task started and left no result: never guessed
│   ├── NodeFault             the node could not even begin: no space, no shell, read-only spool
│   │   └── Behind                sent ahead of the answer before it, and not begun
│   ├── LimitExceeded         a declared limit passed: says which
│   └── TaskFailed            the node said no
└── Bug                   a contract of ours broke: stop, keep the journal, ask for a report
"""

from __future__ import annotations

from typing import Self

from orchestrator.model.place import Place
from orchestrator.model.status import Status


class OrchestratorError(Exception):
    """An error with cause (``message``), evidence, place and next step (``hint``). ``said``: how Ansible or ssh(1) puts
    what a host came to, for playbooks, where known."""

    def __init__(
        self,
        message: str,
        *,
        place: Place | None = None,
        evidence: str | None = None,
        hint: str | None = None,
        said: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.evidence = evidence
        self.hint = hint
        self.said = said

    def within(self, situation: str) -> Self:
        """The same error, told as part of ``situation``."""
        return type(self)(f"{situation}: {self.message}", place=self.place, evidence=self.evidence, hint=self.hint)

    @property
    def seen(self) -> str:
        """Cause and evidence in one line: what is evidence for another error that came of this one."""
        return f"{self.message}: {self.evidence}" if self.evidence else self.message

    def __str__(self) -> str:
        """The whole story as lines: place and cause, then evidence and hint where known."""
        head = f"{self.place}: {self.message}" if self.place else self.message
        rest = [f"{label}: {text}" for label, text in (("evidence", self.evidence), ("hint", self.hint)) if text]
        return "\n  ".join([head, *rest])


class UserError(OrchestratorError):
    """Something the user wrote is wrong; nothing was touched. ``status`` is what the command ends with."""

    status: Status = Status.WRONG


class Contradiction(UserError):
    """Options of the command line exclude one another."""

    status = Status.FAILED


class ConfigError(UserError):
    """ansible.cfg, the data of ``-e`` or the ``order`` of a play's hosts is wrong."""

    status = Status.MISCONFIGURED


class PlaybookError(UserError):
    """A playbook, role, task or variables file cannot be understood."""

    status = Status.UNREADABLE


class InventoryError(UserError):
    """An inventory source, host pattern or host name is wrong."""


class MissingFile(PlaybookError):
    """A file or role that a playbook names is not there."""

    status = Status.WRONG


class ImpossibleLoop(PlaybookError):
    """A task has more than one loop, or a loop over nothing."""

    status = Status.WRONG


class NotIncluded(PlaybookError):
    """A file is there and fails those who include it: it holds no list of tasks, or tags that cannot be rendered."""


class RoleCircle(PlaybookError):
    """A role needs itself."""

    status = Status.WRONG


class RemovedAction(PlaybookError):
    """An action that Ansible once had, and has no longer."""

    status = Status.WRONG


class UnknownName(PlaybookError):
    """A handler, strategy, variable or action of ``meta`` has a name that cannot be."""

    status = Status.WRONG


class KeywordValue(PlaybookError):
    """A keyword's literal value cannot be: the task would fail with it."""

    status = Status.FAILED


class NoBatchSize(PlaybookError):
    """An entry of a play's ``serial`` is no number of hosts: Ansible takes that for a bug of its own."""

    status = Status.BUG


class ArgsError(UserError):
    """A module was given arguments that it does not take: the task would fail with them."""

    status = Status.FAILED


class UnknownModule(ArgsError):
    """A task names a module that nobody knows."""

    status = Status.UNREADABLE


class TemplateError(UserError):
    """A template cannot be rendered: bad syntax, undefined name, failing filter."""

    status = Status.UNREADABLE


class UndefinedVariable(TemplateError):
    """A template names a variable that is not defined here."""


class SecretError(UserError):
    """A secret reference cannot be resolved."""


class HostError(OrchestratorError):
    """One host stops here; the others go on."""


class Unreachable(HostError):
    """The host could not be reached; may be retried."""


class TurnedAway(Unreachable):
    """The host's sshd takes nobody in for now (MaxStartups, a penalty): knocking more often only prolongs it."""


class AccessDenied(HostError):
    """The host refused our key or password; trying again only earns a penalty."""


class ElevationDenied(AccessDenied):
    """The login works; becoming the other user was refused. The host is reachable, the task failed."""


class IdentityError(HostError):
    """The host's key is unknown or has changed; nothing secret was sent."""


class LeaseEnded(HostError):
    """The rented time of the host is over: its address may be somebody else's by now; nothing was sent."""


class ConnectionDropped(HostError):
    """The line broke while something was under way."""


class OutcomeUnknown(HostError):
    """A task started on the node and left no result."""


class NodeFault(HostError):
    """The node could not begin the task: no space, no writable spool, no shell."""


class Behind(NodeFault):
    """A program that was sent ahead was not begun."""


class LimitExceeded(HostError):
    """A declared limit passed; the message names the limit."""


class TaskFailed(HostError):
    """The node said no."""


class Bug(OrchestratorError):
    """A contract of ours broke."""
