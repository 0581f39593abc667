"""A hundred broken files: each mistake is told at its line and column, most with what was meant, and quickly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.unit.cli.broken import BROKEN
from tests.unit.cli.conftest import Orch

SHARE = 0.7


@pytest.mark.parametrize(("marked", "suggestion"), BROKEN, ids=range(len(BROKEN)))
def test_the_mistake_is_told_at_its_place(orch: Orch, here: Path, marked: str, suggestion: str | None) -> None:
    for name in ("gateway.conf", "gateway.j2", "tasks.yml", "other.yml", "roles/workstation/tasks/main.yml"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).touch()
    before, _, after = marked.partition("§")
    (here / "broken.yml").write_text(before + after)
    began = time.process_time()
    status, out, _ = orch("lint", "broken.yml")
    assert time.process_time() - began < 1
    place = f"broken.yml:{before.count(chr(10)) + 1}:{len(before) - (before.rfind(chr(10)) + 1) + 1}: "
    assert status == 1 and out.startswith(place), out
    assert suggestion is None or suggestion in out.partition("\nbroken.yml:")[0].partition("\nadvice:")[0], out


def test_most_mistakes_come_with_what_was_meant() -> None:
    assert len(BROKEN) >= 100
    assert sum(suggestion is not None for _, suggestion in BROKEN) / len(BROKEN) >= SHARE
