"""A task that its limit stops: nothing of it goes on."""

from pathlib import Path

import pytest

from orchestrator.model.errors import LimitExceeded
from orchestrator.model.program import Run, Script
from orchestrator.transport.connection import NodeConnection
from tests.contract.conftest import SHELLS, MakeMachine, play

NESTED = Script(
    "nested",
    """
nested() {
  left=40
  while [ $left -gt 0 ]; do
    left=$((left - 1))
    (sleep 60; : >"$marker.$left") &
  done
  (sleep 60; : >"$marker.a"; (sleep 60; : >"$marker.b"); : >"$marker.c")
  : >"$marker.d"
}
""",
)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_is_ended_before_what_it_waits_for(shell: str, make_machine: MakeMachine, tmp_path: Path) -> None:
    """A shell whose command is ended first would go on to its next one."""
    marker = tmp_path / "marker"
    nested = Run(main="nested", scripts=(NESTED,), values={"marker": str(marker)})

    async def work(connection: NodeConnection) -> None:
        for key in map(str, range(3)):
            with pytest.raises(LimitExceeded):
                await connection.run(key, nested, timeout_s=0.2)
        assert (await connection.run("then", Run(main=":"), timeout_s=20)).rc == 0

    play(make_machine("local", shell), work)
    assert not list(tmp_path.glob("marker.*"))
