"""The pages about events and commands name what there is."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from orchestrator.cli.app import build
from orchestrator.model.events import KINDS

DOCS = Path(__file__).parents[3] / "docs/reference"


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_and_field_is_described(kind: str) -> None:
    (row,) = [line for line in (DOCS / "events.md").read_text().splitlines() if line.startswith(f"| `{kind}` |")]
    assert {each.name for each in fields(KINDS[kind])} <= set(re.findall(r"`(\w+)`", row))


def test_every_command_is_described() -> None:
    page = (DOCS / "cli.md").read_text()
    app = build()
    commands = [each.name for each in app.registered_commands] + [each.name for each in app.registered_groups]
    assert [name for name in commands if f"`orch {name}" not in page] == []
