"""Draws docs/images/demo.svg: a run of the demo, told again from its journal in the colours of a terminal.

orch demo && python scripts/picture.py [RUN]
"""

import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from orchestrator.journal.home import state_dir
from orchestrator.journal.reading import open_run
from orchestrator.report.lines import STYLES
from orchestrator.report.transcript import Transcript

WIDTH = 112
INTO = Path(__file__).parents[1] / "docs/images/demo.svg"


def draw(run: str) -> None:
    """Writes the picture of ``run`` (an id, or ``last``)."""
    console = Console(record=True, width=WIDTH, file=StringIO(), color_system="truecolor")
    transcript = Transcript(width=79, verbosity=0)
    console.print(Text("$ orch run playbooks/demo.yml", style="bold"))
    for entry in open_run(state_dir(), run).events():
        for line in transcript.tell(entry):
            console.print(Text(line.text, style=STYLES[line.style]), overflow="ellipsis", no_wrap=True)
    INTO.parent.mkdir(parents=True, exist_ok=True)
    INTO.write_text(console.export_svg(title="orch"), encoding="utf-8")


if __name__ == "__main__":
    draw(sys.argv[1] if len(sys.argv) > 1 else "last")
