"""What can be written to a node before its turn comes, so that several programs cost one round trip.

A program may go ahead of its task's turn where nothing that comes before can change it: all that it is made of
(condition, arguments, environment, login) is known now. What the tasks before it will register is not known; whoever
looks at it is not foreseen. In a play, what is ahead hangs on what is before it: the node itself sees whether that went
well, and whether it was all (a program that is its task's last, and does not say ``later``). Turns of a loop run
whatever becomes of one another.

The turn itself goes its usual way and finds its reply on the way already (``Connection.run``). A module that turns out
to need another program sends that along with what comes after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from orchestrator.engine.arguments import arguments
from orchestrator.engine.host_state import HostState
from orchestrator.engine.machine import Machine
from orchestrator.engine.site import Site
from orchestrator.language.tree import Node, Task
from orchestrator.model.errors import OrchestratorError
from orchestrator.model.program import Glimpse, Reply, Request, Run
from orchestrator.modules import canonical
from orchestrator.planning.layers import Layers
from orchestrator.planning.loops import loop_control, loop_items, turn_variables
from orchestrator.planning.render import Renderer

if TYPE_CHECKING:
    from orchestrator.engine.context import TaskContext
    from orchestrator.engine.host_run import HostRun
    from orchestrator.engine.play_run import PlayRun
    from orchestrator.modules.base import Args, Module

OPENERS = frozenset("blockinfile command copy file getent lineinfile replace setup shell slurp stat template".split())
"""Modules that begin with a program, and what that is hangs on nothing but their arguments."""
ONE_PROGRAM = frozenset({"command", "file", "shell", "stat"})
"""Those that never need another, so that all turns of a loop may go ahead."""
LOOKERS = frozenset({"copy", "template"})
"""Modules that send less where they know what is there."""
CHEAP_LOOKERS = frozenset({"copy"})
"""Those whose look costs no rendering of a whole file, which would be done again when their turn comes."""
MOST_PROGRAMS = 32
"""Written ahead at once: a bound for what is lost where the first one fails."""
UNSTEADY = ("now(", "random", "shuffle", "password_hash", "uuid", "strftime")
"""Words of templates that may come to something else when they are rendered again."""
SEEN_THROUGH = frozenset({"hostvars", "vars"})
"""Names through which a registered result can be seen, too."""


Lead = tuple["Machine", Run, str]
"""A program that has been announced, its machine and its key."""


class NotYet(BaseException):
    """Something was asked for that only the tasks before can tell. No error: nothing that handles errors takes it."""


class Known(Mapping[str, Any]):
    """Variables, without those that are still to come."""

    def __init__(self, variables: Mapping[str, Any], coming: frozenset[str]) -> None:
        self._variables = variables
        self._coming = coming

    def __getitem__(self, name: str) -> Any:
        if name in self._coming:
            raise NotYet
        return self._variables[name]

    def __contains__(self, name: object) -> bool:
        if name in self._coming:
            raise NotYet
        return name in self._variables

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


class Foreseeing(Renderer):
    """Renders what is known by now; lookups, which may have effects or tell something else later, are not foreseen."""

    def extended(self, variables: Mapping[str, Any]) -> Renderer:
        return Foreseeing(super().extended(variables).variables, plugins=self.plugins, surroundings=self.surroundings)

    def lookup(self, name: str, terms: list[Any], /, **options: Any) -> NoReturn:
        raise NotYet


@dataclass(slots=True)
class Batch:
    """Programs that can go ahead, each with the machine that will want its reply."""

    programs: list[tuple[Machine, Run]] = field(default_factory=list)
    lead: str | None = None
    """The key of the first program, where that has been announced already."""
    coming: set[str] = field(default_factory=set)
    groups: list[int] = field(default_factory=list)
    """For each program, how many of the first ones its success hangs on."""

    def add(self, found: Sequence[tuple[Machine, Run]], *, hangs: bool) -> None:
        before = len(self.programs) if hangs else 0
        self.programs += found
        self.groups += [before] * len(found)

    def add_task(self, task: Task, found: Sequence[tuple[Machine, Run]]) -> bool:
        """Add the programs of ``task``; whether these are all of its, so that others may come behind. Turns of a loop
        hang on one another where one of them might need another program, which would then come too late."""
        if canonical(str(task.action)) in ONE_PROGRAM:
            self.add(found, hangs=True)
            return all(program.is_last for _, program in found)
        for each in found:
            self.add([each], hangs=True)
            if not each[1].is_last:
                return False
        return True

    def is_with(self, machine: Machine) -> bool:
        """Whether ``machine`` is the shell that the others go to."""
        first = self.programs[0][0] if self.programs else machine
        return machine.connection is first.connection and machine.become == first.become

    async def send(self) -> None:
        """Announce all, durably, then write all."""
        lead = [self.lead] if self.lead else []
        keys = [*lead, *(machine.announce(program) for machine, program in self.programs[len(lead) :])]
        await self.programs[0][0].services.sync()
        for key, (machine, program), before in zip(keys, self.programs, self.groups, strict=True):
            machine.send_ahead(key, program, tuple(keys[:before]))


async def tasks_ahead(play: PlayRun, host: HostRun, nodes: Sequence[Node]) -> int:
    """Write the programs of the next tasks to the host; returns how many tasks of ``nodes`` that covers."""
    return 0 if _is_watched(play) else await _sent(Batch(), play, host, nodes)


async def tasks_behind(play: PlayRun, host: HostRun, task: Task, lead: Lead, nodes: Sequence[Node]) -> int:
    """Write the last program of the ``task`` that is at work, and behind it those of the next tasks; returns how many
    tasks of ``nodes`` that covers."""
    machine, program, key = lead
    if _is_watched(play) or not (program.is_last and _is_single(task) and task.loop is None and _is_judged(task)):
        return 0
    batch = Batch(lead=key, coming=_told_by(task))
    batch.add([(machine, program)], hangs=True)
    return await _sent(batch, play, host, nodes)


async def _sent(batch: Batch, play: PlayRun, host: HostRun, nodes: Sequence[Node]) -> int:
    """Write ``batch`` and what can be foreseen of ``nodes``, if that is several programs, and looks for tasks that come
    later; returns how many tasks of ``nodes`` that covers."""
    await host.glimpses.collect()
    covered = _filled(batch, play, host, nodes)
    if len(batch.programs) < 2 or play.fleet.connections.is_ending(host.name):
        return 0
    await batch.send()
    _look_further(batch, play, host, nodes[covered:])
    return covered


def _look_further(batch: Batch, play: PlayRun, host: HostRun, nodes: Sequence[Node]) -> None:
    """Write the looks of tasks that cannot go ahead themselves."""
    for node in nodes:
        if isinstance(node, Task):
            _look(batch, play, host, node, LOOKERS)
            batch.coming |= _told_by(node)


def look_behind(play: PlayRun, host: HostRun, task: Task, lead: tuple[Machine, Run], following: Node) -> None:
    """Write the look of the task that comes next behind the program of the one that is at work."""
    if isinstance(following, Task) and not play.fleet.past.is_resumed:
        batch = Batch(coming=_told_by(task))
        batch.add([lead], hangs=True)
        _look(batch, play, host, following, CHEAP_LOOKERS)


def _look(batch: Batch, play: PlayRun, host: HostRun, task: Task, lookers: frozenset[str]) -> None:
    """Write the look of ``task`` behind ``batch``, where it has one and that can be foreseen."""
    if canonical(str(task.action)) not in lookers or task.loop is not None or not _is_single(task):
        return
    with suppress(NotYet, OrchestratorError):
        look = _look_of(play, host.state, task, batch) if play.is_wanted(host, task) else None
        if look is not None and batch.is_with(look[0]):
            host.glimpses.look(*look)


def _filled(batch: Batch, play: PlayRun, host: HostRun, nodes: Sequence[Node]) -> int:
    """Add what can be foreseen of ``nodes``, from the first one on; how many tasks that covers."""
    for covered, node in enumerate(nodes):
        if not isinstance(node, Task) or len(batch.programs) >= MOST_PROGRAMS or not _is_single(node):
            return covered
        found: list[tuple[Machine, Run]] = []
        try:
            if play.is_wanted(host, node):
                found = _of_task(play, host.state, node, batch)
        except (NotYet, OrchestratorError):
            return covered
        if not batch.add_task(node, found) or not _is_judged(node):
            return covered + 1
        batch.coming |= _told_by(node)
    return len(nodes)


async def turns_ahead(play: PlayRun, state: HostState, task: Task, items: Sequence[Any]) -> None:
    """Write the programs of all turns of a loop that is about to begin."""
    if _is_watched(play) or len(items) < 2 or not _is_single(task) or canonical(str(task.action)) not in ONE_PROGRAM:
        return
    batch = Batch(coming=_told_by(task))
    with suppress(NotYet, OrchestratorError):
        batch.add(_of_turns(play, state, task, items[:MOST_PROGRAMS], batch, 0), hangs=False)
    if len(batch.programs) > 1 and not play.fleet.connections.is_ending(state.name):
        await batch.send()


def _is_watched(play: PlayRun) -> bool:
    """Whether each step is asked for, looked for, counted against a limit, or may end because of other hosts."""
    options = play.options
    return bool(
        options.step
        or options.start_at_task
        or play.fleet.past.is_resumed
        or play.play.keywords.max_fail_percentage is not None
        or options.any_errors_fatal
        or options.forks < len(play.hosts)
    )


def _told_by(task: Task) -> set[str]:
    return {str(task.register), *SEEN_THROUGH} if task.register else set()


def _is_judged(task: Task) -> bool:
    """Whether its failure is what its last program says, and ends the host's way through the play."""
    keywords = task.keywords
    return not any((keywords.ignore_errors, keywords.ignore_unreachable, task.failed_when))


