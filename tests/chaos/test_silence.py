"""A peer that falls silent is named within 30 s, whatever was under way."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.needs_sshd, pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]


def test_every_phase() -> None:
    command = [sys.executable, "-m", "tests.chaos.silence"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
