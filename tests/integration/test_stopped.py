"""Runs that are stopped otherwise than by Ctrl-C: how they end, and that they can be resumed."""

import signal
import time

from tests.integration.conftest import Orch
from tests.integration.test_resume import HEARD_S, SLOW, begun, go, lines, listed, local

__all__ = ["local"]  # a fixture


def test_a_hang_up_is_no_other_end(local: Orch) -> None:
    process = begun(local, SLOW)
    process.send_signal(signal.SIGHUP)
    time.sleep(HEARD_S)
    go(local)
    process.communicate(timeout=40)
    assert (process.returncode, listed(local)["status"], listed(local)["state"]) == (99, 99, "stopped")


def test_a_run_has_a_limit_of_its_own(local: Orch) -> None:
    process = begun(local, SLOW, "--run-limit", "1")
    time.sleep(1 + HEARD_S)
    go(local)
    _, stderr = process.communicate(timeout=40)
    assert process.returncode == 2
    assert "the run's limit of 1 s passed" in stderr and "hint: orch resume " in stderr
    assert (listed(local)["state"], listed(local)["status"]) == ("stopped", 2)
    assert lines(local) == ["first", "ended"]
    assert local("resume", "--json").status == 0
    assert lines(local) == ["first", "ended", "second", "out"]
