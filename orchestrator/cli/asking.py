"""Questions to the person at the terminal, without stopping the run for anybody else."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from orchestrator.model.program import Ask

LINE_BYTES = 64 * 1024


class Asking:
    """Asks one question at a time. ``still`` keeps the screen quiet meanwhile."""

    def __init__(self, still: Callable[[], AbstractContextManager[None]]) -> None:
        self._still = still
        self._turn = asyncio.Lock()

    async def ask(self, question: Ask) -> str | None:
        """The line typed, None where nobody answers: no terminal, end of input, or too long a wait."""
        if not sys.stdin.isatty():
            return None
        async with self._turn:
            with self._still(), _echo(question.echo):
                print(question.prompt, end="", file=sys.stderr, flush=True)
                try:
                    async with asyncio.timeout(question.timeout_s):
                        return await _line()
                except TimeoutError:
                    return None
                finally:
                    if not question.echo:
                        print(file=sys.stderr)


async def _line() -> str | None:
    """The next line of the terminal, which hands over whole lines."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[bytes] = loop.create_future()
    descriptor = sys.stdin.fileno()

    def read() -> None:
        if not typed.done():
            typed.set_result(os.read(descriptor, LINE_BYTES))

    loop.add_reader(descriptor, read)
    try:
        data = await typed
    finally:
        loop.remove_reader(descriptor)
    return data.decode("utf-8", "replace").rstrip("\r\n") if data else None


@contextmanager
def _echo(is_wanted: bool) -> Iterator[None]:
    if is_wanted:
        yield
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
