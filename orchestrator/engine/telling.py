"""What a play tells of its tasks: that one begins, and how it ended on each host."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.engine.lockstep import Position, Round
from orchestrator.engine.resume import as_kept
from orchestrator.engine.shown import shown, shown_diff, shown_hint
from orchestrator.language.tree import Task
from orchestrator.model.events import TaskDone, TaskStarted
from orchestrator.model.results import Outcome
from orchestrator.planning.render import Renderer

if TYPE_CHECKING:
    from orchestrator.engine.host_run import HostRun
    from orchestrator.engine.play_run import PlayRun
    from orchestrator.engine.reports import Report


class Telling:
    """Events of one batch of a play, and the counts of its hosts."""

    def __init__(self, play: PlayRun) -> None:
        self.play = play
        self._started: set[tuple[Position, str]] = set()

    def announce(self, task: Task, together: Round, renderer: Renderer) -> None:
        mark = (together.position, task.key)
        if mark in self._started and not self.play.is_meta(task):
            return
        self._started.add(mark)
        self.play.emit(
            TaskStarted(
                task=task.key,
                name=self.play.name_of(task, renderer),
                action=self.play.control.action_of(task, renderer),
                play=self.play.play.index,
                is_handler=task.is_handler,
                place=str(task.place),
            )
        )

    def tell(self, host: HostRun, task: Task, report: Report, *, is_final: bool = False) -> None:
        """Tell and count a report. ``is_final``: counted as failed even where a rescue will take it."""
        outcome = report.outcome
        host.state.tasks_run += outcome in (Outcome.OK, Outcome.CHANGED, Outcome.FAILED)
        rescued = outcome is Outcome.FAILED and not report.ignored and bool(host.rescues) and not is_final
        if rescued:
            host.state.counts["rescued"] += 1
        else:
            self._count(host, task, report)
        event = TaskDone(
            host=host.name,
            task=task.key,
            outcome=str(outcome),
            key=self.play.claim_key(host.state, task, ""),
            notify=tuple(report.notify),
            result=shown(report.result, no_log=report.no_log),
            diff=shown_diff(report.result, no_log=report.no_log),
            duration_s=round(report.duration_s, 3),
            ignored=report.ignored,
            is_loop=report.is_loop,
            no_log=report.no_log,
            delegated_to=report.delegated_to,
            place=str((report.mistake and report.mistake.place) or task.place),
            evidence=report.mistake.evidence if report.mistake else None,
            hint=shown_hint(report.result, report.hint, no_log=report.no_log, is_mistake=report.mistake is not None),
        )
        effects = [told.effect for told in report.effects]
        event = as_kept(event, effects, is_asked=bool(task.register), keeps=self.play.services.keeps)
        report.is_kept = event.is_kept and not (is_final or report.is_lasting)
        self.play.emit(event if event.is_kept == report.is_kept else replace(event, is_kept=report.is_kept))

    def _count(self, host: HostRun, task: Task, report: Report) -> None:
        if not self.play.is_meta(task):
            host.state.count(report.result, ignored=report.ignored)
