import io
from collections.abc import Callable

import pytest

from orchestrator.journal.entry import Entry
from orchestrator.model.events import Event
from orchestrator.report.lines import Teller

Tell = Callable[..., tuple[str, str]]


def entries(events: tuple[Event, ...]) -> list[Entry]:
    return [Entry(number, 1785585600.0 + number, event) for number, event in enumerate(events, 1)]


@pytest.fixture
def tell() -> Tell:
    """Tell events through a teller; returns what goes to stdout and what to stderr."""

    def run(teller: Teller, *events: Event) -> tuple[str, str]:
        out, talk = io.StringIO(), io.StringIO()
        for entry in entries(events):
            for line in teller.tell(entry):
                print(line.text, file=talk if line.is_talk else out)
        return out.getvalue(), talk.getvalue()

    return run
