"""One play over one batch of hosts: the turns they take, and what the play does with each task's report."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestrator.engine import keyword_values
from orchestrator.engine.approach import approach
from orchestrator.engine.consequences import Consequences, says_ignore
from orchestrator.engine.control import REFRESH, Control, is_for_all, is_gathering
from orchestrator.engine.handlers import Handlers, tasks_in
from orchestrator.engine.host_run import HostRun
from orchestrator.engine.host_state import HostState
from orchestrator.engine.lockstep import Free, Lockstep, Position, Round, Turns
from orchestrator.engine.machine import Machine, Services
from orchestrator.engine.options import Options
from orchestrator.engine.reports import Report, left_at_work
from orchestrator.engine.settled_tags import settled_tags
from orchestrator.engine.signals import HostGone, Signal, Stopped, TaskFailed
from orchestrator.engine.task_run import TaskRun
from orchestrator.engine.telling import Telling
from orchestrator.language.impossible import ALONE, IN_STEP
from orchestrator.language.load import is_template
from orchestrator.language.tree import Node, Play, Task
from orchestrator.model.errors import UnknownName, UserError
from orchestrator.model.events import Event
from orchestrator.model.results import IncludeVars, Outcome, Result, SetFacts
from orchestrator.modules import canonical
from orchestrator.planning.render import Renderer
from orchestrator.planning.select import is_selected, tags_of

if TYPE_CHECKING:
    from orchestrator.engine.fleet import Fleet


FLUSH_TAGS = ("always",)
CLEAR = "clear_host_errors"


class PlayRun:
    """One batch of a play. Hosts are walked by ``HostRun``; this is what they share."""

    def __init__(self, fleet: Fleet, play: Play, hosts: Sequence[str], batch: int, batch_size: int) -> None:
        self.fleet = fleet
        self.play = play
        self.hosts = tuple(hosts)
        self.batch = batch
        self.batch_size = batch_size
        """How many hosts the batch has with those that were gone before it."""
        self.options: Options = fleet.options
        self.services: Services = fleet.services
        self.sections: tuple[Sequence[Node], ...] = ()
        self.handlers = Handlers((*play.role_handlers, *play.handlers))
        self.control = Control(self)
        self.telling = Telling(self)
        self.consequences = Consequences(self)
        self.machines: dict[str, list[Machine]] = defaultdict(list)
        self.turns: Turns = Lockstep(hosts)
        self.runs: dict[str, HostRun] = {}
        self.force_handlers = self.options.force_handlers
        self.flushes = is_selected(FLUSH_TAGS, self.options.tags, self.options.skip_tags)
        """Whether handlers run behind the play's sections; they do not where ``--skip-tags`` names ``always``."""
        self.clears_errors = False
        """Whether a task of the play says ``meta: clear_host_errors``."""
        self.is_over = False
        """Set by end_play and end_batch: hosts end without fault at their next task."""
        self.play_ended = False
        """Set by end_play: no further batch."""
        self.fatalities = 0
        """How often a failure was fatal to all; each host fails with it at its next task."""
        self.broken = False
        """Set by max_fail_percentage: the run ends with this play."""
        self._throttles: dict[str, asyncio.Semaphore] = {}
        self._times: Counter[tuple[str, str]] = Counter()
        self._start_found: set[str] = set()
        self._tags: Mapping[str, frozenset[Any]] = {}

    # ---- the batch -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run the play on this batch. Failures are in the hosts' states afterwards."""
        self._tags = settled_tags(self.play, self.fleet.world.play_renderer(self.play))
        first = self.renderer(self.fleet.world.state_of(self.hosts[0]), None)
        strategy = str(first.keyword(self.play.strategy, self.options.strategy)).rpartition(".")[2]
        if strategy not in (*IN_STEP, *ALONE):
            known = ", ".join((*IN_STEP, *ALONE))
            raise UnknownName(
                f"Invalid play strategy specified: {strategy}", place=self.play.place, hint=f"known: {known}"
            )
        self.turns = Lockstep(self.hosts) if strategy in IN_STEP else Free()
        self.force_handlers = self.flag(first, self.play.force_handlers, self.options.force_handlers)
        self.sections = self.control.sections(first)
        tasks = tasks_in([node for section in self.sections for node in section])
        self.clears_errors = any(self.is_meta(task) and str(task.args).strip() == CLEAR for task in tasks)
        self.runs = {name: HostRun(self, self.fleet.world.state_of(name)) for name in self.hosts}
        await approach(self)
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
            self.consequences.check_end(host)
        except Signal:
            together.leave(host.name)
            raise
        host.turns_taken += 1
        self._times[host.name, task.identity] += 1
        if self.options.step and not await self.fleet.confirm(task, together, self._name(host, task)):
            await together.finish(host.name, None)
            return
        report = None
        try:
            report = await self._report(host, task, together)
        finally:
            await together.finish(host.name, report)
        self.consequences.judge_round(task, together)
        await self.consequences.follow(host, task, position, together, report)

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
        settled = self._tags.get(task.key)
        found = tags_of(tags, self.renderer(host.state, task)) if settled is None else settled
        return is_selected(found, options.tags, options.skip_tags)

    async def _report(self, host: HostRun, task: Task, together: Round) -> Report:
        async with self.fleet.door.place() as place:
            run = TaskRun(self, host.state, task, place.leave)
            is_for_play = is_for_all(task, self.fleet.world.reading.locator)
            leader = self._leader(host, task, together) if is_for_play else self._led_by(host, task, run, together)
            if is_for_play and self.is_free and not self.is_meta(task):
                said = f"The '{task.action}' module bypasses the host loop, which the free strategy does not support"
                raise UnknownName(said, place=task.place, hint="strategy: linear, or a play of its own")
            if leader is None or self.is_free:
                return await self._run(host, task, run, together)
            answer = together.shared.setdefault("once", asyncio.get_running_loop().create_future())
            if host.name != leader:
                place.leave()
                return self._copied(host, task, await answer, for_play=not run.flag("run_once"))
            report = None
            try:
                report = await self._run(host, task, run, together)
            finally:
                if not answer.done():
                    answer.set_result(report)
            return report

    def _led_by(self, host: HostRun, task: Task, run: TaskRun, together: Round) -> str | None:
        """Who runs the task for ``host``, too; None where each host runs its own. A template in ``run_once`` may say
        something else for each host: the first for whom it holds runs the task for all behind it (so does Ansible)."""
        if self.is_meta(task):
            return None
        if not is_template(task.keywords.run_once):
            return self._leader(host, task, together) if self._is_once(run) else None
        if "once_from" not in together.shared:
            runs = ((name, TaskRun(self, self.fleet.world.state_of(name), task)) for name in together.members)
            together.shared["once_from"] = next((name for name, each in runs if self._is_once(each)), None)
        first: str | None = together.shared["once_from"]
        order = together.members
        return first if first in order and order.index(first) <= order.index(host.name) else None

    def _is_once(self, run: TaskRun) -> bool:
        return keyword_values.runs_once(run.task, run.renderer)

    def _leader(self, host: HostRun, task: Task, together: Round) -> str:
        """Who runs a run_once task for all: the first, or who did it in an earlier process of this run."""
        past, time = self.fleet.past, self._times[host.name, task.identity]
        keys = {name: self._task_key(name, task, time) for name in together.members} if past.is_resumed else {}
        done = (name for name, key in keys.items() if key in past.on_node or past.task(key) is not None)
        return next(done, together.leader)

    def _copied(self, host: HostRun, task: Task, report: Report | None, *, for_play: bool) -> Report:
        """What a run_once task's result means for the hosts that did not run it. ``for_play``: the module itself is one
        for the whole play, or ``run_once`` is a text like "false"; then its result is known only where it ran."""
        if report is None:
            raise HostGone
        is_fatal, is_away = not says_ignore(task), report.outcome is Outcome.UNREACHABLE
        if (report.outcome is Outcome.FAILED and not report.ignored) or (is_away and is_fatal):
            host.state.written_off = host.state.written_off or is_fatal
            host.state.is_struck = host.state.is_struck or is_fatal
            raise TaskFailed(is_twice=is_fatal and not is_away)
        if is_away:
            return replace(report, result=Result(), effects=[], notify=[], is_registered=False)
        shared = () if for_play else report.effects
        effects = [told for told in shared if isinstance(told.effect, SetFacts | IncludeVars)]
        return replace(report, effects=effects, notify=[], is_registered=not for_play)

    async def _run(self, host: HostRun, task: Task, run: TaskRun, together: Round) -> Report:
        is_told_late = self.is_meta(task) and self.is_free
        if not is_told_late:
            self.telling.announce(task, together, run.renderer)
        keyword_values.check_action(task, run.renderer)
        throttle_of(task, run.renderer)
        try:
            report = await run.run()
        except Stopped:
            await self._let_go(host, is_kept=False)  # a resumed run asks the node what the last turns came to
            raise
        except asyncio.CancelledError:
            if self.fleet.is_stopping and any(each.has_claims for each in self.machines.get(host.name, ())):
                self.telling.tell(host, task, left_at_work(run.flag("no_log"), run.traces.delegated_to))
                await self._let_go(host, is_kept=False)
            raise
        if report.mistake is not None and self.is_meta(task):
            raise UnknownName(report.mistake.message, place=report.mistake.place, hint=report.mistake.hint)
        if any(told.effect == REFRESH for told in report.effects):
            self.control.refresh()  # before any host goes on: none that is gone may lead the next task
        self.consequences.check_notified(task, report, host)
        if report.outcome is not Outcome.OK or not (self.is_meta(task) or report.brings):
            if is_told_late:
                self.telling.announce(task, together, run.renderer)
            self.telling.tell(host, task, report)
        await self._let_go(host, is_kept=report.is_kept)
        return report

    async def _let_go(self, host: HostRun, *, is_kept: bool) -> None:
        """The task is through: its claims may go, where what the journal holds of it is enough."""
        for machine in self.machines.pop(host.name, []):
            if is_kept:
                await machine.settle()
            elif machine.has_claims:
                self.fleet.connections.hold(machine.connection)

    # ---- small answers -------------------------------------------------------------------------------------

    def meant_by(self, host: HostRun, name: str) -> list[Task]:
        """The handlers that ``name`` means on ``host`` now."""
        return self.handlers.meant_by(name, lambda each, written: self.try_render(host.state, each, written))

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
        return keyword_values.boolean(renderer, written, default)

    def is_meta(self, task: Task) -> bool:
        return canonical(str(task.action)) == "meta"

    def throttle(self, task: Task, renderer: Renderer) -> AbstractAsyncContextManager[Any]:
        """The task's own limit on how many hosts do it at once; see ``throttle_of``."""
        limit = throttle_of(task, renderer)
        return self._throttles.setdefault(task.key, asyncio.Semaphore(limit)) if limit > 0 else nullcontext()

    def claim_key(self, host: HostState, task: Task, item: str, times: int = 0) -> str:
        """A key for a task's programs that is unique in the run, and the same when the run is walked again: with other
        hosts, too, and from files that were changed around the task.

        ``times``: how many more times the task will have begun by then.
        """
        return self._task_key(host.name, task, self._times[host.name, task.identity] + times) + item

    def _task_key(self, host: str, task: Task, time: int) -> str:
        return f"{task.identity}/{time}/{host}/"


def throttle_of(task: Task, renderer: Renderer) -> int:
    """How many hosts may do ``task`` at once, 0 for any number. Raises UnknownName for what is no number: that ends the
    run whatever surrounds the task (ansible-core 2.19 reads ``throttle`` before it gives a task to a worker)."""
    if task.keywords.throttle is None:
        return 0
    try:
        asked = renderer.value(task.keywords.throttle)
        return int(asked)
    except UserError as error:
        raise UnknownName(f"throttle: {error.message}", place=error.place or task.place, hint=error.hint) from error
    except (TypeError, ValueError):
        raise UnknownName(f"throttle is {asked!r}, which is no whole number", place=task.place) from None


def _first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    first = errors.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
