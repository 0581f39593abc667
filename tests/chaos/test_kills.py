"""The controller is killed at every event of its journal; a resumed run comes to the same end, side effects once."""

from pathlib import Path
from typing import Any

import pytest

from tests.chaos.killed import MOMENTS
from tests.chaos.scene import Scene
from tests.contract.sshd import Sshd

pytestmark = [pytest.mark.needs_sshd, pytest.mark.timeout(3600)]


def check(home: Path, sshd: Sshd, undisturbed: dict[str, Any], point: str) -> str | None:
    """What differs after a kill at ``point`` and a resumption; None where nothing does."""
    scene = Scene.laid(home, sshd)
    killed = scene.play_until(point)
    resumed = scene.resume() if killed.status else killed
    told = f"{point}: {killed}\n--- resumed: {resumed}"
    if "was cut off before it began" in resumed.stderr:
        return None if not list((home / "logs").iterdir()) else told
    final = scene.final()
    wrong = {name: (final[name], undisturbed[name]) for name in final if final[name] != undisturbed[name]}
    return f"{wrong}\n{told}" if wrong else None


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_at_any_event(tmp_path: Path, sshd: Sshd, undisturbed: dict[str, Any], moment: str) -> None:
    wrong = {}
    for number in range(1, undisturbed["events"] + 1):
        if found := check(tmp_path / f"{number}", sshd, undisturbed, f"{number}:{moment}"):
            wrong[number] = found
    assert not wrong, f"{len(wrong)} of {undisturbed['events']}:\n" + "\n".join(wrong.values())
