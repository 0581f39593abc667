"""A few cells of the fault matrix, and a few hostile inputs of each set: the rest is in ``make chaos``."""

import os
from collections.abc import Iterator

import pytest

from tests.chaos.matrix import Cell, Lab, laboratory
from tests.chaos.test_hostile import given

pytestmark = [pytest.mark.needs_sshd, pytest.mark.timeout(240)]

CELLS = "F1.P20 F7.P10 F11.P8 F14.P9 F15.P13 F17.P13 F24.P2 F25.P16".split()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with laboratory(tmp_path_factory.mktemp("matrix"), ("core", "restart")) as opened:
        yield opened


@pytest.mark.skipif(os.geteuid() != 0, reason="the small disks are mounted by root")
@pytest.mark.parametrize("cell", CELLS)
def test_cell(lab: Lab, cell: str) -> None:
    assert lab.check(Cell(*cell.split("."), 0)) is None


def test_some_hostile_inputs() -> None:
    status, said = given("--most", "4", limit_s=200)
    assert status == 0, said
