"""A simulated Mac under each promised shell, with programs that somebody has installed on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.results import Result
from orchestrator.sim.layout import lay_out
from orchestrator.sim.mac import MacDir, SimMac, session_environment
from tests.contract import community_tools
from tests.contract.driver import FakeContext, Node, Shell

SHELLS = {"dash": ("dash",), "bash": ("bash", "--posix"), "zsh": ("zsh", "--emulate", "sh")}


@pytest.fixture(params=["dash", "bash", pytest.param("zsh", marks=pytest.mark.needs_zsh)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Node:
    """A Mac without a launchd: its tools and its home."""
    mac, where = SimMac("mac1", gateway=False, passwordless_sudo=True), MacDir(tmp_path / "mac")
    lay_out(mac, where, 0)
    return Node(Shell(SHELLS[request.param], where.home, {**session_environment(mac, where), "SIM_SESSION": "test"}))


def bin_of(desk: Node) -> Path:
    return Path(desk.shell.environment["PATH"])


def provide(desk: Node, *names: str) -> None:
    """Install stand-ins."""
    community_tools.install(bin_of(desk), desk.shell.home.parent, *names)


def settled(node: Node, name: str, args: dict[str, Any], runs: int = 1, **context: Any) -> Result:
    """The module's result after its whole life: foretold, applied with a diff, and nothing left to do."""
    foretold = node.play(name, args, FakeContext(check=True, diff=True, **context))
    assert foretold.changed and not foretold.failed, foretold.msg
    result = node.play(name, args, FakeContext(diff=True, **context))
    assert result.changed and not result.failed and result.diff, result.msg
    again = node.play(name, args, FakeContext(**context))
    assert not again.changed and not again.failed, again.msg
    assert node.runs() == runs
    return result
