"""The page of coverage tells the truth: what it names exists, no requirement is missing, its figures are right."""

import re
from pathlib import Path

from orchestrator.modules.table import TABLE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/coverage.md").read_text(encoding="utf-8")
ROWS = [line.strip("|").split(" | ") for line in PAGE.splitlines() if re.match(r"\| S\d-\d", line)]
LAST = {"S0": 74, "S1": 61, "S2": 28, "S3": 41, "S4": 24}


def test_every_requirement_has_its_row_once() -> None:
    ids = [row[0].strip() for row in ROWS]
    assert ids == [f"{part}-{number}" for part, last in LAST.items() for number in range(1, last + 1)]
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in ROWS)


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[\w./-]+)(?:::(\w+))?`", PAGE))
    assert len(named) > 40
    for path, name in named:
        assert (ROOT / path).is_file(), path
        assert f"def {name}" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{name}"


def test_every_playbook_and_module_that_is_named_exists() -> None:
    for path in re.findall(r"`((?:playbooks|docs|inventory)/[\w./-]+)`", PAGE):
        assert (ROOT / path).is_file(), path
    for name in re.findall(r"`((?:openclaw_|secret_sw)\w+)`", PAGE):
        assert name in TABLE, name


def test_the_figures_are_right() -> None:
    verdicts = [row[3].strip() for row in ROWS]
    absent = sum(each.startswith("not in this product: ") for each in verdicts)
    later = sum(each.startswith("not shown yet") for each in verdicts)
    partly = sum("; not:" in each for each in verdicts)
    shown = len(ROWS) - absent - later - partly
    figures = (
        f"{shown} shown · {partly} shown in part · {absent} not in this product · {later} not shown yet · "
        f"{len(ROWS)} in all"
    )
    assert figures in PAGE