def _is_single(task: Task) -> bool:
    """Whether a turn begins with a program on the host itself, and nobody else has a say in it."""
    keywords = task.keywords
    others = (task.until, task.retries, task.run_async, keywords.delegate_to, keywords.throttle)
    shared = (keywords.run_once, keywords.any_errors_fatal, task.is_handler)
    if any(each is not None for each in others) or any(shared) or canonical(str(task.action)) not in OPENERS:
        return False
    written = repr((task.args, task.extra_args, keywords.when, keywords.environment, task.loop))
    return not any(word in written for word in UNSTEADY)


def _of_task(play: PlayRun, state: HostState, task: Task, batch: Batch) -> list[tuple[Machine, Run]]:
    """The programs of ``task``: none where it will be skipped, several where it is a loop. Raises NotYet."""
    renderer = _foreseeing(play.renderer(state, task), batch)
    items = loop_items(task, renderer)
    if items is not None:
        return _of_turns(play, state, task, items, batch, 1)
    found = _program(play, state, task, renderer, ".1", 1, batch)
    return [found] if found else []


def _look_of(play: PlayRun, state: HostState, task: Task, batch: Batch) -> tuple[Machine, Run] | None:
    """What ``task`` wants to know before it is written; None where it wants nothing. Raises NotYet."""
    renderer = _foreseeing(play.renderer(state, task), batch)
    site = Site.of(play, state, task, renderer)
    module = site.module()
    steps = module.steps(arguments(task, module, renderer, site.locator), site.context(renderer, site.environment()))
    with closing(steps):
        request = next(steps, None)
    return (site.hold(".1", times=1), request.program) if isinstance(request, Glimpse) else None


