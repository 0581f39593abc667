"""All hostile inputs, in a process of their own that may take 2 GB and must stay far below."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

ROOT = Path(__file__).parents[2]
MOST_MB = 300


def given(*words: str, limit_s: float) -> tuple[int, str]:
    """``python -m tests.chaos.hostile``; its status and all that it said."""
    command = [sys.executable, "-m", "tests.chaos.hostile", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=limit_s, check=False)
    return done.returncode, done.stdout + done.stderr


def test_every_input() -> None:
    status, said = given(limit_s=3000)
    assert status == 0, said
    figures = json.loads(said.splitlines()[-1])
    assert figures["of"] >= 1200
    assert figures["peak_mb"] < MOST_MB
