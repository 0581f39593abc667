"""What a node's shell answers: frames of a header line, counted records, and streams up to a mark."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orchestrator.model.errors import ConnectionDropped, NodeFault
from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply
from orchestrator.transport.base import Channel

_CHUNK = 65536
_NOISE_BYTES = 1024 * 1024
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANING = {"n": "\n", "r": "\r"}
_SHOWN = {"said": "said", "out": "stdout", "err": "stderr"}
"""The streams of a program, and what they are called where one was capped. A short one may come as a record, ``.out``
or ``.err``."""


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

    async def until(self, *tokens: bytes, most: int = _NOISE_BYTES) -> tuple[int, bytes]:
        """Which of ``tokens`` comes first, and everything up to its end. Raises Ended; NodeFault where none comes
        within ``most`` bytes."""
        seen, overlap = 0, max(map(len, tokens)) - 1
        while True:
            found = [(at, which) for which, token in enumerate(tokens) if (at := self._kept.find(token, seen)) >= 0]
            if found:
                at, which = min(found)
                return which, self._take(at + len(tokens[which]))
            if len(self._kept) > most:
                raise NodeFault("the node prints without end", evidence=self.seen())
            seen = max(0, len(self._kept) - overlap)
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

    async def frame(self, nonce: str, ends: str = "", *, first: bool = False) -> Frame:
        """The next frame (see session.sh), whose streams the mark ``ends``. Only before the ``first`` one a login's
        noise is skipped; later noise is a NodeFault."""
        mark = f"{nonce} ".encode()
        if first:
            await self.until(b"\n" + mark)
        elif (begin := await self.exactly(len(mark))) != mark:
            raise _out_of_step(repr(begin))
        header = (await self.until(b"\n"))[1][:-1].decode("utf-8", "surrogateescape")
        try:
            state, rc, lines, cap, names, words = header.split(" ", 5)
            numbers = int(rc), int(lines), int(cap)
        except ValueError as error:
            raise _out_of_step(header) from error
        return Frame(state, words, await self._reply(*numbers, [] if names == "-" else names.split(","), ends))

    async def _reply(self, rc: int, lines: int, cap_bytes: int, names: Sequence[str], ends: str) -> Reply:
        short = b"".join([(await self.until(b"\n"))[1] for _ in range(lines)])
        found = dict.fromkeys(_SHOWN, b"")
        if names:
            _, body = await self.until(ends.encode() + b"\n", most=len(names) * (cap_bytes + _NOISE_BYTES))
            found |= parted(body[: -len(ends) - 1], names)
        records = parsed(short + found["said"][:cap_bytes])
        for name in ("out", "err"):
            told = (value.encode("utf-8", "surrogateescape") for key, value in records if key == f".{name}")
            found[name] = b"".join(told) + found[name]
        capped = tuple(shown for name, shown in _SHOWN.items() if len(found[name]) > cap_bytes)
        said = tuple(record for record in records if not record[0].startswith("."))
        return Reply(rc, found["out"][:cap_bytes], found["err"][:cap_bytes], said, capped)

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


def parted(body: bytes, names: Sequence[str]) -> dict[str, bytes]:
    """The contents of files called ANYTHING.NAME, as head(1) prints them: of several, each has "==> FILE <==" before
    it, and all but the first a newline before that. GNU's and BSD's do the same."""
    if len(names) == 1:
        return {names[0]: body}
    heading, found = body[: body.find(b"\n") + 1], {}
    for name, following in zip(names, [*names[1:], ""], strict=True):
        if not body.startswith(heading) or not heading.endswith(f".{name} <==\n".encode()):
            raise _out_of_step(repr(body[:200]))
        body = body[len(heading) :]
        heading = heading.removesuffix(f"{name} <==\n".encode()) + f"{following} <==\n".encode()
        found[name], mark, rest = body.partition(b"\n" + heading) if following else (body, b"", b"")
        body = mark[1:] + rest
    return found


def _out_of_step(evidence: str) -> NodeFault:
    return NodeFault("the node's shell answers out of step", evidence=evidence)


def parsed(records: bytes) -> tuple[tuple[str, str], ...]:
    """The records of fd 3, NAME=ESCAPED a line; what stands around them in a claim's file (see session.sh) is none. A
    last line without its newline was cut and does not count."""
    lines = records.decode("utf-8", "surrogateescape").split("\n")[:-1]
    pairs = (line.partition("=") for line in lines if "=" in line)
    return tuple((name, _ESCAPED.sub(_plain, value)) for name, _, value in pairs if name)


def _plain(escaped: re.Match[str]) -> str:
    return _MEANING.get(escaped[1], escaped[1])
