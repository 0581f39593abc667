"""What follows from a task's report: variables learnt, handlers notified, failures that reach further than one host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator.engine import keyword_values
from orchestrator.engine.control import is_for_all
from orchestrator.engine.failed_task import failed_task
from orchestrator.engine.host_state import HostState
from orchestrator.engine.lockstep import Position, Round
from orchestrator.engine.reports import Report, Told
from orchestrator.engine.signals import EndHost, HostGone, TaskFailed
from orchestrator.engine.verdict import of_error
from orchestrator.language.tree import Task
from orchestrator.model.errors import UserError
from orchestrator.model.events import Notified
from orchestrator.model.results import IncludeVars, Outcome, Result, SetFacts

if TYPE_CHECKING:
    from orchestrator.engine.host_run import HostRun
    from orchestrator.engine.play_run import PlayRun


class Consequences:
    """One batch of a play, after each task."""

    def __init__(self, play: PlayRun) -> None:
        self.play = play
        self.world = play.fleet.world

    def judge_round(self, task: Task, together: Round) -> None:
        """any_errors_fatal and max_fail_percentage, judged once when all members are through."""
        if together.shared.setdefault("judged", False):
            return
        together.shared["judged"] = True
        reports = {name: report for name, report in together.results.items() if report is not None}
        lost = [name for name, report in reports.items() if self._is_lost(report)]
        spared = [name for name, report in reports.items() if report.ignored and report.outcome is Outcome.UNREACHABLE]
        if not (lost or spared):
            return
        renderer = self.play.renderer(self.world.state_of(together.leader), task)
        is_for_play = is_for_all(task, self.world.reading.locator)
        failed = [name for name in lost if reports[name].outcome is not Outcome.UNREACHABLE]
        once = is_for_play or (keyword_values.runs_once(task, renderer) and not self.play.is_meta(task))
        once = once and bool(failed or not self.play.is_free)  # each host did it on its own; who is away is alone in it
        is_strict = self._is_strict(task)
        if (once or (is_strict and not self.play.is_free)) and not says_ignore(task):
            self.play.fatalities += 1
            for each in self.play.runs.values():  # who is through has no next task to fail at
                each.state.written_off = each.state.written_off or each.is_through
        for name in together.members if once else ():  # they have failed with the one that did it
            if name not in spared:
                self.play.runs[name].fatalities_seen = self.play.fatalities
        limit = self.play.play.keywords.max_fail_percentage
        states = [self.world.state_of(name) for name in self.play.hosts]
        gone = {state.name for state in states if not (state.usable or state.unreachable)}  # who is away has not failed
        gone |= {name for name in failed if not self.play.runs[name].rescues}
        if limit is not None and len(gone) / self.play.batch_size * 100 > float(renderer.keyword(limit, 100)):
            self.play.fatalities += 1
            self.play.broken = True

    def _is_strict(self, task: Task) -> bool:
        """Whether a failure is one of all hosts. Ansible looks at the text: a template counts as yes."""
        written = task.keywords.any_errors_fatal
        return self.play.options.any_errors_fatal if written is None else bool(written)

    def _is_lost(self, report: Report) -> bool:
        return not report.ignored and report.outcome in (Outcome.UNREACHABLE, Outcome.UNKNOWN, Outcome.FAILED)

    async def follow(self, host: HostRun, task: Task, position: Position, together: Round, report: Report) -> None:
        state = host.state
        for knowing in self._knowing(state, task):
            if task.register and report.is_registered:
                self.world.variables.set(knowing.name, {str(task.register): _registered(report.result)})
            for told in report.effects:
                self._learn(knowing, told, task)
        if report.outcome is Outcome.UNREACHABLE and not report.ignored:
            state.unreachable = state.is_struck = True
            raise HostGone
        if report.outcome is Outcome.UNKNOWN:
            state.unknown = True
            raise HostGone
        if report.outcome is Outcome.FAILED and not report.ignored:
            host.fatalities_seen = self.play.fatalities
            self._show_rescue(host, task, report)
            state.is_struck = state.is_struck or not host.rescues
            raise TaskFailed
        self._notify(host, task, report)
        await self.play.control.carry_out(host, task, position, together, report)
        self.check_end(host)

    def _knowing(self, state: HostState, task: Task) -> list[HostState]:
        """The hosts that learn what the task made known: all of the batch where it runs once, wherever they are."""
        once = task.keywords.run_once
        try:
            if once is None or not self.play.flag(self.play.renderer(state, task), once):
                return [state]
        except UserError:
            pass  # the task has failed with a value that is no yes or no: it ran once, since something is written
        return [each for name in self.play.hosts if not (each := self.world.state_of(name)).unreachable]

    def _learn(self, state: HostState, told: Told, task: Task) -> None:
        """Keep the variables that a task made known."""
        variables = self.world.variables
        if not isinstance(told.effect, SetFacts | IncludeVars):
            return
        target = self.play.control.facts_target(state, task, told).name
        match told.effect:
            case SetFacts(values=values, discovered=discovered):
                if discovered:
                    self.world.learn(self.play.play, target, values)
                else:
                    variables.set(target, values)
            case IncludeVars(values=values):
                variables.include(target, values)

    def _show_rescue(self, host: HostRun, task: Task, report: Report) -> None:
        """Let the rescue around ``task``, if there is one, see what failed."""
        if not host.rescues:
            return
        described = failed_task(task, self.play.renderer(host.state, task))
        seen = {"ansible_failed_task": described, "ansible_failed_result": report.result.as_vars()}
        self.world.variables.set(host.name, seen)

    def failed_include(self, host: HostRun, task: Task, error: UserError) -> TaskFailed:
        """A file or role that cannot be included fails the task on the hosts that asked for it; later plays leave them
        out though they were rescued (ansible-core 2.19: they stay in ``TaskQueueManager._failed_hosts``)."""
        report = Report(result=of_error(error), hint=error.hint, mistake=error)
        if self._is_strict(task) and not says_ignore(task):
            self.play.fatalities += 1
        self.play.telling.tell(host, task, report, is_final=True)
        host.state.written_off = host.state.is_struck = True
        return TaskFailed()

    def check_notified(self, task: Task, report: Report, host: HostRun) -> None:
        for name in report.notify:
            if self.play.meant_by(host, name):
                continue
            error = self.play.control.unknown_handler(task, name)
            if self.play.options.error_on_missing_handler:
                raise error
            self.play.fleet.warn(error.message)

    def _notify(self, host: HostRun, task: Task, report: Report) -> None:
        for name in report.notify:
            if host.is_flushing:
                host.waiting |= {each.key for each in self.play.meant_by(host, name)}
            else:
                host.notified.setdefault(name)
            self.play.emit(Notified(host=host.name, handler=name, task=task.key))

    def check_end(self, host: HostRun) -> None:
        if (self.play.is_over or self.play.fleet.is_stopping or host.state.has_left) and not host.handed_over:
            raise EndHost
        if host.fatalities_seen < self.play.fatalities:
            host.fatalities_seen = self.play.fatalities
            host.state.written_off = host.state.is_struck = True
            raise TaskFailed


def says_ignore(task: Task) -> bool:
    """Whether ``ignore_errors`` is written there at all: then no failure is fatal to other hosts, whatever its template
    comes to (so does Ansible, which looks at the text)."""
    return bool(task.keywords.ignore_errors)


UNREGISTERED = ("invocation", "_ansible_verbose_always")
"""What a module says of its call and of how it is shown: no task's variable holds it (so does Ansible)."""


def _registered(result: Result) -> dict[str, Any]:
    """What a task's variable holds."""
    return {name: value for name, value in result.as_vars().items() if name not in UNREGISTERED}
