"""Where a task's work happens: the host or the one it is delegated to, as which user, in which mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from orchestrator.engine.context import TaskContext
from orchestrator.engine.host_state import HostState
from orchestrator.engine.login import Login, become, login
from orchestrator.engine.machine import Machine
from orchestrator.language.tree import Task
from orchestrator.model.place import Text
from orchestrator.planning.render import OMIT, Renderer

if TYPE_CHECKING:
    from orchestrator.engine.play_run import PlayRun
    from orchestrator.modules.base import Module


@dataclass(frozen=True, slots=True)
class Site:
    """One task (or loop item) bound to the machine it works on."""

    play: PlayRun
    host: HostState
    task: Task
    action: str
    renderer: Renderer
    delegated_to: str | None
    target: Renderer
    """Sees the variables of the host where the work happens."""

    @classmethod
    def of(cls, play: PlayRun, host: HostState, task: Task, renderer: Renderer) -> Site:
        action = task.action
        if isinstance(action, Text):
            action = renderer.value(action)
        delegate = task.keywords.delegate_to
        elsewhere = renderer.value(delegate) if delegate is not None else None
        if elsewhere in (None, "", OMIT):
            return cls(play, host, task, str(action), renderer, None, renderer)
        target = play.delegate_renderer(str(elsewhere), host, task, renderer)
        return cls(play, host, task, str(action), renderer, str(elsewhere), target)

    def context(self, renderer: Renderer) -> TaskContext:
        """What the module sees of the control side."""
        options, keywords = self.play.options, self.task.keywords
        return TaskContext(
            task=self.task,
            renderer=renderer,
            host=self.host.name,
            check=self.play.flag(renderer, keywords.check_mode, options.check),
            diff=self.play.flag(renderer, keywords.diff, options.diff),
            environment=self._environment(renderer),
            task_name=self.play.name_of(self.task, renderer),
            read_vars=self.play.fleet.world.read_vars,
        )

    def login(self) -> Login:
        """The machine's address and the user to log in as."""
        name = self.delegated_to or self.host.name
        implicit = name not in self.play.fleet.world.inventory.hosts
        keywords = self.task.keywords
        if self.delegated_to is not None:
            keywords = replace(keywords, connection=None if implicit else keywords.connection, remote_user=None)
        return login(name, self.target, keywords, self.play.options, implicit=implicit)

    @asynccontextmanager
    async def machine(self, module: Module[Any], item: str) -> AsyncIterator[Machine]:
        """The hold on the node for one attempt, inside the limits on how many work at once."""
        fleet = self.play.fleet
        connection = become_user = None
        async with AsyncExitStack() as limits:
            if module.needs_host:
                await limits.enter_async_context(fleet.forks)
                await limits.enter_async_context(self.play.throttle(self.task, self.renderer))
                connection = fleet.connections.to(self.login())
                become_user = become(self.target, self.task.keywords, self.play.options)
            key = self.play.claim_key(self.host, self.task, item)
            machine = Machine(
                host=self.host.name,
                task=self.task.key,
                key=key,
                item=item,
                services=fleet.services,
                connection=connection,
                become=become_user,
                timeout_s=self._timeout(),
            )
            self.play.machines[self.host.name].append(machine)
            yield machine

    def _timeout(self) -> float:
        asked = self.task.keywords.timeout
        seconds = self.renderer.value(asked) if asked is not None else self.play.options.task_timeout_s
        return float(seconds) if seconds and float(seconds) > 0 else self.play.options.limits.task_s

    def _environment(self, renderer: Renderer) -> dict[str, str]:
        found: dict[str, str] = {}
        for layer in self.task.keywords.environment:
            values = renderer.value(layer)
            for each in values if isinstance(values, list) else [values]:
                if isinstance(each, dict):
                    found |= {str(name): _as_text(value) for name, value in each.items()}
        return found


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)
