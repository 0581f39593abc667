"""Where a task's work happens: the host or the one it is delegated to, as which user, in which mode."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestrator.engine import keyword_values, lease
from orchestrator.engine.arguments import arguments, checked, defaults
from orchestrator.engine.context import TaskContext, interpreter
from orchestrator.engine.host_state import HostState
from orchestrator.engine.jobs import Job
from orchestrator.engine.login import LOCAL, Known, Login, Settings, become, login
from orchestrator.engine.machine import Machine
from orchestrator.engine.own_modules import has_python, needs_python, own_module, unknown_module
from orchestrator.language.locator import Locator
from orchestrator.language.tree import Task
from orchestrator.model.errors import ArgsError, LeaseEnded, UndefinedVariable
from orchestrator.model.frozen import frozen
from orchestrator.model.place import Text
from orchestrator.model.program import Steps
from orchestrator.modules import canonical, find
from orchestrator.planning.markers import Marker
from orchestrator.planning.render import OMIT, Renderer
from orchestrator.transport.base import Become, Connection

if TYPE_CHECKING:
    from orchestrator.engine.play_run import PlayRun
    from orchestrator.modules.base import Module


FACTS = frozenset({"gather_facts", "setup"})


MOST_S = 100_000_000
"""The longest ``timeout`` of a task, in seconds (ansible-core 2.19)."""


@frozen
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
        action = play.fleet.world.reading.locator.routed(str(action), task.keywords.collections)
        elsewhere = renderer.keyword(task.keywords.delegate_to, "")
        if elsewhere == "":
            return cls(play, host, task, action, renderer, None, renderer)
        target = play.delegate_renderer(str(elsewhere), host, task, renderer)
        return cls(play, host, task, action, renderer, str(elsewhere), target)

    @property
    def locator(self) -> Locator:
        """The user's own modules, and what their collections say."""
        return self.play.fleet.world.reading.locator

    def module(self) -> Module[Any]:
        """What does the work: a module or action plug-in of the user's own, or a module of ours. Raises UnknownModule
        where there is none."""
        return self._called(self.action)

    def _called(self, name: str, *, is_inner: bool = False) -> Module[Any]:
        """The module ``name``. One in Python that bears the name of ours stands back where it could not run."""
        theirs = own_module(self.locator, name, self.task.keywords.collections, is_inner=is_inner)
        ours = find(name)
        if theirs is None or (ours is not None and needs_python(theirs) and not self._has_python()):
            theirs = ours
        if theirs is None:
            raise unknown_module(name, self.task.place)
        return theirs

    def _has_python(self) -> bool:
        """Whether a module in Python can run on the machine."""
        return has_python(interpreter(self.target, "python"), is_local=self.login().kind == "local")

    def _inner(self, name: str, values: Mapping[str, Any] | None, context: TaskContext, with_defaults: bool) -> Steps:
        """The work of the module ``name``, for an action plug-in that does this task; see ``Context.hand_on``."""
        routed = self.locator.routed(name, self.task.keywords.collections)
        module = self._called(routed, is_inner=True)
        if values is None:
            return module.steps(arguments(self.task, module, context.renderer, self.locator), context)
        if with_defaults:
            values = {**defaults(module, self.task, context.renderer, self.locator), **values}
        return module.steps(checked(module, values, self.task.place), context)

    @property
    def shown_target(self) -> str | None:
        """The delegate as people see it: with its address, where that is another than its name."""
        if self.delegated_to in (None, self.host.name):
            return self.delegated_to
        address = self.target.value(self.target.variables.get("ansible_host"))
        return self.delegated_to if address in (None, self.delegated_to) else f"{self.delegated_to}({address})"

    def context(self, renderer: Renderer, environment: Mapping[str, str]) -> TaskContext:
        """What the module sees of the control side."""
        options, keywords = self.play.options, self.task.keywords
        return TaskContext(
            task=self.task,
            renderer=renderer,
            host=self.host.name,
            check=self.play.flag(renderer, keywords.check_mode, options.check),
            diff=self.play.flag(renderer, keywords.diff, options.diff),
            no_log=self.play.flag(renderer, keywords.no_log, options.no_log),
            verbosity=options.verbosity,
            environment=environment,
            task_name=self.play.name_of(self.task, renderer),
            read_vars=self.play.fleet.world.read_vars,
            works_here=lambda: self.login().kind == "local",
            there=self.target,
            open_vault=options.open_vault,
            others=self._inner,
        )

    def login(self) -> Login:
        """The machine's address and the user to log in as. Raises LeaseEnded where it is no longer ours."""
        name = self.delegated_to or self.host.name
        connections = self.play.fleet.connections
        try:
            left_s = lease.check(name, self.target)
        except LeaseEnded:
            connections.leave(name)
            raise
        if left_s is not None:
            connections.end_at(name, left_s)
        implicit = name in LOCAL and name not in self.play.fleet.world.inventory.hosts
        keywords = self.task.keywords
        if self.delegated_to is not None:
            keywords = replace(keywords, connection=None if implicit else keywords.connection, remote_user=None)
        play, options = self.play.play, self.play.options
        beside = (keywords.connection, keywords.port, keywords.remote_user, implicit, play, options)
        known = connections.known.get(name)
        if known is None or not known.holds(self.target, beside):
            here = os.path.dirname(os.path.abspath(play.path))  # as Ansible has it for `connection: local`
            settings, own = Settings(self.target, keywords), self.locator.connection
            found = login(name, settings, options, implicit=implicit, directory=here, own=own)
            known = connections.known[name] = Known(found, settings, beside)
        return known.login

    def ending(self) -> LeaseEnded:
        """What halted a program of the target's though the run goes on: its lease is about to end."""
        name = self.delegated_to or self.host.name
        self.play.fleet.connections.leave(name)
        return lease.ended(name, str(self.target.value(self.target.variables.get(lease.VARIABLE))))

    @asynccontextmanager
    async def machine(self, module: Module[Any], item: str) -> AsyncIterator[Machine]:
        """The hold on the node for one attempt, inside the limits on how many work at once."""
        if not module.needs_host:
            yield self._held(self._machine(item))
            return
        async with self.play.fleet.forks, self.play.throttle(self.task, self.renderer):
            machine = self._held(self.hold(item))
            run = self.play.runs[self.host.name]
            machine.go_beyond, machine.look_behind = run.go_beyond, run.look_behind
            yield machine

    def _held(self, machine: Machine) -> Machine:
        """``machine``, whose claims go when the task is through."""
        self.play.machines[self.host.name].append(machine)
        return machine

    def join(self) -> None:
        """An earlier process of this run worked here: our connection to the machine cleans up behind it."""
        place = self.login()
        self.play.fleet.connections.to(place).join(self._become(place))

    def _become(self, place: Login) -> Become | None:
        """The user to become; None, too, where that is the one who logs in."""
        user = become(self.target, self.task.keywords, self.play.options)
        return None if user is None or user.user == place.user() else user

    def hold(self, item: str, *, times: int = 0, job: Job | None = None) -> Machine:
        """A hold on the node within no limits on how many work at once, as for a program that goes ahead, or for a
        ``job`` in the background. ``times``: how many more times the task will have run."""
        place = self.login()
        user = self._become(place)
        connection = self.play.fleet.connections.to(place)
        return self._machine(item, connection, user, place.address.shell_of(user), job, times)

    def _machine(
        self,
        item: str,
        connection: Connection | None = None,
        become_user: Become | None = None,
        where: str = "",
        job: Job | None = None,
        times: int = 0,
    ) -> Machine:
        return Machine(
            host=self.host.name,
            task=self.task.key,
            key=self.play.claim_key(self.host, self.task, item, times),
            item=item,
            job=job,
            jobs=self.play.fleet.jobs,
            services=self.play.fleet.services,
            connection=connection,
            become=become_user,
            timeout_s=self._timeout(),
            where=where,
            past=self.play.fleet.past,
            glimpsed=self.play.runs[self.host.name].glimpses.seen,
        )

    def asked_timeout(self) -> float:
        """The limit in seconds that the task or the command line names; 0 where nobody did. Raises ArgsError for one
        that Ansible does not take."""
        seconds = keyword_values.number(self.renderer, self.task.keywords.timeout, self.play.options.task_timeout_s)
        if not 0 <= seconds <= MOST_S:
            message = f"Timeout {seconds:.0f} is invalid, it must be between 0 and {MOST_S}."
            raise ArgsError(message, place=self.task.place)
        return seconds

    def _timeout(self) -> float:
        return self.asked_timeout() or self.play.options.limits.task_s

    def environment(self) -> dict[str, str]:
        """The environment variables that the task's keywords give, inner layers above outer ones; made once for all
        attempts (as in ansible-core 2.19)."""
        found: dict[str, str] = {}
        for layer in self.task.keywords.environment:
            written = self.renderer.resolve(layer)
            for each in written if isinstance(written, list) else [written]:
                if isinstance(each, dict):
                    found |= {str(name): _as_text(value) for name, value in self._entries(each)}
                elif isinstance(each, Marker):
                    self.renderer.raise_marker(each, layer)
        return found

    def _entries(self, values: dict[Any, Any]) -> Iterator[tuple[Any, Any]]:
        """Names and values of environment variables. Facts are gathered without those that need facts themselves."""
        for name in values:
            written = dict.__getitem__(values, name)
            try:
                value = self.renderer.value(written)
            except UndefinedVariable as error:
                if canonical(self.action) in FACTS and "ansible_env" in error.message:
                    continue
                raise error.within("Error processing keyword 'environment'") from error
            if value is not OMIT:
                yield name, value


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)
