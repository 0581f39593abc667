"""Every cell of the matrix that can occur, with one seed; ``python -m tests.chaos.matrix`` has them with three."""

import os
from collections.abc import Iterator

import pytest

from tests.chaos.matrix import Cell, Lab, cells_of, laboratory

pytestmark = [
    pytest.mark.needs_sshd,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.geteuid() != 0, reason="the small disks are mounted by root"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with laboratory(tmp_path_factory.mktemp("matrix")) as opened:
        yield opened


@pytest.mark.parametrize("cell", cells_of([], [0]), ids=str)
def test_cell(lab: Lab, cell: Cell) -> None:
    assert lab.check(cell) is None
