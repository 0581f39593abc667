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


FREE = """\
- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - shell: >-
        echo first >> {{ log }};
        n=600; until [ -e {{ log }}.go ] || [ $((n -= 1)) -lt 0 ]; do sleep 0.05; done
    - shell: echo second >> {{ log }}
    - shell: echo third >> {{ log }}
"""


def test_what_waited_behind_the_running_task_is_neither_begun_nor_counted(local: Orch) -> None:
    process = begun(local, FREE)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(HEARD_S)
    stdout, stderr = process.communicate(timeout=40)
    assert process.returncode == 99
    assert stdout.count("UNKNOWN!") == 1 and "unknown=1" in stdout
    assert stderr.count("may be running on") == 1 and "may still be running" not in stderr
    go(local)
    time.sleep(HEARD_S)
    assert lines(local) == ["first"]
    assert local("resume").status == 0
    assert lines(local) == ["first", "second", "third"]
