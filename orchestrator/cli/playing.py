"""A run from the command line's side: journal, reports, the fleet at work, and what Ctrl-C means."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.engine.options import Options
from orchestrator.journal.entry import Entry
from orchestrator.journal.home import new_run_id, state_dir
from orchestrator.journal.store import Journal
from orchestrator.language.tree import Playbook
from orchestrator.model.events import Event, Said
from orchestrator.model.hosts import Inventory
from orchestrator.report.lines import Sink
from orchestrator.secrets.redact import Redactor

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything a run needs. ``sinks`` are closed at its end; ``warnings`` are told at its beginning."""

    playbook: Playbook
    inventory: Inventory
    options: Options
    redactor: Redactor
    sinks: tuple[Sink, ...]
    warnings: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


def play(session: Session) -> int:
    """Run ``session`` to its end and return the exit status."""
    home = state_dir()
    with ExitStack() as stack:
        for sink in session.sinks:
            stack.callback(sink.close)
        journal = stack.enter_context(Journal(home, new_run_id(), session.redactor.data))
        journal.keep(session.texts)
        return asyncio.run(_play(session, journal))


async def _play(session: Session, journal: Journal) -> int:
    from orchestrator.engine.fleet import Fleet

    emit = _broadcast(journal, session.sinks)
    for warning in [*session.warnings, *_too_short(session.redactor)]:
        emit(Said(level="warning", text=warning))
    fleet = Fleet(session.playbook, session.inventory, session.options, emit, run_id=journal.run_id, sync=journal.sync)
    with _Interrupts(fleet.stop, emit):
        return await fleet.run()


def texts_of(playbook: Playbook) -> dict[str, str]:
    """The texts of the playbook's files, for the journal; one that is gone since is left out."""
    texts: dict[str, str] = {}
    for path in playbook.files:
        try:
            texts[path] = Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
    return texts


def _broadcast(journal: Journal, sinks: tuple[Sink, ...]) -> Callable[[Event], None]:
    def emit(event: Event) -> None:
        entry: Entry = journal.emit(event)
        for sink in sinks:
            sink.take(entry)

    return emit


def _too_short(redactor: Redactor) -> list[str]:
    return [
        f"{name} is too short or too common to be hidden in output: it will show where it stands inside other text"
        for name in redactor.too_short
    ]


class _Interrupts:
    """The first Ctrl-C lets running tasks finish and ends the run; the second stops waiting for them."""

    def __init__(self, stop: Callable[[], None], emit: Callable[[Event], None]) -> None:
        self._stop = stop
        self._emit = emit
        self._count = 0
        self._task: asyncio.Task[Any] | None = None

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        for each in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(each, self._interrupt)

    def __exit__(self, *_: object) -> None:
        for each in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(each)

    def _interrupt(self) -> None:
        self._count += 1
        if self._count == 1:
            self._emit(Said(level="warning", text="stopping after the running tasks; Ctrl-C again to stop at once"))
            self._stop()
        elif self._count == 2 and self._task is not None:
            self._task.cancel()


def is_interactive() -> bool:
    """True where a person can answer prompts."""
    return sys.stdin.isatty()
