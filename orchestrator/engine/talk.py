"""A talk with a program of the controller's own, line by line: how an action plug-in in Python is run."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

from orchestrator.model.errors import HostError, LimitExceeded

LINE_BYTES = 64 * 1024 * 1024
PARTING_S = 2.0
"""How long the program may take to end when nobody listens any more."""


class Talk:
    """The program at work, in a process group of its own; whoever begins it ends it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def begin(cls, words: Sequence[str]) -> Talk:
        """Start the program ``words``; its stderr is ours."""
        return cls(
            await asyncio.create_subprocess_exec(
                *words, stdin=PIPE, stdout=PIPE, limit=LINE_BYTES, start_new_session=True
            )
        )

    async def say(self, line: str, limit_s: float) -> str | None:
        """Say ``line``; returns the next line that the program says, None where it has ended. Raises LimitExceeded
        where it says nothing within ``limit_s``."""
        said, heard = self._process.stdin, self._process.stdout
        assert said is not None and heard is not None
        try:
            async with asyncio.timeout(limit_s):
                said.write(line.encode() + b"\n")
                await said.drain()
                return (await heard.readline()).decode() or None
        except TimeoutError:
            raise LimitExceeded(
                f"the plug-in said nothing for {limit_s:g} s", hint="give it more with `timeout`"
            ) from None
        except ConnectionError:
            return None
        except ValueError:
            raise HostError(f"the plug-in said more than {LINE_BYTES} bytes at once") from None

    async def end(self) -> None:
        """The task is over: the program ends by itself, or is killed with all that it started."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(PARTING_S):
                await self._process.wait()
                return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
