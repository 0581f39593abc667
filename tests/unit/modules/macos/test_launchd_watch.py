"""Storms as Macs have shown them: recorded texts of `launchctl print` whose count of starts grows from look to look."""

import re
from pathlib import Path

import pytest

from orchestrator.model.program import Reply, Sleep
from orchestrator.model.results import Result
from orchestrator.modules.macos.launchd_attempt import Attempt, RestartArgs
from orchestrator.modules.macos.launchd_job import aim_at, job_from
from orchestrator.modules.macos.launchd_watch import lasting
from orchestrator.modules.macos.parsers import Output
from orchestrator.modules.macos.probing import Answer
from tests.contract.driver import FakeContext

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "macos" / "launchctl-print"
LOOPS = ("spawn-scheduled-exit0-loop-trimmed.txt", "ex-config-spawn-scheduled.txt")


def storm(name: str, every_s: float) -> tuple[Result, int]:
    """The watch's result where a job is started each ``every_s`` seconds; and the starts until it was told."""
    text = (RECORDINGS / name).read_text()
    ctx = FakeContext()
    attempt = Attempt(RestartArgs(), ctx, aim_at("x", "gui/501", ctx), "x.plist")
    now_s, told_at = 0.0, 0

    def shown() -> str:
        runs = 40 + int(now_s / every_s) + 1
        found = re.sub(r"runs = \d+", f"runs = {runs}", text)
        return found if "runs =" in text else text.replace("state =", f"runs = {runs}\n\tstate =", 1)

    def reply() -> Reply:
        lines = [f"./job.out:{line}" for line in shown().splitlines()]
        return Reply(0, "\n".join(["./job.cmd:x", "./job.rc:0", *lines]).encode(), said=(("domain", "gui/501"),))

    steps = lasting(attempt, None, job_from("gui/501", "x", {"job": Answer("x", Output(shown(), "", 0))}), 40)
    try:
        request = next(steps)
        while True:
            now_s += request.seconds if isinstance(request, Sleep) else 0
            request = steps.send(reply() if not isinstance(request, Sleep) else None)
            if attempt.storm_after_s is not None and not told_at:
                told_at = attempt.starts or 0
    except StopIteration as stop:
        assert isinstance(stop.value, Result)
        return stop.value, told_at


@pytest.mark.parametrize("every_s", [1.0, 5.0, 10.0])
@pytest.mark.parametrize("name", LOOPS)
def test_a_recorded_crash_loop_is_a_storm_after_three_starts(name: str, every_s: float) -> None:
    result, told_at = storm(name, every_s)
    assert result.failed and "crash loop" in str(result.msg) and "last exit code" in str(result.msg)
    assert result.data["storm_after_s"] <= 60
    assert 3 <= told_at <= 5
    assert any("a storm" in line for line in result.data["story"])
