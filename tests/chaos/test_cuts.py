"""The line is cut after any number of bytes, in either direction: side effects happen once, and nothing hangs."""

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.cutting import END, IN, OUT, RESET, SWALLOW, Harm, proxied
from tests.chaos.nursery import Nursery
from tests.chaos.scene import Scene
from tests.contract.sshd import Sshd

pytestmark = [pytest.mark.needs_sshd, pytest.mark.timeout(3600)]

CUTS = 200
"""In each direction."""
LINES = 5
BYTES = {OUT: 32_000, IN: 16_000}
"""About as many as a line of the rollout carries each way; a cut behind the end of a line does no harm."""
KINDS = {RESET: 6, END: 3, SWALLOW: 1}
LIMIT_S = 60


def harm_of(seed: int) -> Harm:
    """A line, an offset and a kind, the same for the same seed; even seeds out, odd ones in."""
    chance = random.Random(seed)
    direction = (OUT, IN)[seed % 2]
    (kind,) = chance.choices(list(KINDS), KINDS.values())
    return Harm(chance.randrange(LINES), direction, chance.randrange(BYTES[direction]), kind)


def sums(recap: dict[str, dict[str, Any]]) -> Counter[str]:
    """The counts of a recap over all hosts."""
    return sum((Counter({name: each[name] for name in each if name != "host"}) for each in recap.values()), Counter())


def check(
    home: Path, sshd: Sshd, undisturbed: dict[str, Any], harm: Harm, nursery: Nursery | None = None
) -> str | None:
    """What differs after ``harm``; a run that lost a host before its first answer is resumed."""
    began = time.monotonic()
    with proxied(sshd.port, harm) as proxy:
        scene = Scene.laid(home, sshd, proxy.port, nursery)
        told = [scene.play()]
        if told[0].status & 4:
            told.append(scene.resume())
        final = scene.final()
    expected = {name: undisturbed[name] for name in final}
    if len(told) > 1:  # while a host was away, another may have done what is done once for all
        final["recap"], expected["recap"] = sums(final["recap"]), sums(undisturbed["recap"])
    wrong = {name: (final[name], expected[name]) for name in final if final[name] != expected[name]}
    spent_s = time.monotonic() - began
    if wrong or spent_s > LIMIT_S:
        return f"{harm} took {spent_s:.0f} s: {wrong}\n" + "\n--- resumed: ".join(map(str, told))
    return None


@pytest.mark.slow
def test_cuts_at_any_byte(tmp_path: Path, sshd: Sshd, undisturbed: dict[str, Any], nursery: Nursery) -> None:
    found = {seed: check(tmp_path / f"{seed}", sshd, undisturbed, harm_of(seed), nursery) for seed in range(2 * CUTS)}
    wrong = [text for text in found.values() if text]
    assert not wrong, f"{len(wrong)} of {2 * CUTS}:\n" + "\n".join(wrong)
