"""One play over one batch of hosts: the turns they take, and what the play does with each task's report."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestrator.engine.control import REFRESH, Control, is_for_all, is_gathering
from orchestrator.engine.handlers import Handlers
from orchestrator.engine.host_run import HostRun
from orchestrator.engine.host_state import Failure, HostState
from orchestrator.engine.lockstep import Free, Lockstep, Position, Round, Turns
from orchestrator.engine.machine import Machine, Services
from orchestrator.engine.options import Options
from orchestrator.engine.resume import as_kept
from orchestrator.engine.shown import shown, shown_diff
from orchestrator.engine.signals import EndHost, HostGone, Signal, TaskFailed
from orchestrator.engine.task_run import Report, TaskRun, Told
from orchestrator.engine.verdict import of_error
from orchestrator.language.tree import Node, Play, Task
from orchestrator.model.errors import ArgsError, UserError
from orchestrator.model.events import Event, Notified, TaskDone, TaskStarted
from orchestrator.model.lenient import to_bool
from orchestrator.model.results import IncludeVars, Outcome, SetFacts
from orchestrator.modules import canonical
from orchestrator.planning.render import Renderer
from orchestrator.planning.select import is_selected, tags_of

if TYPE_CHECKING:
    from orchestrator.engine.fleet import Fleet


class PlayRun:
    """One batch of a play. Hosts are walked by ``HostRun``; this is what they share."""

    def __init__(self, fleet: Fleet, play: Play, hosts: Sequence[str], batch: int) -> None:
        self.fleet = fleet
        self.play = play
        self.hosts = tuple(hosts)
        self.batch = batch
        self.options: Options = fleet.options
        self.services: Services = fleet.services
        self.sections: tuple[Sequence[Node], ...] = ()
        self.handlers = Handlers((*play.role_handlers, *play.handlers))
        self.control = Control(self)
        self.machines: dict[str, list[Machine]] = defaultdict(list)
        self.turns: Turns = Lockstep(hosts)
        self.runs: dict[str, HostRun] = {}
        self.force_handlers = self.options.force_handlers
        self.is_over = False
        """Set by end_play and end_batch: hosts end without fault at their next task."""
        self.play_ended = False
        """Set by end_play: no further batch."""
        self.fatalities = 0
        """How often a failure was fatal to all; each host fails with it at its next task."""
        self.broken = False
        """Set by max_fail_percentage: the run ends with this play."""
        self._started_tasks: set[tuple[Position, str]] = set()
        self._throttles: dict[str, asyncio.Semaphore] = {}
        self._times: Counter[tuple[str, str]] = Counter()
        self._start_found: set[str] = set()

    # ---- the batch -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run the play on this batch. Failures are in the hosts' states afterwards."""
        first = self.renderer(self.fleet.world.state_of(self.hosts[0]), None)
        strategy = str(first.keyword(self.play.strategy, self.options.strategy)).rpartition(".")[2]
        self.turns = Lockstep(self.hosts) if strategy in ("linear", "debug") else Free()
        self.force_handlers = self.flag(first, self.play.force_handlers, self.options.force_handlers)
        self.sections = self.control.sections(first)
        self.runs = {name: HostRun(self, self.fleet.world.state_of(name)) for name in self.hosts}
        try:
            async with asyncio.TaskGroup() as group:
                for each in self.runs.values():
                    group.create_task(each.run())
        except BaseExceptionGroup as errors:
            raise _first_of(errors) from None

    def emit(self, event: Event) -> None:
        self.services.emit(event)

    @property
    def is_free(self) -> bool:
        """Whether hosts run on alone, without waiting for one another."""
        return isinstance(self.turns, Free)

    # ---- one task ------------------------------------------------------------------------------------------

    async def perform(self, host: HostRun, task: Task, position: Position) -> None:
        """Run ``task`` on ``host`` when its turn comes, and carry out what follows from its result."""
        if not self.is_wanted(host, task):
            return
        together = await self.turns.turn(host.name, position)
        try:
            self._check_end(host)
        except Signal:
            together.leave(host.name)
            raise
        self._times[host.name, task.key] += 1
        if self.options.step and not await self.fleet.confirm(task, together, self._name(host, task)):
            await together.finish(host.name, None)
            return
        report = None
        try:
            report = await self._report(host, task, together)
        finally:
            await together.finish(host.name, report)
        self._judge_round(task, together)
        await self._follow(host, task, position, together, report)

    def is_wanted(self, host: HostRun, task: Task) -> bool:
        """Whether tags and ``--start-at-task`` let the task run; a handler that was notified always runs."""
        if task.is_handler:
            return True
        if self.control.is_known_already(host.name, task):
            return False
        if not self.is_tagged(host, task):
            return False
        wanted = self.options.start_at_task
        if wanted and not is_gathering(task) and host.name not in self._start_found and not self.fleet.start_was_found:
            if not self.control.is_start(task, wanted, host.state):
                return False
            self._start_found.add(host.name)
            self.fleet.start_was_seen = True
        return True

    def is_tagged(self, host: HostRun, task: Task) -> bool:
        options, tags = self.options, task.keywords.tags
        if options.tags == ("all",) and not options.skip_tags and not tags:
            return True
        return is_selected(tags_of(tags, self.renderer(host.state, task)), options.tags, options.skip_tags)

    async def _report(self, host: HostRun, task: Task, together: Round) -> Report:
        run = TaskRun(self, host.state, task)
        once = run.flag("run_once") or is_for_all(task)
        if once and not self.is_free:
            answer = together.shared.setdefault("once", asyncio.get_running_loop().create_future())
            if host.name != self._leader(host, task, together):
                return self._copied(await answer, for_play=not run.flag("run_once"))
            report = None
            try:
                report = await self._run(host, task, run, together)
            finally:
                if not answer.done():
                    answer.set_result(report)
            return report
        return await self._run(host, task, run, together)

    def _leader(self, host: HostRun, task: Task, together: Round) -> str:
        """Who runs a run_once task for all: the first, or who did it in an earlier process of this run."""
        past, time = self.fleet.past, self._times[host.name, task.key]
        keys = {name: self._task_key(name, task, time) for name in together.members} if past.is_resumed else {}
        done = (name for name, key in keys.items() if key in past.on_node or past.task(key) is not None)
        return next(done, together.leader)

    def _copied(self, report: Report | None, *, for_play: bool) -> Report:
        """What a run_once task's result means for the hosts that did not run it. ``for_play``: the module itself is one
        for the whole play, and its result is registered only where it ran."""
        if report is None:
            raise HostGone
        if report.outcome is Outcome.FAILED and not report.ignored:
            raise TaskFailed(Failure({}, report.result.as_vars()), is_twice=True)
        effects = [told for told in report.effects if isinstance(told.effect, SetFacts | IncludeVars)]
        return replace(report, effects=effects, notify=[], is_registered=not for_play)

    async def _run(self, host: HostRun, task: Task, run: TaskRun, together: Round) -> Report:
        is_told_late = self.is_meta(task) and self.is_free
        if not is_told_late:
            self._announce(task, together, run.renderer)
        report = await run.run()
        if any(told.effect == REFRESH for told in report.effects):
            self.control.refresh()  # before any host goes on: none that is gone may lead the next task
        self._check_notified(task, report, host)
        if report.outcome is not Outcome.OK or not (self.is_meta(task) or report.brings):
            if is_told_late:
                self._announce(task, together, run.renderer)
            self._tell(host, task, report)
        for machine in self.machines.pop(host.name, []):
            if report.is_kept:
                await machine.settle()
            elif machine.has_claims:
                self.fleet.connections.hold(machine.connection)
        return report

    def _announce(self, task: Task, together: Round, renderer: Renderer) -> None:
        mark = (together.position, task.key)
        if mark in self._started_tasks and not self.is_meta(task):
            return
        self._started_tasks.add(mark)
        self.emit(
            TaskStarted(
                task=task.key,
                name=self.name_of(task, renderer),
                action=self.control.action_of(task, renderer),
                play=self.play.index,
                is_handler=task.is_handler,
                place=str(task.place),
            )
        )

    def _tell(self, host: HostRun, task: Task, report: Report, *, is_final: bool = False) -> None:
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
            key=self.claim_key(host.state, task, ""),
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
            hint=report.hint,
        )
        effects = [told.effect for told in report.effects]
        event = as_kept(event, effects, is_asked=bool(task.register), keeps=self.services.keeps)
        report.is_kept = event.is_kept and not (is_final or report.is_lasting)
        self.emit(replace(event, is_kept=report.is_kept))

    def _count(self, host: HostRun, task: Task, report: Report) -> None:
        if not self.is_meta(task):
            host.state.count(report.result, ignored=report.ignored)

    # ---- what follows --------------------------------------------------------------------------------------

    def _judge_round(self, task: Task, together: Round) -> None:
        """any_errors_fatal and max_fail_percentage, judged once when all members are through."""
        if together.shared.setdefault("judged", False):
            return
        together.shared["judged"] = True
        lost = [name for name, report in together.results.items() if report is not None and self._is_lost(report)]
        if not lost:
            return
        renderer = self.renderer(self.fleet.world.state_of(together.leader), task)
        keywords = task.keywords
        once = self.flag(renderer, keywords.run_once) or is_for_all(task)
        if self.flag(renderer, keywords.any_errors_fatal, self.options.any_errors_fatal) or once:
            self.fatalities += 1
        for name in together.members if once else ():  # they have failed with the one that did it
            self.runs[name].fatalities_seen = self.fatalities
        limit = self.play.keywords.max_fail_percentage
        gone = {name for name in self.hosts if not self.fleet.world.state_of(name).usable}
        gone |= {name for name in lost if not self.runs[name].rescues}
        if limit is not None and len(gone) / len(self.hosts) * 100 > float(renderer.keyword(limit, 100)):
            self.fatalities += 1
            self.broken = True

    def _is_lost(self, report: Report) -> bool:
        return not report.ignored and report.outcome in (Outcome.UNREACHABLE, Outcome.UNKNOWN, Outcome.FAILED)

    async def _follow(self, host: HostRun, task: Task, position: Position, together: Round, report: Report) -> None:
        state = host.state
        for knowing in self._knowing(state, task):
            if task.register and report.is_registered:
                self.fleet.world.variables.set(knowing.name, {str(task.register): report.result.as_vars()})
            for told in report.effects:
                self._learn(knowing, told, task)
        if report.outcome is Outcome.UNREACHABLE and not report.ignored:
            state.unreachable = True
            raise HostGone
        if report.outcome is Outcome.UNKNOWN:
            state.unknown = True
            raise HostGone
        if report.outcome is Outcome.FAILED and not report.ignored:
            host.fatalities_seen = self.fatalities
            failure = self._failure(task, report)
            if host.rescues:
                seen = {"ansible_failed_task": failure.task, "ansible_failed_result": failure.result}
                self.fleet.world.variables.set(state.name, seen)
            raise TaskFailed(failure)
        self._notify(host, task, report)
        await self.control.carry_out(host, task, position, together, report)
        self._check_end(host)

    def _knowing(self, state: HostState, task: Task) -> list[HostState]:
        """The hosts that learn what the task made known: all of the batch where it runs once, wherever they are."""
        if task.keywords.run_once is None or not self.flag(self.renderer(state, task), task.keywords.run_once):
            return [state]
        return [each for name in self.hosts if not (each := self.fleet.world.state_of(name)).unreachable]

    def _learn(self, state: HostState, told: Told, task: Task) -> None:
        """Keep the variables that a task made known."""
        variables = self.fleet.world.variables
        if not isinstance(told.effect, SetFacts | IncludeVars):
            return
        target = self.control.facts_target(state, task, told).name
        match told.effect:
            case SetFacts(values=values, discovered=discovered):
                (variables.learn if discovered else variables.set)(target, values)
            case IncludeVars(values=values):
                variables.include(target, values)

    def _failure(self, task: Task, report: Report) -> Failure:
        described = {"name": str(task.name or ""), "action": str(task.action), "args": task.args or {}}
        return Failure(described, report.result.as_vars())

    def failed_include(self, host: HostRun, task: Task, error: UserError) -> TaskFailed:
        """A file or role that cannot be included fails the task on the hosts that asked for it."""
        report = Report(result=of_error(error), hint=error.hint, mistake=error)
        if self.flag(self.renderer(host.state, task), task.keywords.any_errors_fatal):
            self.fatalities += 1
        self._tell(host, task, report, is_final=True)
        return TaskFailed(self._failure(task, report))

    def meant_by(self, host: HostRun, name: str) -> list[Task]:
        """The handlers that ``name`` means on ``host`` now."""
        return self.handlers.meant_by(name, lambda each, written: self.try_render(host.state, each, written))

    def _check_notified(self, task: Task, report: Report, host: HostRun) -> None:
        for name in report.notify:
            if self.meant_by(host, name):
                continue
            error = self.control.unknown_handler(task, name)
            if self.options.error_on_missing_handler:
                raise error
            self.fleet.warn(error.message)

    def _notify(self, host: HostRun, task: Task, report: Report) -> None:
        for name in report.notify:
            if host.is_flushing:
                host.waiting |= {each.key for each in self.meant_by(host, name)}
            else:
                host.notified.setdefault(name)
            self.emit(Notified(host=host.name, handler=name, task=task.key))

    def _check_end(self, host: HostRun) -> None:
        if (self.is_over or self.fleet.is_stopping or host.state.has_left) and not host.handed_over:
            raise EndHost
        if host.fatalities_seen < self.fatalities:
            host.fatalities_seen = self.fatalities
            raise TaskFailed(Failure({}, {"msg": "another host failed, and that is fatal to all"}))

    # ---- small answers -------------------------------------------------------------------------------------

    def renderer(self, host: HostState, task: Task | None) -> Renderer:
        return self.fleet.world.renderer(self, host, task)

    def delegate_renderer(self, target: str, host: HostState, task: Task, renderer: Renderer) -> Renderer:
        return self.fleet.world.delegate_renderer(self, target, host, task, renderer)

    def try_render(self, host: HostState, task: Task, written: Any) -> str | None:
        return self.control.try_render(host, task, written)

    def _name(self, host: HostRun, task: Task) -> str:
        return self.control.name_of(task, self.renderer(host.state, task))

    def name_of(self, task: Task, renderer: Renderer) -> str:
        return self.control.name_of(task, renderer)

    def flag(self, renderer: Renderer, written: Any, default: bool = False) -> bool:
        """A boolean keyword, rendered; ``default`` where nobody said."""
        return to_bool(renderer.keyword(written, default))

    def is_meta(self, task: Task) -> bool:
        return canonical(str(task.action)) == "meta"

    def throttle(self, task: Task, renderer: Renderer) -> AbstractAsyncContextManager[Any]:
        """The task's own limit on how many hosts do it at once. Raises ArgsError for what is no number."""
        asked = renderer.keyword(task.keywords.throttle, 0)
        try:
            limit = int(asked)
        except (TypeError, ValueError):
            raise ArgsError(f"throttle is {asked!r}, which is no whole number", place=task.place) from None
        if limit <= 0:
            return nullcontext()
        return self._throttles.setdefault(task.key, asyncio.Semaphore(limit))

    def claim_key(self, host: HostState, task: Task, item: str, times: int = 0) -> str:
        """A key for a task's programs that is unique in the run, and the same when the run is walked again.

        ``times``: how many more times the task will have begun by then.
        """
        return self._task_key(host.name, task, self._times[host.name, task.key] + times) + item

    def _task_key(self, host: str, task: Task, time: int) -> str:
        return f"{self.play.index}.{self.batch}/{task.key}/{time}/{host}/"


def _first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    first = errors.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
