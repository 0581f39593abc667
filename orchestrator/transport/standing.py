"""What a connection keeps of each user's shell, and what a frame means to the task."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from orchestrator.model.errors import LimitExceeded, OutcomeUnknown, TaskFailed
from orchestrator.model.program import Reply
from orchestrator.transport.base import Become
from orchestrator.transport.frames import Frame
from orchestrator.transport.session import Place, Session, fault

FORGOTTEN_AT_ONCE = 16
"""Claims are removed by so many, since each time takes the node a process."""
FORGOTTEN_BYTES = 256 * 1024
"""Results of so many bytes are not left lying about, however few they are."""


@dataclass(slots=True)
class Standing:
    """What is known about one user's shell on the node."""

    become: Become | None
    sent: set[str]
    """Keys handed over and not forgotten; their claims are in the spool called ``birth``."""
    birth: str | None = None
    gone: set[str] = field(default_factory=set)
    """Keys handed over whose claims went with an older spool."""
    unanswered: set[str] = field(default_factory=set)
    forgets: list[str] = field(default_factory=list)
    """Keys whose claims may go."""
    kept_bytes: int = 0
    """What the results weigh whose claims are still there."""
    session: Session | None = None
    was_open: bool = False
    is_recorded: bool = False
    """Whether a later process of the run will find ``birth``."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    def met(self, place: Place) -> None:
        """Takes note of a new shell; where its spool is not the one seen before, the claims there were are gone."""
        if self.birth not in (None, place.birth):
            self.gone |= self.sent
            self.unanswered -= self.sent
            self.sent.clear()
        self.is_recorded = self.is_recorded and self.birth == place.birth
        self.birth, self.was_open = place.birth, True

    def keep(self, reply: Reply) -> None:
        """Takes note of a result that the node keeps."""
        self.kept_bytes += len(reply.stdout) + len(reply.stderr)

    def due(self) -> list[str]:
        """The keys whose claims are to be removed with the next program."""
        if len(self.forgets) < FORGOTTEN_AT_ONCE and self.kept_bytes < FORGOTTEN_BYTES:
            return []
        due, self.forgets, self.kept_bytes = self.forgets, [], 0
        return due


_SIGNAL = 128
"""A shell tells a death by signal N as 128+N. Programs of ours never end so by themselves; a user's command in one of
them may, and is then told as the record ``rc``."""


def outcome(frame: Frame) -> Reply:
    """The reply of a finished task. Raises NodeFault where it could not begin, OutcomeUnknown where it left nothing."""
    if frame.state == "done" and (frame.reply.rc <= _SIGNAL or frame.reply.first("rc") is not None):
        return frame.reply
    if frame.state == "fault":
        raise fault(frame.words)
    if frame.state == "full":
        raise TaskFailed(
            "the node's disk is full: the task ran, and its result could not be kept",
            hint="free some space on the node's disk, look at what the task did, then run the playbook again",
        )
    if frame.state == "busy":
        raise LimitExceeded("the task was still running when its limit had passed")
    if frame.state == "done":
        raise OutcomeUnknown(
            "the task was killed on the node by somebody else",
            evidence=f"its shell ended by signal {frame.reply.rc - _SIGNAL}",
            hint="was the node restarted? Look at it, then run the playbook again",
        )
    output = (frame.reply.stdout + frame.reply.stderr)[-2000:].decode(errors="replace").strip()
    raise OutcomeUnknown(
        "the task started and left no result: its shell was killed or the node restarted",
        evidence=output or None,
        hint="look at the node, then run the playbook again",
    )
