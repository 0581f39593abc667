"""A run from the command line's side: journal, reports, the fleet at work, and what Ctrl-C means."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.cli.asking import Asking
from orchestrator.cli.showing import Shown
from orchestrator.engine.options import Options
from orchestrator.journal.budget import Notes
from orchestrator.journal.home import new_run_id, state_dir
from orchestrator.journal.store import Journal
from orchestrator.language.reading import Options as Reading
from orchestrator.language.tree import Playbook
from orchestrator.model.errors import UserError
from orchestrator.model.events import Event, Said
from orchestrator.model.frozen import frozen
from orchestrator.model.hosts import Inventory
from orchestrator.model.status import Status
from orchestrator.report.lines import Sink
from orchestrator.secrets.redact import Redactor

if TYPE_CHECKING:
    from orchestrator.engine.resume import Past

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@frozen(kw_only=True)
class Session:
    """Everything a run needs. ``warnings`` and ``evidence`` are told first; ``command`` is argv without secrets."""

    playbook: Playbook
    inventory: Inventory
    options: Options
    redactor: Redactor
    shown: Shown
    command: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    reading: Reading | None = None
    reload_inventory: Callable[[], Inventory] | None = None
    memory: Path | None = None
    """Where restarts are remembered across runs; None for the state directory."""
    invocation: Mapping[str, Any] = field(default_factory=dict)
    """What ``orch resume`` needs to begin the run again."""


@frozen
class Before:
    """The run that a session goes on with. ``past`` is what its events say up to the one with the number ``last``.
    ``is_taken_over``: from a process that did not say that it had ended."""

    run_id: str
    past: Past
    last: int = 0
    is_taken_over: bool = False


def play(session: Session, before: Before | None = None) -> int:
    """Run ``session`` to its end and return the exit status."""
    from orchestrator.engine.resume import NOTHING

    home = state_dir()
    before = before or Before(new_run_id(), NOTHING)
    unwritten: list[UserError] = []
    with ExitStack() as stack:
        for sink in session.shown.sinks:
            stack.callback(_close, sink, unwritten)
        hidden = session.redactor.data
        journal = stack.enter_context(
            Journal(home, before.run_id, hidden, is_taken_over=before.is_taken_over, after=before.last)
        )
        try:
            journal.keep(_texts(session.playbook))
            status, is_left = asyncio.run(_play(session, journal, Notes(session.memory or home), before.past))
        finally:
            if not journal.has_begun:
                journal.abandon()
    if is_left and journal.has_begun and session.invocation:
        print(f"hint: orch resume {before.run_id}", file=sys.stderr)
    return status or (Status.WRONG if unwritten else 0)


def _close(sink: Sink, unwritten: list[UserError]) -> None:
    """Close ``sink``; a report that cannot be written does not hide how the run ended."""
    try:
        sink.close()
    except UserError as error:
        unwritten.append(error)
        print(f"error: {error}", file=sys.stderr)


async def _play(session: Session, journal: Journal, notes: Notes, past: Past) -> tuple[int, bool]:
    """The exit status, and whether the run was stopped with something left to do."""
    from orchestrator.engine.fleet import Fleet
    from orchestrator.engine.machine import Memory, Services
    from orchestrator.engine.resume import Echo

    async def remember(topic: str, host: str) -> None:
        await asyncio.to_thread(notes.remember, topic, host)

    emit: Callable[[Event], None] = _broadcast(session, journal)
    emit = Echo(past, emit) if past.is_resumed else emit
    for warning in [*session.warnings, *_too_short(session.redactor)]:
        emit(Said(level="warning", text=warning))
    for text in session.evidence:
        emit(Said(level="info", text=text))
    services = Services(
        emit, journal.sync, Asking(session.shown.still).ask, Memory(notes.recall, remember), keeps=journal.keeps
    )
    fleet = Fleet(
        session.playbook,
        session.inventory,
        session.options,
        emit,
        run_id=journal.run_id,
        services=services,
        command=session.command,
        reading_options=session.reading,
        reload_inventory=session.reload_inventory,
        past=past,
        invocation=session.invocation,
    )
    if (limit_s := session.options.run_limit_s) is not None:
        asyncio.get_running_loop().call_later(limit_s, fleet.stop, f"the run's limit of {limit_s} s passed")
    with _Interrupts(fleet.interrupt, emit):
        try:
            status = await fleet.run()
        except asyncio.CancelledError:
            return Status.INTERRUPTED, True
    return status, fleet.is_stopping and not fleet.is_through


def _broadcast(session: Session, journal: Journal) -> Callable[[Event], None]:
    def emit(event: Event) -> None:
        entry = journal.emit(event)
        for sink in session.shown.sinks:
            sink.take(entry)

    return emit


def command_line(redactor: Redactor) -> tuple[str, ...]:
    """What was typed, secrets replaced."""
    return ("orch", *map(redactor.text, sys.argv[1:]))


def _texts(playbook: Playbook) -> dict[str, str]:
    """The texts of the playbook's files, for the journal; one that is gone since is left out."""
    texts: dict[str, str] = {}
    for path in playbook.files:
        try:
            texts[path] = Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
    return texts


def _too_short(redactor: Redactor) -> list[str]:
    return [
        f"{name} is too short or too common to be hidden in output: it will show where it stands inside other text"
        for name in redactor.too_short
    ]


class _Interrupts:
    """The first Ctrl-C lets running tasks finish and ends the run; the second stops waiting for them."""

    def __init__(self, stop: Callable[[], None], emit: Callable[[Event], None]) -> None:
        self.count = 0
        self._stop = stop
        self._emit = emit
        self._task: asyncio.Task[Any] | None = None

    def __enter__(self) -> _Interrupts:
        self._task = asyncio.current_task()
        for each in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(each, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        for each in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(each)

    def _interrupt(self) -> None:
        self.count += 1
        if self.count == 1:
            self._emit(Said(level="warning", text="stopping after the running tasks; Ctrl-C again to stop at once"))
            self._stop()
        elif self.count == 2 and self._task is not None:
            self._task.cancel()
