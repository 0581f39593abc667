"""What can be written to a node before its turn comes, so that several programs cost one round trip.

A program may go ahead of its task's turn where nothing that comes before can change it: it is one of the modules whose
work is a single program, and all that it is made of (condition, arguments, environment, login) is known now. What the
tasks before it will register is not known; whoever looks at it is not foreseen. In a play, what is ahead hangs on the
success of what is before it, which the node sees for itself; turns of a loop run whatever becomes of one another.

The turn itself goes its usual way and finds its reply on the way already (``Connection.run``).
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from orchestrator.engine.arguments import arguments
from orchestrator.engine.host_state import HostState
from orchestrator.engine.machine import Machine
from orchestrator.engine.site import Site
from orchestrator.language.tree import Node, Task
from orchestrator.model.errors import OrchestratorError
from orchestrator.model.program import Request, Run
from orchestrator.modules import canonical, find
from orchestrator.planning.loops import loop_control, loop_items, turn_variables
from orchestrator.planning.render import Renderer

if TYPE_CHECKING:
    from orchestrator.engine.context import TaskContext
    from orchestrator.engine.host_run import HostRun
    from orchestrator.engine.play_run import PlayRun
    from orchestrator.modules.base import Args, Module

ONE_PROGRAM = frozenset({"command", "file", "shell", "stat"})
"""Modules whose whole work is their first program, and whose failures the node can tell: exit status or fd 3."""
OPENERS = ONE_PROGRAM | {"blockinfile", "copy", "getent", "lineinfile", "replace", "setup", "slurp", "template"}
"""Modules that begin with a program. Those with more than one end a batch: what they do next hangs on its reply."""
MOST_PROGRAMS = 32
"""Written ahead at once: a bound for what is lost where the first one fails."""
UNSTEADY = ("now(", "random", "shuffle", "password_hash", "uuid", "strftime")
"""Words of templates that may come to something else when they are rendered again."""
SEEN_THROUGH = frozenset({"hostvars", "vars"})
"""Names through which a registered result can be seen, too."""


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
    coming: set[str] = field(default_factory=set)
    groups: list[int] = field(default_factory=list)
    """For each program, how many of the first ones its success hangs on."""

    def add(self, found: Sequence[tuple[Machine, Run]], *, hangs: bool) -> None:
        before = len(self.programs) if hangs else 0
        self.programs += found
        self.groups += [before] * len(found)

    def is_with(self, machine: Machine) -> bool:
        """Whether ``machine`` is the shell that the others go to."""
        first = self.programs[0][0] if self.programs else machine
        return machine.connection is first.connection and machine.become == first.become

    async def send(self) -> None:
        """Announce all, durably, then write all."""
        if len(self.programs) < 2:
            return
        keys = [machine.announce(program) for machine, program in self.programs]
        await self.programs[0][0].services.sync()
        for key, (machine, program), before in zip(keys, self.programs, self.groups, strict=True):
            machine.send_ahead(key, program, tuple(keys[:before]))


async def tasks_ahead(play: PlayRun, host: HostRun, nodes: Sequence[Node]) -> int:
    """Write the programs of the next tasks to the host; returns how many tasks of ``nodes`` that covers."""
    if _is_watched(play):
        return 0
    batch, covered = Batch(), 0
    for node in nodes:
        if not isinstance(node, Task) or len(batch.programs) >= MOST_PROGRAMS or not _is_single(node):
            break
        try:
            if play.is_wanted(host, node):
                batch.add(_of_task(play, host.state, node, batch), hangs=True)
        except (NotYet, OrchestratorError):
            break
        covered += 1
        if not _is_judged(node):
            break
        batch.coming |= _told_by(node)
    await batch.send()
    return covered if len(batch.programs) > 1 else 0


async def turns_ahead(play: PlayRun, state: HostState, task: Task, items: Sequence[Any]) -> None:
    """Write the programs of all turns of a loop that is about to begin."""
    if _is_watched(play) or len(items) < 2 or not _is_single(task) or canonical(str(task.action)) not in ONE_PROGRAM:
        return
    batch = Batch(coming=_told_by(task))
    try:
        batch.add(_of_turns(play, state, task, items[:MOST_PROGRAMS], batch, 0), hangs=False)
    except (NotYet, OrchestratorError):
        return
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
    """Whether its failure is what its one program says, and ends the host's way through the play: others may follow."""
    keywords = task.keywords
    said = (keywords.ignore_errors, keywords.ignore_unreachable, task.failed_when)
    return canonical(str(task.action)) in ONE_PROGRAM and not any(said)


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
    module = find(site.action)
    assert module is not None
    context = site.context(renderer)
    if context.check and module.checks == "skip":
        return None
    args = arguments(task, module, renderer)
    request = _first_request(module, args, context)
    is_steady = module.name in ONE_PROGRAM or request == _first_request(module, args, context)
    machine = site.early(item, times)
    if not isinstance(request, Run) or not is_steady or not batch.is_with(machine):
        raise NotYet
    return machine, request


def _first_request(module: Module[Any], args: Args, context: TaskContext) -> Request | None:
    """What the module asks first; None where it needs nothing."""
    steps = module.steps(args, context)
    try:
        return next(steps)
    except StopIteration:
        return None
    finally:
        steps.close()


def _foreseeing(renderer: Renderer, batch: Batch, turn: Mapping[str, Any] | None = None) -> Renderer:
    known: Mapping[str, Any] = Known(renderer.variables, frozenset(batch.coming))
    if turn:
        known = ChainMap(dict(turn), known)  # type: ignore[arg-type]
    return Foreseeing(known, plugins=renderer.plugins, surroundings=renderer.surroundings)
