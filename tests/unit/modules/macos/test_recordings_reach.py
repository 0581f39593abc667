"""No module rests on a form that nobody recorded: each parser that modules use is fed with recordings of its own."""

import json
import re
from pathlib import Path

import pytest

from orchestrator.modules import macos
from orchestrator.modules.macos.parsers.registry import TABLE
from orchestrator.modules.macos.snapshot_facts import ROWS

INDEX = json.loads((Path(__file__).parents[3] / "fixtures" / "macos" / "index.json").read_text())["entries"]
RECORDED = {entry["file"].rpartition("/")[0].removeprefix("reconstructed/") for entry in INDEX}
MODULES = sorted(Path(macos.__file__).parent.glob("*.py"))
USED = {
    *(row.reader for row in ROWS if isinstance(row.reader, str)),
    *(slug for path in MODULES for slug in re.findall(r'pars(?:ed?)\("([\w-]+)"', path.read_text())),
}


def test_modules_use_many_parsers() -> None:
    assert len(USED) >= 35 and "launchctl-print" in USED and "security-interactive" in USED
    assert TABLE.keys() >= USED


@pytest.mark.parametrize("slug", sorted(USED))
def test_a_parser_that_modules_use_has_recordings(slug: str) -> None:
    assert slug in RECORDED


def test_every_recording_is_read_by_a_parser_of_the_table() -> None:
    """198 recordings; what each means is compared line by line in parsers/test_recordings.py."""
    assert TABLE.keys() >= RECORDED
    assert len(INDEX) >= 198
