"""Macs on disk, as fixtures."""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.sim.mac import SimMac
from tests.unit.sim.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A Mac of the newest release most nodes run."""
    return Desk(tmp_path, SimMac("mini"))


@pytest.fixture
def desk_of(tmp_path: Path) -> Callable[[int], Desk]:
    """A Mac of a given release."""
    return lambda major: Desk(tmp_path, SimMac(f"mac{major}", macos=major))
