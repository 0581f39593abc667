"""Talks with programs of the controller's: bounded, and over when the task is."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from orchestrator.engine.talk import Talk
from orchestrator.model.errors import LimitExceeded

ECHOES = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)\n"
SLEEPS = """
import subprocess, sys
child = subprocess.Popen(["sleep", "60"])
print(child.pid, flush=True)
sys.stdin.readline()
import time; time.sleep(60)
"""


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_line_for_a_line_until_it_ends() -> None:
    async def talked() -> list[str | None]:
        talk = await Talk.begin([sys.executable, "-c", ECHOES])
        said = [await talk.say("a" * 200_000, 30), await talk.say("b", 30)]
        await talk.end()
        return [*said, await talk.say("c", 30)]

    assert asyncio.run(talked()) == ["A" * 200_000 + "\n", "B\n", None]


def test_one_that_ended_by_itself_says_nothing() -> None:
    async def talked() -> str | None:
        talk = await Talk.begin([sys.executable, "-c", ""])
        try:
            return await talk.say("a", 30)
        finally:
            await talk.end()

    assert asyncio.run(talked()) is None


def test_silence_is_bounded_and_what_it_started_goes_with_it() -> None:
    async def talked() -> int:
        talk = await Talk.begin([sys.executable, "-c", SLEEPS])
        try:
            child = int(await talk.say("", 30) or "0")
            with pytest.raises(LimitExceeded, match=r"said nothing for 0\.2 s"):
                await talk.say("more", 0.2)
            return child
        finally:
            await talk.end()

    child = asyncio.run(talked())
    for _ in range(100):
        if not is_there(child):
            return
        asyncio.run(asyncio.sleep(0.1))
    raise AssertionError(f"{child} is still there")
