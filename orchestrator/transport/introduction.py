"""A machine says which one it is, before anything is told to it or asked of it."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress

from orchestrator.model.errors import HostError
from orchestrator.transport.base import Channel
from orchestrator.transport.compose import one_line, quoted
from orchestrator.transport.frames import Stream

_LEAVE_S = 2.0
_LEAVE = b'IFS= read -r birth <"$2/birth"; [ "orch.$birth" != "$1" ] || rm -r "$2"; exit\n'
_UUID = re.compile(rb"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)


class Introduction:
    """What the first command on a line begins with. ``judge`` takes the hardware's UUID, or None where it is not known,
    and raises IdentityError for a machine that is not the one it should be."""

    def __init__(self, judge: Callable[[str | None], None]) -> None:
        self._judge = judge
        self._nonce = secrets.token_hex(12)

    def before(self, shell: str, command: str) -> str:
        """``command``, whose words are quoted already, with the introduction ahead of it."""
        text = one_line("machine.sh") + ' exec "$@"'
        return f"{quoted(shell)} -c {quoted(text)} orch.machine {self._nonce} {command}"

    def within(self, words: Sequence[str]) -> list[str]:
        """A shell's arguments, ``-c TEXT NAME …``, with the introduction ahead of the text: it takes no shell more."""
        option, text, name, *others = words
        return [option, f"{one_line('machine.sh')} {text}", name, self._nonce, *others]

    async def heard(self, stream: Stream) -> None:
        """Returns when the machine has said who it is, and was judged. Raises IdentityError, Ended and line errors."""
        await stream.until(f"\n{self._nonce} machine ".encode())
        said = (await stream.until(b"\n"))[1].strip()
        self._judge(said.decode().upper() if _UUID.fullmatch(said) else None)


async def withdraw(channel: Channel) -> None:
    """Has a shell that was begun (see open.sh) on a machine that is not ours take away the spool that it made."""
    with suppress(TimeoutError, HostError):
        async with asyncio.timeout(_LEAVE_S):
            await channel.write(_LEAVE)
            while await channel.read(4096):
                pass
