"""The controller is killed at every event of its journal; a resumed run comes to the same end, side effects once."""

from pathlib import Path
from typing import Any

import pytest

from tests.chaos.killed import MOMENTS
from tests.chaos.nursery import Nursery
from tests.chaos.scene import Scene
from tests.contract.sshd import Sshd

pytestmark = [pytest.mark.needs_sshd, pytest.mark.timeout(3600)]

BOUNDARIES = 60
SEEDS = 3


def points(events: int) -> list[str]:
    """For each seed as many boundaries, spread over all ``events``; with the seed, both the event and the moment move:
    before it is on disk, during the commit, after it."""
    step = max(1, events // BOUNDARIES)
    return [
        f"{number}:{MOMENTS[(number // step + seed) % len(MOMENTS)]}"
        for seed in range(SEEDS)
        for number in range(1 + seed % step, events + 1, step)
    ]


def check(
    home: Path, sshd: Sshd, undisturbed: dict[str, Any], point: str, nursery: Nursery | None = None
) -> str | None:
    """What differs after a kill at ``point`` and a resumption; None where nothing does."""
    scene = Scene.laid(home, sshd, nursery=nursery)
    killed = scene.play_until(point)
    resumed = scene.resume() if killed.status else killed
    told = f"{point}: {killed}\n--- resumed: {resumed}"
    if "there are no runs yet" in resumed.stderr:
        return None if not list((home / "logs").iterdir()) else told
    final = scene.final()
    wrong = {name: (final[name], undisturbed[name]) for name in final if final[name] != undisturbed[name]}
    return f"{wrong}\n{told}" if wrong else None


@pytest.mark.slow
def test_a_kill_at_any_event(tmp_path: Path, sshd: Sshd, undisturbed: dict[str, Any], nursery: Nursery) -> None:
    every = points(undisturbed["events"])
    found = {point: check(tmp_path / point, sshd, undisturbed, point, nursery) for point in every}
    wrong = [text for text in found.values() if text]
    assert not wrong, f"{len(wrong)} of {len(every)}:\n" + "\n".join(wrong)
