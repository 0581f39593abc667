"""keychain_reset killed before each of its commands: the next run always puts search list and default right again."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.program import Request, Run, Script
from orchestrator.model.results import Outcome
from orchestrator.modules.macos.probing import PROBE
from orchestrator.sim.layout import lay_out
from orchestrator.sim.mac import MacDir, SimMac, session_environment
from tests.contract.driver import Node, Shell

KILLER = """
probes_begun=0
# Ends this program as a crash would, before the command numbered $kill_at: settled, or with the last one under way
step() {
	probes_begun=$((probes_begun + 1))
	[ "$probes_begun" = "$kill_at" ] || return 0
	[ "$kill_when" = early ] || probes_settle
	sh -c 'kill -s KILL "$PPID"'
}
probe() { step; probe_whole "$@"; }
probe_fed() { step; probe_fed_whole "$@"; }
"""
TEXT = PROBE.text.replace("probe() {", "probe_whole() {").replace("probe_fed() {", "probe_fed_whole() {")
PASSWORD = "rehearsal"
STEPS = {"keychain_remove": 6, "keychain_renew": 9}
CASES = [
    (main, at, when, default)
    for main, steps in STEPS.items()
    for at, when, default in product(range(1, steps + 1), ("settled", "early"), (True, False))
]
SMOKE = {("keychain_remove", 2, "settled", True), ("keychain_renew", 2, "early", True)}


class Killed(Node):
    """A node whose program ``main`` is killed once, before its command number ``at``."""

    kill: tuple[str, int, str] | None = None

    def reply(self, request: Request) -> Any:
        if self.kill and isinstance(request, Run) and request.main == self.kill[0]:
            _, at, when = self.kill
            scripts = tuple(Script("probe", TEXT + KILLER) if one is PROBE else one for one in request.scripts)
            values = {**request.values, "kill_at": str(at), "kill_when": when}
            self.kill = None
            return super().reply(replace(request, scripts=scripts, values=values))
        return super().reply(request)


def state(node: Killed, folder: Path) -> tuple[Any, ...]:
    """Search list, default, and every file beside the login keychain, with its bytes."""
    seen = node.play("keychain_reset", {"keychain": "rehearsal"})
    assert seen.outcome is Outcome.OK, seen.msg
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return seen.data["search_list"], seen.data["default"], files


@pytest.mark.parametrize(
    ("main", "at", "when", "default"),
    [pytest.param(*case, marks=[] if case in SMOKE else [pytest.mark.slow]) for case in CASES],
)
def test_killed_at_any_step_the_next_run_restores_all(
    tmp_path: Path, main: str, at: int, when: str, default: bool
) -> None:
    mac, where = SimMac("mac1", gateway=False), MacDir(tmp_path / "mac")
    lay_out(mac, where, 0)
    node = Killed(Shell(("bash", "--posix"), where.home, {**session_environment(mac, where), "SIM_SESSION": "test"}))
    folder = where.home / "Library/Keychains"
    before = state(node, folder)
    fresh = {"keychain": "rehearsal", "state": "fresh", "password": PASSWORD, "default": default}
    if main == "keychain_remove":
        assert node.play("keychain_reset", fresh).changed
    node.kill = (main, at, when)
    node.play("keychain_reset", fresh if main == "keychain_renew" else {"keychain": "rehearsal"})
    node.play("keychain_reset", {"keychain": "rehearsal"})
    assert state(node, folder) == before


def test_there_are_sixty_cases() -> None:
    assert len(CASES) == 60
