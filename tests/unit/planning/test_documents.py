"""The reference pages name everything there is."""

from pathlib import Path

import pytest

from orchestrator.planning.filters import FILTERS
from orchestrator.planning.lookups import LOOKUPS
from orchestrator.planning.magic import TABLE
from orchestrator.planning.tests import TESTS

REFERENCE = Path(__file__).parents[3] / "docs/reference"


@pytest.mark.parametrize("name", sorted({*FILTERS, *TESTS, *LOOKUPS}))
def test_plugin_is_documented(name: str) -> None:
    rows = [row for row in (REFERENCE / "filters.md").read_text().splitlines() if row.startswith(f"| `{name}` |")]
    assert rows and all(len(row) > len(name) + 12 for row in rows)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_magic_variable_is_documented(name: str) -> None:
    assert f"`{name}`" in (REFERENCE / "variables.md").read_text()
