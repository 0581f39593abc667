"""One standing shell on a node: opened once, then asked frame by frame."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.model.errors import NodeFault
from orchestrator.model.program import Script
from orchestrator.transport import elevate
from orchestrator.transport.base import Address, Become, Channel, Front, Limits
from orchestrator.transport.compose import definition, encoded, prelude, script_name
from orchestrator.transport.frames import Ended, Frame, Stream
from orchestrator.transport.limit import within


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shell found itself. ``is_fresh``: its spool was made just now, so it holds no earlier claim."""

    uid: int
    pid: int
    birth: str
    boot: str
    home: str
    is_fresh: bool

    def facts(self) -> dict[str, str]:
        return {"uid": str(self.uid), "home": self.home, "boot": self.boot, "birth": self.birth}


class Session:
    """A shell that waits for programs. Once an exchange has failed half-way, ``is_usable`` is False for good."""

    def __init__(self, channel: Channel, stream: Stream, nonce: str) -> None:
        self._channel = channel
        self._stream = stream
        self._nonce = nonce
        self._defined: set[str] = set()
        self.is_usable = True
        self.place = Place(-1, -1, "", "", "", False)

    @classmethod
    async def open(cls, front: Front, become: Become | None, address: Address, limits: Limits, run_id: str) -> Session:
        """A new shell with the prelude in it. Raises AccessDenied, NodeFault, LimitExceeded and line errors."""
        nonce, token = secrets.token_hex(12), secrets.token_hex(12)
        name = f"orch.{token}"
        channel, stream = await elevate.start(front, become, address.shell, f"-s {name}", limits.open_s)
        session = cls(channel, stream, nonce)
        text = prelude(nonce=nonce, name=name, tmp=address.tmp, run=run_digest(run_id, address), token=token)
        try:
            async with within(limits.open_s, f"no shell answered on {address.name}"):
                frame = await session._opening(text)
        except BaseException:
            session.close()
            raise
        uid, pid, birth, boot, home = frame.words.split(" ", 4)
        session.place = Place(int(uid), int(pid), birth, boot, home, birth == token)
        return session

    async def _opening(self, text: str) -> Frame:
        try:
            await self._channel.write(encoded(text))
            frame = await self._stream.frame(self._nonce, first=True)
        except Ended as ended:
            raise NodeFault("the node gives no shell", evidence=ended.evidence, hint="log in by hand to see") from ended
        if frame.state != "ready":
            raise fault(frame.words)
        return frame

    async def exchange(self, text: str, scripts: Iterable[Script] = ()) -> Frame:
        """Writes ``text``, after the scripts this shell has not seen yet, and returns the frame it answers with."""
        new = {script_name(script): script for script in scripts if script_name(script) not in self._defined}
        self.is_usable = False
        await self._channel.write(encoded("".join(map(definition, new.values())) + text))
        frame = await self._stream.frame(self._nonce)
        self._defined.update(new)
        self.is_usable = True
        return frame

    def close(self) -> None:
        """Lets the shell go: it ends when its stdin does, after the task it may be at."""
        self.is_usable = False
        self._channel.close()


def run_digest(run_id: str, address: Address) -> str:
    """The part of the spool's name that tells runs apart, and in a run the hosts that are one machine by two names."""
    whole = f"{run_id}\n{address.name}\n{address.host}\n{address.port}\n{address.user}"
    return hashlib.sha256(encoded(whole)).hexdigest()[:16]


def fault(words: str) -> NodeFault:
    """The node could not begin, in its own words, with what to do about it."""
    hints = {
        "No space": "free some space on the node's disk",
        "disk full": "free some space on the node's disk",
        "Read-only": "the file system is read-only: choose another directory for the spool",
        "ours alone": "somebody else made this directory: look at it, remove it, or choose another directory",
        "Permission": "choose a directory for the spool that the user may write to",
    }
    hint = next((hint for word, hint in hints.items() if word in words), None)
    return NodeFault("the node could not begin the task", evidence=words, hint=hint)
