"""One standing shell on a node: opened once, then asked frame by frame."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from orchestrator.model.errors import ConnectionDropped, IdentityError, NodeFault, Unreachable
from orchestrator.model.frozen import frozen
from orchestrator.model.program import Script
from orchestrator.transport import elevate
from orchestrator.transport.base import Address, Become, Channel, Front, Limits
from orchestrator.transport.compose import definition, encoded, functions, opening, script_name
from orchestrator.transport.frames import Ended, Frame, Stream, was_killed
from orchestrator.transport.introduction import Introduction, withdraw
from orchestrator.transport.limit import within


@frozen
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
    """A shell that takes programs, several at a time, and answers them in the order they were written.

    Once an exchange has failed half-way, ``is_usable`` is False for good: the answers would be out of step.
    """

    def __init__(self, channel: Channel, stream: Stream, nonce: str, name: str) -> None:
        self.name = name
        self._channel = channel
        self._stream = stream
        self._nonce = nonce
        self._mark = secrets.token_hex(12)
        """Ends each answer's streams. It is in no argument list and in no file, so nobody can pretend to be it."""
        self._defined: set[str] = set()
        self._knows_functions = False
        self.is_usable = True
        self.ready: asyncio.Future[Place]
        """Where the shell found itself, once it has said so: nothing is to be written before that."""
        self.last: asyncio.Future[Any]
        """Done when all that was written so far is answered, so that the shell is at what comes next."""

    @classmethod
    async def open(
        cls,
        front: Front,
        become: Become | None,
        address: Address,
        limits: Limits,
        run_id: str,
        on_ready: Callable[[Place], None] = lambda place: None,
        introduction: Introduction | None = None,
    ) -> Session:
        """A new shell, which has yet to say that it is ``ready``. Raises AccessDenied, NodeFault and line errors.

        ``on_ready`` is called before the first exchange ends. ``introduction``: the machine has to say first who it is.
        """
        nonce, token = secrets.token_hex(12), secrets.token_hex(12)
        run, shell = run_digest(run_id, address), address.shell
        name = f"orch.{token}"
        words = opening(name=name, tmp=address.tmp, run=run, nonce=nonce, shell=shell)
        channel, stream = await elevate.start(front, become, shell, words, limits.open_s, introduction)
        session = cls(channel, stream, nonce, name)

        async def greeted() -> Place:
            slow = f"no shell answered on {address.name}"
            try:
                async with within(limits.open_s, slow, Unreachable, "is it awake, and its network up?"):
                    place = await session._greeted(token, introduction if become is None else None)
            except BaseException as error:
                session.is_usable = False
                if isinstance(error, IdentityError):
                    await withdraw(channel)
                raise
            on_ready(place)
            return place

        session.ready = session.last = asyncio.ensure_future(greeted())
        session.ready.add_done_callback(lambda done: done.cancelled() or done.exception())
        return session

    @property
    def is_met(self) -> bool:
        """Whether it has said where it is."""
        return self.ready.done() and not self.ready.cancelled() and self.ready.exception() is None

    async def _greeted(self, token: str, introduction: Introduction | None) -> Place:
        try:
            if introduction is not None:
                await introduction.heard(self._stream)
            frame = await self._stream.frame(self._nonce, first=True)
        except Ended as ended:
            if await was_killed(self._channel):
                raise ConnectionDropped("the node's shell was killed", evidence=ended.evidence) from ended
            raise NodeFault("the node gives no shell", evidence=ended.evidence, hint="log in by hand to see") from ended
        if frame.state != "ready":
            raise fault(frame.words)
        uid, pid, birth, boot, home = frame.words.split(" ", 4)
        return Place(int(uid), int(pid), birth, boot, home, birth == token)

    def exchange(self, text: str, scripts: Iterable[Script] = ()) -> asyncio.Future[Frame]:
        """Writes ``text`` behind what was written before, after the functions this shell has not been told yet; comes
        to the frame that it answers with."""
        self.last = asking = asyncio.ensure_future(self._exchanged(self.last, text, scripts))
        return asking

    async def _exchanged(self, before: asyncio.Future[Any], text: str, scripts: Iterable[Script]) -> Frame:
        try:
            written_s = time.time()
            await self._channel.write(encoded(self._news(scripts) + text))
            if not before.done():
                await asyncio.wait({before})
            if not self.is_usable:
                raise ConnectionDropped("the node's shell was given up")
            frame = await self._stream.frame(self._nonce, self._mark)
            return replace(frame, reply=replace(frame.reply, span_s=(written_s, time.time())))
        except BaseException:
            self.is_usable = False
            raise

    def _news(self, scripts: Iterable[Script]) -> str:
        """The functions that ``scripts`` and the session itself need, and this shell has not been told yet."""
        new = {script_name(script): script for script in scripts if script_name(script) not in self._defined}
        self._defined.update(new)
        first, self._knows_functions = "" if self._knows_functions else functions(self._mark), True
        return first + "".join(map(definition, new.values()))

    def close(self) -> None:
        """Lets the shell go: it ends when its stdin does, after the task it may be at."""
        self.is_usable = False
        self.ready.cancel()
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
