"""What readers need of our shell texts, and nodes do not, is left out; nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import orchestrator
from orchestrator.model.program import bare

ROOT = Path(orchestrator.__file__).parent
TEXTS = sorted(ROOT.rglob("*.sh"))


def as_bash_reads(text: str) -> list[str]:
    """The text as bash prints a function of it, line by line, without indentation."""
    words = ["bash", "--posix", "-c", f"it() {{\n:\n{text}\n}}\ndeclare -f it"]
    printed = subprocess.run(words, capture_output=True, text=True, check=True, timeout=20).stdout
    return [line.strip() for line in printed.splitlines()]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_bare_text_is_the_same_program(path: Path) -> None:
    """Lines that begin inside of quotes are compared without their indentation: they are programs of awk."""
    text = path.read_text()
    assert as_bash_reads(bare(text)) == as_bash_reads(text)


def test_comments_and_indentation_go() -> None:
    assert bare("# a\n\n\tif x; then # why\n\t\ty '#' # z\n\tfi\n") == "if x; then # why\ny '#' # z\nfi\n"
