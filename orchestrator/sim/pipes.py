"""
Carries bytes between an SSH channel and the pipes of a process.

Written out rather than left to asyncio's pipe transports: those of Python 3.11 lose bytes or fail when both ends close
at the same moment, which is the everyday end of `cat`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

import asyncssh

_CHUNK_BYTES = 1 << 16
_Watch = Callable[[int, Callable[[], None]], None]


async def feed(source: asyncssh.SSHReader[bytes], pipe: int, pid: int) -> None:
    """Everything the client sends goes into the pipe, which is closed after; signals go to the process."""
    os.set_blocking(pipe, False)
    try:
        while True:
            try:
                data = await source.read(_CHUNK_BYTES)
            except asyncssh.SignalReceived as received:
                _send_signal(pid, received.signal)
                continue
            except (asyncssh.BreakReceived, asyncssh.TerminalSizeChanged):
                continue
            if not data:
                return
            await _write(pipe, data)
    except (OSError, asyncssh.Error):
        return  # the process reads no more, or the client is gone
    finally:
        os.close(pipe)


async def carry(pipe: int, target: asyncssh.SSHWriter[bytes]) -> None:
    """Everything in the pipe goes to the client, at the client's pace, until the pipe's end."""
    loop = asyncio.get_running_loop()
    os.set_blocking(pipe, False)
    try:
        while True:
            try:
                data = os.read(pipe, _CHUNK_BYTES)
            except BlockingIOError:
                await _ready(pipe, loop.add_reader, loop.remove_reader)
                continue
            if not data:
                return
            target.write(data)
            await target.drain()
    except (OSError, asyncssh.Error):
        return  # the client is gone; the process meets a closed pipe, as under sshd
    finally:
        os.close(pipe)


async def _write(pipe: int, data: bytes) -> None:
    loop = asyncio.get_running_loop()
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(pipe, rest) :]
        except BlockingIOError:
            await _ready(pipe, loop.add_writer, loop.remove_writer)


async def _ready(pipe: int, watch: _Watch, forget: Callable[[int], bool]) -> None:
    """Return once the loop says that the pipe can be read or written."""
    event = asyncio.Event()
    watch(pipe, event.set)
    try:
        await event.wait()
    finally:
        forget(pipe)


def _send_signal(pid: int, name: str) -> None:
    """Signal the process and its group by a name without SIG; a name the host does not know is ignored."""
    number = signal.Signals.__members__.get(f"SIG{name}")
    if number:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)
