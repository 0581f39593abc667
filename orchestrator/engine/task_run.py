"""The heart: one task on one host – condition, loop, attempts, delegation, the module, the verdict on its result."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orchestrator.engine.arguments import arguments
from orchestrator.engine.attempts import Attempts, repeat
from orchestrator.engine.control import unknown_module
from orchestrator.engine.host_state import HostState
from orchestrator.engine.shown import shown, shown_diff
from orchestrator.engine.site import Site
from orchestrator.engine.verdict import joined, judged, of_error
from orchestrator.language.tree import Task
from orchestrator.model.errors import HostError, UndefinedVariable, UserError
from orchestrator.model.events import ItemDone, Retrying
from orchestrator.model.results import AddHost, Effect, GroupBy, IncludeRole, IncludeTasks, Outcome, Result
from orchestrator.modules import find
from orchestrator.planning.loops import LoopControl, label_of, loop_control, loop_items, turn_variables
from orchestrator.planning.render import Renderer

if TYPE_CHECKING:
    from orchestrator.engine.play_run import PlayRun


@dataclass(frozen=True, slots=True)
class Told:
    """An effect that the play must carry out, with the loop variables it was told under."""

    effect: Effect
    loop_vars: dict[str, Any]
    label: str | None = None


@dataclass(slots=True)
class Report:
    """What a task came to on a host."""

    result: Result
    is_loop: bool = False
    ignored: bool = False
    no_log: bool = False
    duration_s: float = 0.0
    effects: list[Told] = field(default_factory=list)
    notify: list[str] = field(default_factory=list)
    delegated_to: str | None = None
    hint: str | None = None

    @property
    def outcome(self) -> Outcome:
        return self.result.outcome

    @property
    def brings(self) -> list[Told]:
        """What is to be included."""
        return [told for told in self.effects if includes([told.effect])]


def includes(effects: Iterable[Effect]) -> bool:
    """Whether something is to be included: that is told by an event of its own, once it is read."""
    return any(isinstance(effect, IncludeTasks | IncludeRole) for effect in effects)


class TaskRun:
    """One task on one host, from its condition to its result."""

    def __init__(self, play: PlayRun, host: HostState, task: Task) -> None:
        self.play = play
        self.host = host
        self.task = task
        self.renderer: Renderer = play.renderer(host, task)
        self.effects: list[Told] = []
        self.notify: list[str] = []
        self.delegated_to: str | None = None
        self.hint: str | None = None

    async def run(self) -> Report:
        """Do it. Host trouble and mistakes in templates become results; only bugs are raised."""
        started = time.monotonic()
        no_log = self.flag("no_log")
        try:
            result, is_loop = await self._run()
        except UserError as error:
            result, is_loop = of_error(error), False
            self.hint = error.hint
        return Report(
            result=result,
            is_loop=is_loop,
            ignored=self._is_ignored(result),
            no_log=no_log,
            duration_s=time.monotonic() - started,
            effects=self.effects,
            notify=self.notify if result.changed and not result.failed else [],
            delegated_to=self.delegated_to,
            hint=self.hint,
        )

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
        results: list[Result] = []
        for index in range(len(items)):
            if index and control.pause_s:
                await self.play.services.sleep(control.pause_s)
            known = turn_variables(items, index, control)
            renderer = self.renderer.extended(known)
            result = await self._turn(renderer, known, index, items[index], control)
            results.append(result)
            after = renderer.extended({str(self.task.register): result.as_vars()}) if self.task.register else renderer
            if control.break_when and all(after.condition(each) for each in control.break_when):
                break
        return joined(results)

    async def _turn(
        self, renderer: Renderer, known: dict[str, Any], index: int, item: Any, control: LoopControl
    ) -> Result:
        """One turn of the loop, told as soon as it is through."""
        label = str(label_of(item, control, renderer))
        try:
            result = await self.one(renderer, known, str(index), label)
        except UserError as error:
            result = of_error(error)
        result = result.but(data={**result.data, **known})
        if result.outcome is Outcome.OK and includes(result.effects):
            return result
        no_log = self.flag("no_log")
        self.play.emit(
            ItemDone(
                host=self.host.name,
                task=self.task.key,
                label=label,
                outcome=str(result.outcome),
                result=shown(result, no_log=no_log),
                diff=shown_diff(result, no_log=no_log),
                ignored=self._is_ignored(result),
                no_log=no_log,
                delegated_to=self.delegated_to,
            )
        )
        return result

    async def one(self, renderer: Renderer, loop_vars: dict[str, Any], item: str, label: str | None) -> Result:
        """One pass of the task: the only one, or one loop item's."""
        if (skipped := self.skipped(renderer)) is not None:
            return skipped
        task = self.task
        attempts = Attempts.of(task.until, task.retries, task.delay, renderer)

        async def once(attempt: int) -> tuple[Result, Renderer]:
            result = await self._attempt(renderer, loop_vars, f"{item}.{attempt}", label)
            return judged(task, result, renderer, attempt)

        async def between(result: Result, attempt: int, left: int) -> None:
            told = shown(result, no_log=self.flag("no_log"))
            self.play.emit(Retrying(host=self.host.name, task=task.key, attempt=attempt, left=left, result=told))
            await self.play.services.sleep(attempts.delay_s)

        result = await repeat(attempts, once, between)
        self._keep_notifications(renderer)
        return result

    async def _attempt(self, renderer: Renderer, loop_vars: dict[str, Any], item: str, label: str | None) -> Result:
        site = Site.of(self.play, self.host, self.task, renderer)
        self.delegated_to = site.delegated_to
        module = find(site.action)
        if module is None:
            raise unknown_module(site.action, self.task.place)
        args = arguments(self.task, module, renderer)
        context = site.context(renderer)
        if context.check and module.checks == "skip":
            return Result(skipped=True, msg=f"remote module ({module.name}) does not support check mode")
        try:
            async with site.machine(module, item) as machine:
                result = await machine.drive(module.steps(args, context))
        except HostError as error:
            self.hint = error.hint
            return of_error(error)
        grown = [each for each in result.effects if isinstance(each, AddHost | GroupBy)]
        if [self.play.fleet.world.grow(self.host.name, each) for each in grown].count(True):
            result = result.but(changed=True)
        self.effects += [Told(effect, loop_vars, label) for effect in result.effects]
        return result if context.diff else result.but(diff=())

    def skipped(self, renderer: Renderer) -> Result | None:
        """The skipped result where a condition does not hold, else None."""
        for condition in self.task.keywords.when:
            if not renderer.condition(condition):
                data = {"skip_reason": "Conditional result was False", "false_condition": condition}
                return Result(skipped=True, data=data)
        return None

    def flag(self, name: str) -> bool:
        """A boolean keyword of the task, rendered; False where nobody said."""
        return self.play.flag(self.renderer, getattr(self.task.keywords, name))

    def _is_ignored(self, result: Result) -> bool:
        if result.unreachable:
            return self.flag("ignore_unreachable")
        return result.failed and self.flag("ignore_errors")

    def _keep_notifications(self, renderer: Renderer) -> None:
        """What this turn notifies, should the task change anything: names may hold the loop's variables."""
        names = renderer.value(list(self.task.notify))
        said = [str(each) for name in names for each in (name if isinstance(name, list) else [name])]
        self.notify += [each for each in said if each not in self.notify]
