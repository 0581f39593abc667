"""One host's way through a play: blocks, rescues, roles, handlers, included files.

The tree of a play is walked as it is written, so a block's rescue is an ``except`` here. Each task asks the strategy
for its turn at its *position*, which is its place in this walk (see ``lockstep``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestrator.engine.ahead import Lead, look_behind, tasks_ahead, tasks_behind
from orchestrator.engine.glimpses import Glimpses
from orchestrator.engine.handlers import tasks_in
from orchestrator.engine.host_state import HostState
from orchestrator.engine.lockstep import Position
from orchestrator.engine.signals import EndHost, EndRole, HostGone, Signal, TaskFailed
from orchestrator.language.tree import Block, Node, Task
from orchestrator.model.events import HostRescued
from orchestrator.model.program import Run

if TYPE_CHECKING:
    from orchestrator.engine.machine import Machine
    from orchestrator.engine.play_run import PlayRun

BODY, RESCUE, ALWAYS = range(3)
FLUSH = 1_000_000
"""Position of a section's handlers: behind all of its tasks."""


class HostRun:
    """One host in one batch of a play."""

    def __init__(self, play: PlayRun, state: HostState) -> None:
        self.play = play
        self.state = state
        self.name = state.name
        self.notified: dict[str, None] = {}
        """Names and topics that were notified, in order; what they mean is settled when they run."""
        self.waiting: set[str] = set()
        """Keys of the handlers that wait."""
        self.is_flushing = False
        self.is_through = False
        self.turns_taken = 0
        """How many tasks have had their turn: a failure before the first of a block is none of its own."""
        self.finished_roles: set[str] = set()
        self.fatalities_seen = 0
        self.rescues: list[Block] = []
        """Blocks around the running task whose rescue would take a failure."""
        self.handed_over = 0
        """How many of the next tasks are with the node already; they are finished whatever else happens."""
        self.glimpses = Glimpses()
        self.following: tuple[Task | None, Sequence[Node]] = (None, ())
        """The task that is at work, and what comes next."""

    async def run(self) -> None:
        """Run the whole play on this host. Host trouble ends up in ``state``; only bugs come out as exceptions."""
        try:
            await self._sections()
        except TaskFailed:
            self.state.failed = True
        except (HostGone, EndHost, EndRole):
            pass
        finally:
            self.is_through = True
            await self.glimpses.drop()
            self.play.turns.leave(self.name)

    async def _sections(self) -> None:
        for number, section in enumerate(self.play.sections):
            try:
                await self.walk(section, (number,))
            except TaskFailed:
                if self.play.force_handlers and self.play.flushes:
                    await self.flush((number, FLUSH))
                raise
            if self.play.flushes:
                await self.flush((number, FLUSH))

    async def walk(self, nodes: Sequence[Node], path: Position) -> None:
        for index, node in enumerate(nodes):
            at = (*path, index)
            if isinstance(node, Block):
                await (self.role(node, at) if node.is_role else self.block(node, at))
                continue
            if self.play.turns.is_alone and not self.handed_over:
                self.handed_over = await tasks_ahead(self.play, self, nodes[index:])
            self.handed_over = max(0, self.handed_over - 1)
            self.following = (node, nodes[index + 1 :])
            try:
                await self.play.perform(self, node, at)
            except HostGone:
                self.handed_over = 0
                if not await self._comes_back():
                    raise
            except Signal:
                self.handed_over = 0  # the node does not begin what comes after a failure
                raise
            finally:
                self.following = (None, ())

    async def _comes_back(self) -> bool:
        """Whether an unreachable host goes on with its next task, since others have come to ``clear_host_errors``. It
        does when they are all through, as in ansible-core: its next task is behind where they are."""
        if not self.state.unreachable or not self.play.clears_errors:
            return False
        world = self.play.fleet.world
        cleared = world.clearances
        return await self.play.turns.stand_aside(self.name, lambda: world.clearances > cleared)

    async def go_beyond(self, lead: Lead) -> None:
        """The task at work has come to a program that was not foreseen: write it together with what may follow it."""
        task, nodes = self.following
        if self.play.turns.is_alone and task is not None and task.key == lead[0].task:
            self.handed_over = await tasks_behind(self.play, self, task, lead, nodes) or self.handed_over

    def look_behind(self, machine: Machine, program: Run) -> None:
        """The program of the task at work is on its way: what the next task wants to know may be looked for behind it.
        A host that waits for no other has its looks with what goes ahead."""
        task, nodes = self.following
        if not self.play.turns.is_alone and nodes and task is not None and task.key == machine.task:
            self.following = (None, ())
            look_behind(self.play, self, task, (machine, program), nodes[0])

    async def role(self, block: Block, path: Position) -> None:
        """Run a role, unless this host has run the same one before and it does not allow duplicates."""
        role = block.role
        if role is not None and not role.allow_duplicates and role.key in self.finished_roles:
            return
        ran_before = self.state.tasks_run
        try:
            await self.block(block, path)
        except EndRole:
            pass
        if role is not None and self.state.tasks_run > ran_before:
            self.finished_roles.add(role.key)

    async def walk_last(self, nodes: Sequence[Node], path: Position) -> None:
        """Walk what has nothing behind it that a second failure could pass over: an ``always``, an included file."""
        try:
            await self.walk(nodes, path)
        except TaskFailed:
            raise TaskFailed from None

    async def block(self, block: Block, path: Position) -> None:
        """Run a block: its rescue on failure, its ``always`` whenever the host is still there.

        A failure ends with the block whose ``always`` says ``meta: clear_host_errors``.
        """
        world, taken = self.play.fleet.world, self.turns_taken
        try:
            await self._rescued(block, path)
        except TaskFailed as failed:
            if self.turns_taken == taken:
                raise
            clearances = world.clearances
            try:
                if not failed.is_twice:
                    await self.walk_last(block.always, (*path, ALWAYS))
            except EndHost:  # ``meta: end_play`` and its like end the way, but do not undo the failure
                self.state.failed = world.clearances == clearances
                raise
            if world.clearances == clearances:
                raise TaskFailed from None
            return
        await self.walk_last(block.always, (*path, ALWAYS))

    async def _rescued(self, block: Block, path: Position) -> None:
        if not any(self.play.is_tagged(self, each) for each in tasks_in(block.rescue)):
            await self.walk(block.body, (*path, BODY))
            return
        taken = self.turns_taken
        self.rescues.append(block)
        try:
            await self.walk(block.body, (*path, BODY))
        except TaskFailed as failed:
            self.rescues.pop()
            if failed.is_twice or self.turns_taken == taken:
                raise TaskFailed from None
            self.play.emit(HostRescued(host=self.name, task=block.key))
            await self.walk(block.rescue, (*path, RESCUE))
        except Signal:
            self.rescues.pop()
            raise
        else:
            self.rescues.pop()

    async def flush(self, path: Position) -> None:
        """Run the handlers that wait on this host, in the order they are defined, each once.

        One that is notified meanwhile runs too if it stands further down, else at the next flush.
        """
        for name in self.notified:
            self.waiting |= {each.key for each in self.play.meant_by(self, name)}
        self.notified.clear()
        self.is_flushing = True
        try:
            for index, handler in enumerate(self.play.handlers.in_order()):
                if handler.key in self.waiting:
                    self.waiting.discard(handler.key)
                    await self.play.perform(self, handler, (*path, index))
        finally:
            self.is_flushing = False
