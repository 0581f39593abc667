"""The heart: one task on one host – condition, loop, attempts, delegation, the module, the verdict on its result."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from orchestrator.engine import keyword_values
from orchestrator.engine.ahead import turns_ahead
from orchestrator.engine.arguments import judged_arguments
from orchestrator.engine.attempts import Attempts, repeat
from orchestrator.engine.called import called
from orchestrator.engine.context import TaskContext
from orchestrator.engine.host_state import HostState
from orchestrator.engine.reports import Report, Told, followed, includes
from orchestrator.engine.resume import as_kept, result_of
from orchestrator.engine.shown import shown, shown_diff
from orchestrator.engine.signals import Stopped
from orchestrator.engine.site import Site
from orchestrator.engine.verdict import deprecations, facts_of, joined, judged, of_error, of_going, timed_out
from orchestrator.language.load import is_template
from orchestrator.language.tree import Task
from orchestrator.model.errors import ArgsError, Behind, HostError, LeaseEnded, UndefinedVariable, UserError
from orchestrator.model.events import ItemDone, Retrying, Said, TaskDone
from orchestrator.model.results import AddHost, GroupBy, Outcome, Result, failure
from orchestrator.modules import canonical
from orchestrator.planning.conditions import delimited
from orchestrator.planning.loops import LoopControl, label_of, loop_control, loop_items, turn_variables
from orchestrator.planning.render import Renderer

if TYPE_CHECKING:
    from orchestrator.engine.play_run import PlayRun
    from orchestrator.modules.base import Args, Module

NEVER_ASYNC = frozenset("assemble copy fetch raw reboot script template unarchive wait_for_connection".split())
"""Modules that work on both machines: they cannot run in the background, here as in Ansible."""
UNCONDITIONAL = ("noop", "refresh_inventory", "reset_connection")  # words of ``meta`` that know no condition
POLL_S = 15.0  # where ``poll`` is not given (Ansible's default); only whether it is more than 0 counts


class TaskRun:
    """One task on one host, from its condition to its result."""

    def __init__(self, play: PlayRun, host: HostState, task: Task, on_ready: Callable[[], None] = lambda: None) -> None:
        """``on_ready`` is called when it needs no more making ready: it has its fork, or waits for something else."""
        self.play = play
        self.on_ready = on_ready
        self.host = host
        self.task = task
        self.renderer: Renderer = play.renderer(host, task)
        self.above: dict[str, Any] = {}
        """What this turn of a loop sees above all else."""
        self.effects: list[Told] = []
        self.notify: list[str] = []
        self.delegated_to: str | None = None
        self.hint: str | None = None
        self.is_lasting = False
        self.only_grew = False
        """Whether it is changed only since the inventory grew by it: Ansible finds that when it has notified."""
        self.mistake: UserError | None = None
        self.turns_ignored: list[bool] = []
        self.is_reached = False
        """Whether the condition holds, so that the keywords are looked at; of a loop: this turn's."""
        self.delimited = 0
        """Conditions in template delimiters that were asked."""

    async def run(self) -> Report:
        """Do it. Host trouble and mistakes in templates become results; only bugs are raised."""
        done = self.play.fleet.past.task(self._key())
        if done is not None:
            return self._restored(done)
        started = time.monotonic()
        no_log = self.flag("no_log")
        try:
            result, is_loop = await self._run()
        except UserError as error:
            self.delegated_to = self.delegated_to or self._meant_delegate()
            result, is_loop = self._failed(error), False
        if self.delimited:
            result = result.but(data={**result.data, **deprecations(self.delimited)})
        return Report(
            result=result,
            is_loop=is_loop,
            ignored=self._is_sum_ignored(result, is_loop),
            no_log=no_log or result.is_secret,
            duration_s=time.monotonic() - started,
            effects=followed(self.effects, result),
            notify=self.notify if result.changed and not (result.failed or self.only_grew) else [],
            delegated_to=self.delegated_to,
            hint=self.hint,
            mistake=self.mistake,
            is_lasting=self.is_lasting,
        )

    def _meant_delegate(self) -> str | None:
        """Where the task would have gone, had it come so far; None for its own host."""
        with suppress(UserError):
            target = self._bound(self.renderer)[0].keywords.delegate_to
            return None if target in (None, self.host.name) else str(target)
        return None

    def _key(self, item: str = "") -> str:
        return self.play.claim_key(self.host, self.task, item)

    def _restored(self, done: TaskDone) -> Report:
        """What the journal says that the task came to."""
        self._join(self.renderer)
        result = result_of(done)
        return Report(
            result=result,
            is_loop=done.is_loop,
            ignored=done.ignored,
            no_log=done.no_log,
            duration_s=done.duration_s,
            effects=[Told(each, {}) for each in result.effects],
            notify=list(done.notify),
            delegated_to=done.delegated_to,
            hint=done.hint,
        )

    def _restored_item(self, renderer: Renderer, known: dict[str, Any], index: int, label: str | None) -> Result | None:
        """What the journal says that a turn of the loop came to; None where it does not say it in full."""
        done = self.play.fleet.past.item(self._key(str(index)))
        if done is None:
            return None
        self._join(renderer)
        self._keep_notifications(renderer)
        self.delegated_to = done.delegated_to
        result = result_of(done)
        self.effects += [Told(each, known, label) for each in result.effects]
        return result

    def _join(self, renderer: Renderer) -> None:
        """Where an earlier process had the task run on a node, this one cleans up behind it."""
        if self._key() in self.play.fleet.past.on_node:
            with suppress(UserError, LeaseEnded):  # a delegate that hangs on a loop's variable: its items name it
                Site.of(self.play, self.host, self.task, renderer).join()

    def _failed(self, error: UserError) -> Result:
        """The result of a mistake in the user's files, which is kept to be explained."""
        self.hint, self.mistake = error.hint, error
        return of_error(error)

    async def _run(self) -> tuple[Result, bool]:
        try:
            items = loop_items(self.task, self.renderer)
        except UndefinedVariable:
            if (skipped := self.skipped(self.renderer)) is not None:
                return skipped, False
            raise
        if items is None:
            return await self.one(self.renderer, {}, "", None), False
        return await self._looped(items, loop_control(self.task, self.renderer)), True

    async def _looped(self, items: list[Any], control: LoopControl) -> Result:
        if not any(map(self._is_out, range(len(items)))):
            await turns_ahead(self.play, self.host, self.task, items)
        results: list[Result] = []
        learned: dict[str, Any] = {}
        for index in range(len(items)):
            if index and control.pause_s:
                self.on_ready()
                await self.play.fleet.pause(control.pause_s)
            if index and self.play.fleet.is_stopping and not self._is_out(index):
                raise Stopped
            known = turn_variables(items, index, control)
            self.above = {**learned, **known}
            renderer = self.renderer.extended(self.above)
            result = await self._turn(renderer, known, index, items[index], control)
            results.append(result)
            learned |= facts_of(result)
            if self.task.register:  # the next turn sees what this one came to
                learned[str(self.task.register)] = result.as_vars()
            after = renderer.extended(learned)
            if control.break_when and all(after.condition(each) for each in control.break_when):
                break
        return joined(results)

    def _is_out(self, turn: int) -> bool:
        """Whether a turn's program was sent ahead: then the node does it, whatever happens here."""
        return f"{self._key(f'{turn}.1')}.1" in self.play.services.early

    async def _turn(
        self, renderer: Renderer, known: dict[str, Any], index: int, item: Any, control: LoopControl
    ) -> Result:
        """One turn of the loop, told as soon as it is through."""
        label, unlabelled = self._label(item, control, renderer)
        included_for = str(label) if label else None
        if (restored := self._restored_item(renderer, known, index, included_for)) is not None:
            return restored
        first_effect = len(self.effects)
        try:
            result = await self.one(renderer, known, str(index), included_for)
            if self.task.register and control.label is not None:  # which may name what the turn came to
                after = renderer.extended({str(self.task.register): result.as_vars()})
                label, unlabelled = self._label(item, control, after)
            if unlabelled is not None:
                result = result.but(failed=True, msg=unlabelled.message)
        except UserError as error:
            result = self._failed(error)
        result = result.but(data={**result.data, **known})
        if result.outcome is Outcome.OK and includes(result.effects):
            return result
        no_log = self.flag("no_log") or result.is_secret
        ignored = self._is_ignored(result, renderer)
        if result.failed or result.unreachable:
            self.turns_ignored.append(ignored)
        event = ItemDone(
            host=self.host.name,
            task=self.task.key,
            label=str(label),
            outcome=str(result.outcome),
            key=self._key(str(index)),
            result=shown(result, no_log=no_log),
            diff=shown_diff(result, no_log=no_log),
            ignored=ignored,
            no_log=no_log,
            delegated_to=self.delegated_to,
        )
        effects = [told.effect for told in self.effects[first_effect:]]
        is_asked = bool(self.task.register)
        event = as_kept(event, effects, is_asked=is_asked, keeps=self.play.services.keeps)
        self.play.emit(replace(event, is_kept=event.is_kept and not self.is_lasting))
        return result

    def _label(self, item: Any, control: LoopControl, renderer: Renderer) -> tuple[Any, UserError | None]:
        """What people see of ``item``, and why its label could not be made: that fails the turn when it has run."""
        try:
            return label_of(item, control, renderer), None
        except UserError as error:
            is_kept = canonical(str(self.task.action)) != "debug"  # whose results Ansible strips before it looks
            return item if is_kept else None, error

    async def one(self, renderer: Renderer, loop_vars: dict[str, Any], item: str, label: str | None) -> Result:
        """One pass of the task: the only one, or one loop item's."""
        self.is_reached = False
        task, bound = self._bound(renderer)  # before the condition, as in Ansible: a delegate that cannot be fails
        try:
            skipped = self.skipped(renderer)
        except UserError:
            self.delegated_to = task.keywords.delegate_to
            raise
        if skipped is not None:
            return skipped
        renderer = bound
        site = Site.of(self.play, self.host, task, renderer)
        self.delegated_to = site.shown_target
        site.environment(renderer)  # what cannot be in it is found before the other keywords are looked at
        self.is_reached = True
        if not self.play.is_meta(task):  # whose keywords Ansible does not look at
            keyword_values.check(task, renderer)
        attempts = Attempts.of(task.until, task.retries, task.delay, renderer)
        module = site.module()
        args = judged_arguments(self.task, module, renderer, site.locator)
        seen = renderer

        async def once(attempt: int) -> tuple[Result, Renderer]:
            nonlocal seen
            result = await self._attempt(site, module, args, site.context(seen), loop_vars, f"{item}.{attempt}", label)
            self.delimited += delimited((*(task.changed_when or ()), *(task.failed_when or ()), *attempts.until))
            judge = partial(judged, task, renderer=renderer, attempt=attempt)
            verdict = judge(result)
            if not verdict[0].failed and self._has_grown(result):
                verdict = judge(result.but(changed=True))
            result, seen, mistake = verdict
            self.mistake = mistake = mistake or (args if result.failed and isinstance(args, ArgsError) else None)
            self.hint = mistake.hint if mistake is not None else self.hint
            tells_call = result.failed or (loop_vars and self.task.register and not self.is_lasting)
            return (called(module, args, result) if tells_call and not isinstance(args, ArgsError) else result), seen

        async def between(result: Result, attempt: int, left: int) -> None:
            told = shown(result, no_log=self.flag("no_log") or result.is_secret)
            self.play.emit(Retrying(host=self.host.name, task=task.key, attempt=attempt, left=left, result=told))
            if not self.play.fleet.past.was_handed(f"{self._key(f'{item}.{attempt + 1}')}.1"):
                await self.play.fleet.pause(attempts.delay_s)
            if self.play.fleet.is_stopping:
                raise Stopped

        result = await repeat(attempts, once, between)
        self._keep_notifications(renderer)
        return result

    def _bound(self, renderer: Renderer) -> tuple[Task, Renderer]:
        """The task with its delegate chosen – once for all attempts, since a template may choose at random – and what
        it sees then."""
        written = self.task.keywords.delegate_to
        if not written:
            return self.task, renderer
        shown, self.delegated_to = self.delegated_to, str(written)
        chosen = keyword_values.delegate(renderer, written)
        self.delegated_to = shown
        task = replace(self.task, keywords=replace(self.task.keywords, delegate_to=chosen))
        return task, self.play.renderer(self.host, task).extended(self.above)

    async def _attempt(
        self,
        site: Site,
        module: Module[Any],
        args: Args | ArgsError,
        context: TaskContext,
        loop_vars: dict[str, Any],
        item: str,
        label: str | None,
    ) -> Result:
        if isinstance(args, ArgsError):
            return of_error(args)
        try:
            result = await self._work(site, module, args, context, item)
            self.delimited += context.delimited
        except Behind:
            if self.play.fleet.is_stopping:
                raise Stopped from None
            return of_error(site.ending())
        except HostError as error:
            self.hint = error.hint
            return timed_out(error, site.asked_timeout()) or of_error(error)
        self._warn(result)
        self.effects += [Told(effect, loop_vars, label, site.delegated_to) for effect in result.effects]
        return result if context.diff else result.but(diff=())

    def _has_grown(self, result: Result) -> bool:
        """Whether the inventory grew by ``result``, which did not fail."""
        grown = [each for each in result.effects if isinstance(each, AddHost | GroupBy)]
        if not [self.play.fleet.world.grow(self.host.name, each) for each in grown].count(True):
            return False
        self.only_grew = not result.changed and not self.task.changed_when
        return True

    def _warn(self, result: Result) -> None:
        """Tell what a module says beside its result."""
        for text in result.warnings:
            self.play.emit(Said(level="warning", text=text))
        for said in result.deprecations:
            self.play.emit(Said(level="deprecation", text=of_going(said)))

    async def _work(self, site: Site, module: Module[Any], args: Args, context: TaskContext, item: str) -> Result:
        """The module at work on its machine, in the background where the task is ``async``."""
        seconds = keyword_values.number(site.renderer, self.task.run_async)
        if seconds <= 0 or not module.needs_host:
            async with site.machine(module, item) as machine:
                self.on_ready()
                return await machine.drive(module.steps(args, context))
        if module.name in NEVER_ASYNC:
            return failure(f"This action ({site.action}) does not support async.")
        if context.check:
            return Result(skipped=True, msg="check mode and async cannot be used on same task.")
        self.on_ready()
        job = self.play.fleet.jobs.new(seconds, self._key(item))
        machine = site.hold(item, job=job)
        job.work(lambda: machine.drive(module.steps(args, context)))
        poll_s = keyword_values.number(site.renderer, self.task.poll, POLL_S)
        self.is_lasting = poll_s <= 0
        return await (job.begun() if self.is_lasting else job.ended())

    def skipped(self, renderer: Renderer) -> Result | None:
        """The skipped result where a condition does not hold, else None."""
        if self.play.is_meta(self.task) and self.task.args in UNCONDITIONAL:
            return None
        for condition in self.task.keywords.when:
            self.delimited += delimited([condition])
            if not renderer.condition(condition):
                data = {"skip_reason": "Conditional result was False", "false_condition": condition}
                return Result(skipped=True, data=data, tells_failed=False)
        return None

    def flag(self, name: str) -> bool:
        """A boolean keyword of the task, rendered; False where nobody said. A ``no_log`` that is none hides."""
        default = name == "no_log" and self.play.options.no_log
        try:
            return self.play.flag(self.renderer, getattr(self.task.keywords, name), default)
        except keyword_values.NoSuchValue:
            return name == "no_log"

    def _is_ignored(self, result: Result, renderer: Renderer) -> bool:
        keywords = self.task.keywords
        try:
            if result.unreachable:
                return self.play.flag(renderer, keywords.ignore_unreachable)
            if result.failed and not self.is_reached and is_template(keywords.ignore_errors):
                return True  # Ansible looks at the text itself where the condition, loop or delegate fails before
            return result.failed and self.play.flag(renderer, keywords.ignore_errors)
        except keyword_values.NoSuchValue:
            return True  # what is written there at all is true for Ansible

    def _is_sum_ignored(self, result: Result, is_loop: bool) -> bool:
        """Of a loop: whether every turn that went wrong is ignored, which may hang on its item."""
        if is_loop and self.turns_ignored:
            return all(self.turns_ignored)
        return self._is_ignored(result, self.renderer)

    def _keep_notifications(self, renderer: Renderer) -> None:
        """What this turn notifies, should the task change anything: names may hold the loop's variables."""
        names = renderer.value(list(self.task.notify))
        said = [str(each) for name in names for each in (name if isinstance(name, list) else [name])]
        self.notify += [each for each in said if each not in self.notify]
