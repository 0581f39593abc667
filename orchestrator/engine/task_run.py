"""One task on one host: its loop, what an earlier process of the run did of it, and the report on all its turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestrator.engine.ahead import turns_ahead
from orchestrator.engine.host_state import HostState
from orchestrator.engine.reports import Report, Told, followed, includes
from orchestrator.engine.resume import as_kept, result_of
from orchestrator.engine.shown import shown, shown_diff
from orchestrator.engine.signals import Stopped
from orchestrator.engine.site import Site
from orchestrator.engine.turn import Traces, Turn
from orchestrator.engine.verdict import deprecations, facts_of, joined
from orchestrator.language.load import is_template
from orchestrator.language.tree import Task
from orchestrator.model.errors import LeaseEnded, UndefinedVariable, UserError
from orchestrator.model.events import ItemDone, TaskDone
from orchestrator.model.results import Outcome, Result
from orchestrator.modules import canonical
from orchestrator.planning.loops import LoopControl, label_of, loop_control, loop_items, turn_variables
from orchestrator.planning.render import Renderer

if TYPE_CHECKING:
    from orchestrator.engine.play_run import PlayRun


class TaskRun:
    """One task on one host, from its loop to its report."""

    def __init__(self, play: PlayRun, host: HostState, task: Task, on_ready: Callable[[], None] = lambda: None) -> None:
        """``on_ready`` is called when it needs no more making ready: it has its fork, or waits for something else."""
        self.play = play
        self.on_ready = on_ready
        self.host = host
        self.task = task
        self.renderer: Renderer = play.renderer(host, task)
        self.traces = Traces()
        self.turns_ignored: list[bool] = []
        self.no_log = False

    async def run(self) -> Report:
        """Do it. Host trouble and mistakes in templates become results; only bugs are raised."""
        done = self.play.fleet.past.task(self._key())
        if done is not None:
            return self._restored(done)
        started = time.monotonic()
        self.no_log = self.flag("no_log")
        traces = self.traces
        try:
            result, is_loop = await self._run()
        except UserError as error:
            traces.delegated_to = traces.delegated_to or self._meant_delegate()
            result, is_loop = traces.of_mistake(error), False
        if traces.delimited:
            result = result.but(data={**result.data, **deprecations(traces.delimited)})
        return Report(
            result=result,
            is_loop=is_loop,
            ignored=self._is_sum_ignored(result, is_loop),
            no_log=self.no_log or result.is_secret,
            duration_s=time.monotonic() - started,
            effects=followed(traces.effects, result),
            notify=traces.notify if result.changed and not (result.failed or traces.only_grew) else [],
            delegated_to=traces.delegated_to,
            hint=traces.hint,
            mistake=traces.mistake,
            is_lasting=traces.is_lasting,
        )

    def flag(self, name: str) -> bool:
        """A boolean keyword of the task, rendered; False where nobody said. A ``no_log`` that is none hides."""
        default = name == "no_log" and self.play.options.no_log
        try:
            return self.play.flag(self.renderer, getattr(self.task.keywords, name), default)
        except UserError:
            return name == "no_log"

    def _key(self, item: str = "") -> str:
        return self.play.claim_key(self.host, self.task, item)

    # ---- the turns -----------------------------------------------------------------------------------------

    def _turn(self, renderer: Renderer, **of_loop: Any) -> Turn:
        return Turn(
            self.play, self.host, self.task, renderer, self.traces, self.on_ready, no_log=self.no_log, **of_loop
        )

    def _meant_delegate(self) -> str | None:
        """Where the task would have gone, had it come so far; None for its own host."""
        with suppress(UserError):
            target = self._turn(self.renderer).bound()[0].keywords.delegate_to
            return None if target in (None, self.host.name) else str(target)
        return None

    async def _run(self) -> tuple[Result, bool]:
        turn = self._turn(self.renderer)
        try:
            items = loop_items(self.task, self.renderer)
        except UndefinedVariable:
            if (skipped := turn.skipped()) is not None:
                return skipped, False
            raise
        if items is None:
            return await turn.run(), False
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
            above = {**learned, **known}
            renderer = self.renderer.extended(above)
            turn = self._turn(renderer, above=above, loop_vars=known, item=str(index))
            result = await self._told_turn(turn, items[index], control)
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

    async def _told_turn(self, turn: Turn, item: Any, control: LoopControl) -> Result:
        """What one turn of the loop came to, told as soon as it is through."""
        label, unlabelled = self._label(item, control, turn.renderer)
        turn.label = str(label) if label else None
        if (restored := self._restored_turn(turn)) is not None:
            return restored
        first_effect = len(self.traces.effects)
        try:
            result = await turn.run()
            if self.task.register and control.label is not None:  # which may name what the turn came to
                after = turn.renderer.extended({str(self.task.register): result.as_vars()})
                label, unlabelled = self._label(item, control, after)
            if unlabelled is not None:
                result = result.but(failed=True, msg=unlabelled.message)
        except UserError as error:
            result = self.traces.of_mistake(error)
        result = result.but(data={**result.data, **turn.loop_vars})
        if result.outcome is Outcome.OK and includes(result.effects):
            return result
        ignored = self._is_ignored(result, turn.renderer)
        if result.failed or result.unreachable:
            self.turns_ignored.append(ignored)
        no_log = turn.no_log or result.is_secret
        event = ItemDone(
            host=self.host.name,
            task=self.task.key,
            label=str(label),
            outcome=str(result.outcome),
            key=self._key(turn.item),
            result=shown(result, no_log=no_log),
            diff=shown_diff(result, no_log=no_log),
            ignored=ignored,
            no_log=no_log,
            delegated_to=self.traces.delegated_to,
        )
        effects = [told.effect for told in self.traces.effects[first_effect:]]
        is_asked = bool(self.task.register)
        event = as_kept(event, effects, is_asked=is_asked, keeps=self.play.services.keeps)
        self.play.emit(replace(event, is_kept=event.is_kept and not self.traces.is_lasting))
        return result

    def _label(self, item: Any, control: LoopControl, renderer: Renderer) -> tuple[Any, UserError | None]:
        """What people see of ``item``, and why its label could not be made: that fails the turn when it has run."""
        try:
            return label_of(item, control, renderer), None
        except UserError as error:
            is_kept = canonical(str(self.task.action)) != "debug"  # whose results Ansible strips before it looks
            return item if is_kept else None, error

    # ---- what an earlier process of this run did of it -----------------------------------------------------

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

    def _restored_turn(self, turn: Turn) -> Result | None:
        """What the journal says that a turn of the loop came to; None where it does not say it in full."""
        done = self.play.fleet.past.item(self._key(turn.item))
        if done is None:
            return None
        self._join(turn.renderer)
        turn.keep_notifications(turn.renderer)
        self.traces.delegated_to = done.delegated_to
        result = result_of(done)
        self.traces.effects += [Told(each, turn.loop_vars, turn.label) for each in result.effects]
        return result

    def _join(self, renderer: Renderer) -> None:
        """Where an earlier process had the task run on a node, this one cleans up behind it."""
        if self._key() in self.play.fleet.past.on_node:
            with suppress(UserError, LeaseEnded):  # a delegate that hangs on a loop's variable: its items name it
                Site.of(self.play, self.host, self.task, renderer).join()

    # ---- whether what went wrong counts --------------------------------------------------------------------

    def _is_ignored(self, result: Result, renderer: Renderer) -> bool:
        keywords = self.task.keywords
        try:
            if result.unreachable:
                return self.play.flag(renderer, keywords.ignore_unreachable)
            if result.failed and not self.traces.is_reached and is_template(keywords.ignore_errors):
                return True  # Ansible looks at the text itself where the condition, loop or delegate fails before
            return result.failed and self.play.flag(renderer, keywords.ignore_errors)
        except UserError:
            return True  # what is written there at all is true for Ansible

    def _is_sum_ignored(self, result: Result, is_loop: bool) -> bool:
        """Of a loop: whether every turn that went wrong is ignored, which may hang on its item."""
        if is_loop and self.turns_ignored:
            return all(self.turns_ignored)
        return self._is_ignored(result, self.renderer)
