"""One pass of a task on one host, the only one or one turn of its loop: condition, attempts, module, verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from orchestrator.engine import keyword_values
from orchestrator.engine.arguments import judged_arguments
from orchestrator.engine.attempts import Attempts, repeat
from orchestrator.engine.called import called
from orchestrator.engine.context import TaskContext
from orchestrator.engine.host_state import HostState
from orchestrator.engine.reports import Told
from orchestrator.engine.shown import shown
from orchestrator.engine.signals import Stopped
from orchestrator.engine.site import Site
from orchestrator.engine.verdict import judged, of_error, of_going, timed_out
from orchestrator.language.tree import Task
from orchestrator.model.errors import ArgsError, Behind, HostError, UserError
from orchestrator.model.events import Retrying, Said
from orchestrator.model.frozen import frozen
from orchestrator.model.results import AddHost, GroupBy, Result, failure
from orchestrator.planning.conditions import delimited
from orchestrator.planning.render import Renderer

if TYPE_CHECKING:
    from orchestrator.engine.play_run import PlayRun
    from orchestrator.modules.base import Args, Module

NEVER_ASYNC = frozenset("assemble copy fetch raw reboot script template unarchive wait_for_connection".split())
"""Modules that work on both machines: they cannot run in the background, here as in Ansible."""
UNCONDITIONAL = ("noop", "refresh_inventory", "reset_connection")  # words of ``meta`` that know no condition
POLL_S = 15.0  # where ``poll`` is not given (Ansible's default); only whether it is more than 0 counts


@dataclass(slots=True)
class Traces:
    """What the passes of a task leave beside their results."""

    effects: list[Told] = field(default_factory=list)
    notify: list[str] = field(default_factory=list)
    delegated_to: str | None = None
    hint: str | None = None
    mistake: UserError | None = None
    is_lasting: bool = False
    only_grew: bool = False
    """Whether it is changed only since the inventory grew by it: Ansible finds that when it has notified."""
    is_reached: bool = False
    """Whether the last pass's condition holds, so that its keywords are looked at."""
    delimited: int = 0
    """Conditions in template delimiters that were asked."""

    def of_mistake(self, error: UserError) -> Result:
        """The result of a mistake in the user's files, which is kept to be explained."""
        self.hint, self.mistake = error.hint, error
        return of_error(error)


@frozen
class Work:
    """What a pass has to do, once its condition holds: the module, where, with which arguments, how often."""

    task: Task
    """With its delegate chosen."""
    site: Site
    environment: Mapping[str, str]
    module: Module[Any]
    args: Args | ArgsError
    attempts: Attempts