def _of_turns(
    play: PlayRun, state: HostState, task: Task, items: Sequence[Any], batch: Batch, times: int
) -> list[tuple[Machine, Run]]:
    renderer = play.renderer(state, task)
    control = loop_control(task, _foreseeing(renderer, batch))
    if control.pause_s or any(each for each in control.break_when) or task.loop_with == "first_found":
        raise NotYet
    found = []
    for index in range(len(items)):
        seen = _foreseeing(renderer, batch, turn_variables(items, index, control))
        found.append(_program(play, state, task, seen, f"{index}.1", times, batch))
    return [each for each in found if each]


def _program(
    play: PlayRun, state: HostState, task: Task, renderer: Renderer, item: str, times: int, batch: Batch
) -> tuple[Machine, Run] | None:
    """The one program of a turn, and the machine that asks for it; None where the turn will be skipped."""
    if not all(renderer.condition(each) for each in task.keywords.when):
        return None
    site = Site.of(play, state, task, renderer)
    module = site.module()
    context = site.context(renderer, site.environment())
    if context.check and module.checks == "skip":
        return None
    args = arguments(task, module, renderer, site.locator)
    machine = site.hold(item, times=times)
    seen = partial(play.runs[state.name].glimpses.of, machine.where)
    request = _first_request(module, args, context, seen)
    is_steady = module.name in ONE_PROGRAM or request == _first_request(module, args, context, seen)
    if not isinstance(request, Run) or not is_steady or not batch.is_with(machine):
        raise NotYet
    return machine, request


def _first_request(
    module: Module[Any], args: Args, context: TaskContext, seen: Callable[[Run], Reply | None]
) -> Request | None:
    """What the module asks of the node first, but for what was ``seen`` there; None where it needs nothing."""
    with closing(module.steps(args, context)) as steps, suppress(StopIteration):
        request = next(steps)
        while isinstance(request, Glimpse):
            request = steps.send(seen(request.program))
        return request
    return None


def _foreseeing(renderer: Renderer, batch: Batch, turn: Mapping[str, Any] | None = None) -> Renderer:
    known: Mapping[str, Any] = Known(renderer.variables, frozenset(batch.coming))
    if turn:
        known = Layers((dict(turn), known))
    return Foreseeing(known, plugins=renderer.plugins, surroundings=renderer.surroundings)
