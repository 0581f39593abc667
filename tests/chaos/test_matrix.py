"""Every cell of the matrix that has a runner."""

from collections.abc import Iterator

import pytest

from tests.chaos.matrix import FAULTS, PHASES, Lab, cell

pytestmark = [pytest.mark.needs_sshd, pytest.mark.slow, pytest.mark.timeout(600)]

CELLS = [(fault, phase) for fault in FAULTS for phase in PHASES if callable(cell(fault, phase))]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    opened = Lab.opened(tmp_path_factory.mktemp("matrix"))
    yield opened
    opened.sshd.end()


@pytest.mark.parametrize(("fault", "phase"), CELLS, ids=[".".join(each) for each in CELLS])
def test_cell(lab: Lab, fault: str, phase: str) -> None:
    runner = cell(fault, phase)
    assert callable(runner)
    assert runner(lab) is None