@dataclass(slots=True)
class Turn:
    """One pass of ``task``. ``renderer`` sees the variables of the loop, ``above``, above all else."""

    play: PlayRun
    host: HostState
    task: Task
    renderer: Renderer
    traces: Traces
    on_ready: Callable[[], None]
    """Called when it needs no more making ready: it has its fork, or waits for something else."""
    above: Mapping[str, Any] = field(default_factory=dict)
    loop_vars: dict[str, Any] = field(default_factory=dict)
    item: str = ""
    """Which turn of a loop it is, counted from 0."""
    label: str | None = None
    no_log: bool = False

    async def run(self) -> Result:
        """Do it. Raises UserError for mistakes that no module has seen, Stopped where the run ends meanwhile."""
        self.traces.is_reached = False
        task, renderer = self.bound()  # before the condition, as in Ansible: a delegate that cannot be fails
        try:
            skipped = self.skipped()
        except UserError:
            self.traces.delegated_to = task.keywords.delegate_to
            raise
        if skipped is not None:
            return skipped
        work = self._work(task, renderer)
        result = await repeat(work.attempts, partial(self._once, work), partial(self._between, work), renderer)
        self.keep_notifications(renderer)
        return result

    def bound(self) -> tuple[Task, Renderer]:
        """The task with its delegate chosen – once for all attempts, since a template may choose at random – and what
        it sees then."""
        written = self.task.keywords.delegate_to
        if not written:
            return self.task, self.renderer
        shown, self.traces.delegated_to = self.traces.delegated_to, str(written)
        chosen = keyword_values.delegate(self.renderer, written)
        self.traces.delegated_to = shown
        task = replace(self.task, keywords=replace(self.task.keywords, delegate_to=chosen))
        return task, self.play.renderer(self.host, task).extended(self.above)

    def skipped(self) -> Result | None:
        """The skipped result where a condition does not hold, else None."""
        if self.play.is_meta(self.task) and self.task.args in UNCONDITIONAL:
            return None
        for condition in self.task.keywords.when:
            self.traces.delimited += delimited([condition])
            if not self.renderer.condition(condition):
                data = {"skip_reason": "Conditional result was False", "false_condition": condition}
                return Result(skipped=True, data=data, tells_failed=False)
        return None

    def _work(self, task: Task, renderer: Renderer) -> Work:
        """What is to be done. Keywords are looked at in Ansible's order: the first that cannot be is the one told."""
        site = Site.of(self.play, self.host, task, renderer)
        self.traces.delegated_to = site.shown_target
        environment = site.environment()
        self.traces.is_reached = True
        if not self.play.is_meta(task):  # whose keywords Ansible does not look at
            keyword_values.check(task, renderer)
        attempts = Attempts.of(task.until, task.retries, task.delay, renderer)
        module = site.module()
        args = judged_arguments(self.task, module, renderer, site.locator)
        return Work(task, site, environment, module, args, attempts)

    async def _once(self, work: Work, attempt: int, seen: Renderer) -> tuple[Result, Renderer]:
        """One attempt, judged, and what can be seen after it."""
        task, args = work.task, work.args
        result = await self._attempt(work, work.site.context(seen, work.environment), f"{self.item}.{attempt}")
        asked = (*(task.changed_when or ()), *(task.failed_when or ()), *work.attempts.until)
        self.traces.delimited += delimited(asked)
        judge = partial(judged, task, renderer=work.site.renderer, attempt=attempt)
        verdict = judge(result)
        if not verdict[0].failed and self._has_grown(result):
            verdict = judge(result.but(changed=True))
        result, seen, mistake = verdict
        self.traces.mistake = mistake = mistake or (args if result.failed and isinstance(args, ArgsError) else None)
        self.traces.hint = mistake.hint if mistake is not None else self.traces.hint
        tells_call = result.failed or (self.loop_vars and task.register and not self.traces.is_lasting)
        return (called(work.module, args, result) if tells_call and not isinstance(args, ArgsError) else result), seen

    async def _between(self, work: Work, result: Result, attempt: int, left: int) -> None:
        """Tell of an attempt that was not the last, and wait for the next one."""
        told = shown(result, no_log=self.no_log or result.is_secret)
        self.play.emit(Retrying(host=self.host.name, task=self.task.key, attempt=attempt, left=left, result=told))
        following = self.play.claim_key(self.host, self.task, f"{self.item}.{attempt + 1}")
        if not self.play.fleet.past.was_handed(f"{following}.1"):
            await self.play.fleet.pause(work.attempts.delay_s)
        if self.play.fleet.is_stopping:
            raise Stopped

    async def _attempt(self, work: Work, context: TaskContext, item: str) -> Result:
        if isinstance(work.args, ArgsError):
            return of_error(work.args)
        try:
            result = await self._done(work, work.args, context, item)
            self.traces.delimited += context.delimited
        except Behind:
            if self.play.fleet.is_stopping:
                raise Stopped from None
            return of_error(work.site.ending())
        except HostError as error:
            self.traces.hint = error.hint
            return timed_out(error, work.site.asked_timeout()) or of_error(error)
        self._warn(result)
        delegate = work.site.delegated_to
        self.traces.effects += [Told(effect, self.loop_vars, self.label, delegate) for effect in result.effects]
        return result if context.diff else result.but(diff=())

    async def _done(self, work: Work, args: Args, context: TaskContext, item: str) -> Result:
        """What the module came to on its machine, in the background where the task is ``async``."""
        site, module = work.site, work.module
        seconds = keyword_values.number(site.renderer, self.task.run_async)
        if seconds and (module.name in NEVER_ASYNC or not module.needs_host):
            return failure(f"This action ({site.action}) does not support async.")
        if seconds <= 0:
            async with site.machine(module, item) as machine:
                self.on_ready()
                return await machine.drive(module.steps(args, context))
        if context.check:
            return Result(skipped=True, msg="check mode and async cannot be used on same task.")
        self.on_ready()
        job = self.play.fleet.jobs.new(seconds, self.play.claim_key(self.host, self.task, item))
        machine = site.hold(item, job=job)
        job.work(lambda: machine.drive(module.steps(args, context)))
        self.traces.is_lasting = keyword_values.number(site.renderer, self.task.poll, POLL_S) <= 0
        return await (job.begun() if self.traces.is_lasting else job.ended())

    def _has_grown(self, result: Result) -> bool:
        """Whether the inventory grew by ``result``, which did not fail."""
        grown = [each for each in result.effects if isinstance(each, AddHost | GroupBy)]
        if not [self.play.fleet.world.grow(self.host.name, each) for each in grown].count(True):
            return False
        self.traces.only_grew = not result.changed and not self.task.changed_when
        return True

    def _warn(self, result: Result) -> None:
        """Tell what a module says beside its result."""
        for text in (*result.warnings, *result.doubts):
            self.play.emit(Said(level="warning", text=text))
        for said in result.deprecations:
            self.play.emit(Said(level="deprecation", text=of_going(said)))

    def keep_notifications(self, renderer: Renderer) -> None:
        """What this turn notifies, should the task change anything: names may hold the loop's variables."""
        names = renderer.value(list(self.task.notify))
        said = [str(each) for name in names for each in (name if isinstance(name, list) else [name])]
        self.traces.notify += [each for each in said if each not in self.traces.notify]
