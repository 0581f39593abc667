"""One standing shell on a node: opened once, then asked frame by frame."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from orchestrator.model.errors import ConnectionDropped, IdentityError, NodeFault, Unreachable
from orchestrator.model.frozen import frozen
from orchestrator.model.program import Script
from orchestrator.transport import elevate
from orchestrator.transport.base import Address, Become, Channel, Front, Limits
from orchestrator.transport.compose import definition, encoded, function_names, functions, opening, script_name
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
        self._in_force: dict[str, str] = {}
        """Which script each function of the shell is from: two may have functions of the same name."""
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

    def exchange(self, text: str, scripts: tuple[Script, ...] = ()) -> asyncio.Future[Frame]:
        """Writes ``text`` behind what was written before, after the functions this shell has not been told yet; comes
        to the frame that it answers with."""
        self.last = asking = asyncio.ensure_future(self._exchanged(self.last, text, scripts))
        return asking

    async def _exchanged(self, before: asyncio.Future[Any], text: str, scripts: tuple[Script, ...]) -> Frame:
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

    def _news(self, scripts: tuple[Script, ...]) -> str:
        """The functions that ``scripts`` and the session itself need, and this shell has not been told yet, or has
        others for by those names."""
        first, self._knows_functions = "" if self._knows_functions else functions(self._mark), True
        needed, wanted = asked_for(scripts)
        if wanted.items() <= self._in_force.items():
            return first
        new = [definition(script) for name, script in needed.items() if name not in self._defined]
        self._defined.update(needed)
        return first + "".join(new) + "".join(f"{name}\n" for name in self._put_in_force(needed, wanted))

    def _put_in_force(self, needed: Mapping[str, Script], wanted: Mapping[str, str]) -> Iterator[str]:
        """The scripts to be called so that all stand as if each had been called, one behind another."""
        for name, script in needed.items():
            own = function_names(script)
            if any(wanted[function] == name != self._in_force.get(function) for function in own):
                self._in_force |= dict.fromkeys(own, name)
                yield name

    def close(self) -> None:
        """Lets the shell go: it ends when its stdin does, after the task it may be at."""
        self.is_usable = False
        self.ready.cancel()
        self._channel.close()


@lru_cache(maxsize=1024)
def asked_for(scripts: tuple[Script, ...]) -> tuple[Mapping[str, Script], Mapping[str, str]]:
    """``scripts`` by name, in order; and for each function which of them it is from: of several, the last."""
    needed = {script_name(script): script for script in scripts}
    return needed, {function: name for name, script in needed.items() for function in function_names(script)}


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
