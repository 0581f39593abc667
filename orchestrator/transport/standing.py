"""What a connection keeps of each user's shell, and what a frame means to the task."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from orchestrator.model.errors import LimitExceeded, NodeFault, OutcomeUnknown
from orchestrator.model.program import Reply
from orchestrator.transport.base import Become
from orchestrator.transport.frames import Frame
from orchestrator.transport.session import Place, Session, fault


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
    session: Session | None = None
    was_open: bool = False
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    def met(self, place: Place) -> None:
        """Takes note of a new shell; where its spool is not the one seen before, the claims there were are gone."""
        if self.birth not in (None, place.birth):
            self.gone |= self.sent
            self.sent.clear()
        self.birth, self.was_open = place.birth, True


class Behind(NodeFault):
    """A program that was sent ahead was not begun."""


def outcome(frame: Frame) -> Reply:
    """The reply of a finished task. Raises NodeFault where it could not begin, OutcomeUnknown where it left nothing."""
    if frame.state == "done":
        return frame.reply
    if frame.state == "fault":
        raise fault(frame.words)
    if frame.state == "busy":
        raise LimitExceeded("the task was still running when its limit had passed")
    output = (frame.reply.stdout + frame.reply.stderr)[-2000:].decode(errors="replace").strip()
    raise OutcomeUnknown(
        "the task started and left no result: its shell was killed or the node restarted",
        evidence=output or None,
        hint="look at the node, then run the playbook again",
    )
