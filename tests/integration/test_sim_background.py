"""A fleet in the background: up, list, down, and its end when nobody looks after it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestrator.sim import background
from orchestrator.sim.faults import Faults
from orchestrator.sim.mac import SimMac
from tests.integration.test_sim_fronts import marked

LIMIT_S = 15.0


def all_gone(root: Path) -> bool:
    until_s = time.monotonic() + LIMIT_S
    while marked(root) and time.monotonic() < until_s:
        time.sleep(0.05)
    return not marked(root)


def test_up_is_idempotent_and_down_ends_exactly_that(tmp_path: Path) -> None:
    root = tmp_path / "f"
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        fleet = background.up(root, [SimMac("m", faults=Faults(sntp_timeout=True))], max_age_s=120)
        assert fleet.inventory["all"]["hosts"]["m"]["ansible_user"] == "admin"
        assert fleet.ends_at_s > time.time()
        assert background.up(root, [SimMac("m")]).pids == fleet.pids
        assert background.status(root) == fleet
        assert background.down(root)
        assert background.status(root) is None
        assert not background.down(root)
        assert all_gone(root)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_fleet_ends_when_its_time_is_up(tmp_path: Path) -> None:
    background.up(tmp_path / "f", [SimMac("m")], max_age_s=1)
    assert all_gone(tmp_path / "f")
    assert background.status(tmp_path / "f") is None


@pytest.mark.needs_sshd
def test_macs_end_with_their_keeper_however_it_ends(tmp_path: Path) -> None:
    fleet = background.up(tmp_path / "f", [SimMac("m")], front="openssh", max_age_s=120)
    os.kill(fleet.pids[0], signal.SIGKILL)
    assert all_gone(tmp_path / "f")
    assert not background.down(tmp_path / "f")


def test_a_strangers_pid_is_not_touched(tmp_path: Path) -> None:
    fleet = background.up(tmp_path / "f", [SimMac("m")], max_age_s=120)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        state = tmp_path / "f" / "fleet.json"
        text = state.read_text()
        state.write_text(text.replace(str(fleet.pids[0]), str(stranger.pid)))
        background.down(tmp_path / "f")
        assert stranger.poll() is None
        os.kill(fleet.pids[0], signal.SIGTERM)
        assert all_gone(tmp_path / "f")
    finally:
        stranger.kill()
        stranger.wait()


def test_a_fleet_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "m").write_text("in the way")
    with pytest.raises(background.FleetError, match="did not start"):
        background.up(tmp_path / "f", [SimMac("m")])


def test_the_gateway_alone(tmp_path: Path) -> None:
    program = Path(background.__file__).with_name("gateway.py")
    crashed = subprocess.run([sys.executable, str(program), "--port", "0", "--crash"], capture_output=True, check=False)
    assert (crashed.returncode, crashed.stderr) == (1, b"[gateway] told to crash\n")
