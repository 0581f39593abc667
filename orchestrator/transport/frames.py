"""What a node's shell answers: frames of one header line and three counted streams."""

from __future__ import annotations

import re

from orchestrator.model.errors import ConnectionDropped, NodeFault
from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply
from orchestrator.transport.base import Channel

_CHUNK = 65536
_NOISE_BYTES = 1024 * 1024
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANING = {"n": "\n", "r": "\r"}


@frozen
class Frame:
    """One answer. ``state``: ready, done, full, lost, busy, behind, fault, stopped, halted, gone or left; ``words``
    explain it."""

    state: str
    words: str
    reply: Reply


async def was_killed(channel: Channel) -> bool:
    """Whether the command behind ``channel``, whose output has ended, did not end by itself: it left no exit status, or
    one that tells of a signal."""
    status = await channel.wait()
    return status is None or not 0 <= status < 128


class Ended(ConnectionDropped):
    """The shell's stream ended while the line stood: the shell is gone."""


class Stream:
    """A channel's output, read by tokens, lines and counts."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._kept = bytearray()

    async def until(self, *tokens: bytes) -> tuple[int, bytes]:
        """Which of ``tokens`` comes first, and everything up to its end. Raises Ended, NodeFault on endless noise."""
        while True:
            found = [(at, which) for which, token in enumerate(tokens) if (at := self._kept.find(token)) >= 0]
            if found:
                at, which = min(found)
                return which, self._take(at + len(tokens[which]))
            if len(self._kept) > _NOISE_BYTES:
                raise NodeFault("the login prints without end", evidence=self.seen())
            await self._more()

    async def exactly(self, size: int) -> bytes:
        while len(self._kept) < size:
            await self._more()
        return self._take(size)

    async def some(self, size: int) -> bytes:
        """At least one byte and at most ``size``."""
        if not self._kept:
            await self._more()
        return self._take(min(size, len(self._kept)))

    async def frame(self, nonce: str, *, first: bool = False) -> Frame:
        """The next frame. Only before the ``first`` one a login's noise is skipped; later noise is a NodeFault."""
        mark = f"{nonce} ".encode()
        if first:
            await self.until(b"\n" + mark)
        elif (begin := await self.exactly(len(mark))) != mark:
            raise NodeFault("the node's shell answers out of step", evidence=repr(begin))
        header = (await self.until(b"\n"))[1][:-1].decode("utf-8", "surrogateescape")
        try:
            state, rc, *sizes, capped, words = header.split(" ", 6)
            said, out, err = map(int, sizes)
        except ValueError as error:
            raise NodeFault("the node's shell answers out of step", evidence=header) from error
        records, stdout, stderr = parsed(await self.exactly(said)), await self.exactly(out), await self.exactly(err)
        named = tuple(name for name in capped.split(",") if name not in ("", "-"))
        return Frame(state, words, Reply(int(rc), stdout, stderr, records, named))

    def seen(self) -> str:
        """The last text that nothing was made of: evidence."""
        return bytes(self._kept[-2000:]).decode(errors="replace").strip()

    async def _more(self) -> None:
        data = await self._channel.read(_CHUNK)
        if not data:
            tail = self._channel.stderr_tail().decode(errors="replace").strip()
            raise Ended("the node's shell ended", evidence="\n".join(filter(None, [self.seen(), tail])) or None)
        self._kept += data

    def _take(self, size: int) -> bytes:
        with memoryview(self._kept) as kept:
            taken = bytes(kept[:size])  # one copy: an answer may have many megabytes
        del self._kept[:size]
        return taken


def parsed(records: bytes) -> tuple[tuple[str, str], ...]:
    """The records of fd 3, NAME=ESCAPED a line. A last line without its newline was cut and does not count."""
    lines = records.decode("utf-8", "surrogateescape").split("\n")[:-1]
    pairs = (line.partition("=") for line in lines if "=" in line)
    return tuple((name, _ESCAPED.sub(_plain, value)) for name, _, value in pairs)


def _plain(escaped: re.Match[str]) -> str:
    return _MEANING.get(escaped[1], escaped[1])
