"""One host that never answers and three that flood cost the others nothing, and the controller little memory."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.needs_sshd, pytest.mark.slow, pytest.mark.timeout(1500)]

ROOT = Path(__file__).parents[2]


def test_one_stalls_and_three_flood() -> None:
    command = [sys.executable, "-m", "tests.chaos.flood"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
