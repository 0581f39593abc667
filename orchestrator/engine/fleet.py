"""A whole run: plays one after another, each over its hosts in batches, with everything that hosts share."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from orchestrator import __version__
from orchestrator.engine.connections import Connect, Connections, Dialler
from orchestrator.engine.door import Door
from orchestrator.engine.host_state import HostState
from orchestrator.engine.jobs import Jobs
from orchestrator.engine.lockstep import Round
from orchestrator.engine.machine import Services
from orchestrator.engine.options import Options
from orchestrator.engine.play_run import PlayRun
from orchestrator.engine.resume import NOTHING, Past
from orchestrator.engine.site import Site
from orchestrator.engine.start_at import not_found
from orchestrator.engine.world import World
from orchestrator.language import reading
from orchestrator.language.keywords import ORDERS
from orchestrator.language.tree import Play, Playbook, Prompt, Task
from orchestrator.model.errors import ConfigError, LeaseEnded, UserError
from orchestrator.model.events import (
    Answered,
    BatchStarted,
    Event,
    Leaving,
    NoHosts,
    PlayStarted,
    RunEnded,
    RunStarted,
    Said,
)
from orchestrator.model.hosts import Inventory
from orchestrator.model.place import place_of
from orchestrator.model.program import Ask
from orchestrator.model.status import Status
from orchestrator.planning.filters.crypt import password_hash

STOPPED = "stopped on request"

NO_INVENTORY = "no hosts matched: no inventory names any; give one with -i (localhost needs none, but 'all' is not it)"


class Fleet:
    """One run of a playbook. ``run()`` returns the exit status; everything else is told by events."""

    def __init__(
        self,
        playbook: Playbook,
        inventory: Inventory,
        options: Options,
        emit: Callable[[Event], None],
        *,
        run_id: str,
        services: Services,
        connect: Connect | None = None,
        command: Sequence[str] = (),
        reading_options: reading.Options | None = None,
        reload_inventory: Callable[[], Inventory] | None = None,
        past: Past = NOTHING,
        invocation: Mapping[str, Any] | None = None,
    ) -> None:
        self.playbook = playbook
        self.options = options
        self.run_id = run_id
        self.services = services
        self.emit = emit
        self.command = tuple(command)
        self.past = past
        self.invocation = invocation or {}
        self.dialler = Dialler(options, run_id, emit, services.sync, past)
        self.connections = Connections(connect or self.dialler.dial)
        self.jobs = Jobs(run_id)
        self.forks = asyncio.Semaphore(options.forks)
        self.door = Door()
        self.world = World(
            inventory, playbook, options, emit, reading_options=reading_options, reload_inventory=reload_inventory
        )
        self.stopping = asyncio.Event()
        self.stopped_by = STOPPED
        self.is_interrupted = False
        self._halting: asyncio.Future[None] | None = None
        self.is_through = False
        """All plays were played: there is nothing left that a signal could stop."""
        self.start_was_found = self.start_was_seen = False
        self._step_all = False
        self._is_broken = False

    def interrupt(self) -> None:
        """Stop since a person, or a signal, asked for it."""
        self.is_interrupted = True
        self.stop(STOPPED)

    def stop(self, reason: str) -> None:
        """Finish the tasks that run, begin no other, and end; ``reason`` is told at the end."""
        self.stopping.set()
        self.stopped_by = reason
        self._halting = asyncio.ensure_future(self.connections.halt())

    @property
    def is_stopping(self) -> bool:
        return self.stopping.is_set()

    async def pause(self, seconds: float) -> None:
        """Wait between two turns of a loop, or two tries; not any longer once the run is to stop."""
        waits = [asyncio.ensure_future(self.services.sleep(seconds)), asyncio.ensure_future(self.stopping.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def run(self) -> int:
        """Run all plays; the exit status. Raises UserError for a mistake in a file or on the command line."""
        await self.dialler.begin(self.world.check_limit())
        started = time.monotonic()
        self.emit(
            RunStarted(
                run=self.run_id,
                version=__version__,
                command=self.command,
                playbooks=dict(self.playbook.files),
                hosts=tuple(self.world.inventory.hosts),
                check=self.options.check,
                resumed=self.past.is_resumed,
                invocation=self.invocation,
            )
        )
        status = int(Status.BUG)
        reason: str | None = "a bug in orch ended the run"
        try:
            for play in self.playbook.plays:
                if self.is_stopping or (play.index in self.playbook.begins and self._status()):
                    break
                if not await self._play(play):
                    break
            status, reason = self._status(), self.stopped_by if self.is_stopping else None
            if self.options.leaves_hosts and not self.is_stopping:
                reason = f"other hosts than {self.options.limit} are left"
            elif not self.is_stopping:
                self._come_through()
        except UserError as error:
            status, reason = error.status, error.message
            raise
        except asyncio.CancelledError:
            status, reason = Status.INTERRUPTED, "stopped at once"
            raise
        finally:
            await self.services.sync()
            await self._leave()
            self.emit(
                RunEnded(
                    status=status,
                    hosts=tuple(state.summary() for state in self.world.seen_states()),
                    duration_s=round(time.monotonic() - started, 3),
                    reason=reason,
                    stats=self.world.stats,
                )
            )
            await self.services.sync()
        return status

    def _come_through(self) -> None:
        wanted = self.options.start_at_task
        if wanted and not self.start_was_seen:
            self.emit(Said(level="error", text=not_found(wanted, self.playbook)))
        self.emit(Leaving())
        self.is_through = True

    async def _leave(self) -> None:
        """Let go of all nodes."""
        if self._halting is not None:
            await asyncio.wait({self._halting})
        await self.jobs.let_go()
        lost = {state.name for state in self.world.seen_states() if state.unreachable}
        await self.connections.close(is_cut_off=not self.is_through, lost=lost)
        await self.dialler.close()

    async def _play(self, play: Play) -> bool:
        """Run one play; False where the run must end with it."""
        self.world.read_vars_files(play, None, is_final=False)
        await self._prompt(play)
        self.world.settle(play)
        matched = self.world.hosts_of(play)
        hosts = self._ordered(play, matched)
        self.world.begin(play, matched)
        if not hosts:
            self._announce(play, [])
            self.emit(
                NoHosts(play=play.index, reason="no hosts matched" if self.world.inventory.hosts else NO_INVENTORY)
            )
            return True
        for number, batch in enumerate(self.world.batches(play, hosts)):
            run = await self._batch(play, batch, number)
            self.start_was_found = self.start_was_seen
            self.world.end_batch(batch)
            is_ended = run is not None and run.play_ended  # on purpose: who has failed does not count
            if self.is_stopping or (run is not None and not is_ended and self._is_lost(run, batch)):
                return False
            if is_ended:
                break
        return True

    async def _batch(self, play: Play, batch: list[str], number: int) -> PlayRun | None:
        """Run one batch; None where none of its hosts is left."""
        self._announce(play, batch)
        self.emit(BatchStarted(play=play.index, batch=number, hosts=tuple(batch)))
        able = [name for name in batch if self.world.state_of(name).usable]
        for state in self.world.seen_states():
            state.failed = state.failed or state.written_off  # from the next play on, rescued or not (as in Ansible)
        if not able:
            return None
        run = PlayRun(self, play, able, number, len(batch))
        await run.run()
        return run

    def _is_lost(self, run: PlayRun, batch: list[str]) -> bool:
        """Whether the run must end with this batch: too many failed, or every host that the play names. Where some were
        gone before, the run goes on to other plays (so does Ansible)."""
        is_empty = not any(self.world.state_of(name).usable for name in run.hosts)
        # Ansible says it where the percentage passed, and again where that left nobody.
        for _ in range(run.broken * 2 or (is_empty and run.is_free)):
            self.emit(NoHosts(play=run.play.index, reason="no hosts left"))
        self._is_broken = run.broken
        return run.broken or (is_empty and len(run.hosts) == len(batch))

    def _announce(self, play: Play, hosts: Sequence[str]) -> None:
        name = self.world.play_name(play)
        self.emit(PlayStarted(play=play.index, name=name, hosts=tuple(hosts), place=str(play.place)))

    def _ordered(self, play: Play, hosts: list[str]) -> list[str]:
        order = self.world.play_value(play, play.order) or "inventory"
        if order not in ORDERS:
            hint = f"known: {', '.join(ORDERS)}"
            raise ConfigError(f"invalid order of hosts: {order!r}", place=place_of(play.order) or play.place, hint=hint)
        match order:
            case "sorted":
                return sorted(hosts)
            case "reverse_sorted":
                return sorted(hosts, reverse=True)
            case "reverse_inventory":
                return hosts[::-1]
            case "shuffle":
                # Seeded, so that a resumed run has the same order.
                return random.Random(f"{self.run_id}/{play.index}").sample(hosts, len(hosts))
        return hosts

    async def _prompt(self, play: Play) -> None:
        """Ask for the play's ``vars_prompt``; extra vars of the same name answer beforehand."""
        answers: dict[str, Any] = {}
        for prompt in play.vars_prompt:
            if (play.index, prompt.name) in self.past.answers:
                answers[prompt.name] = self.past.answers[play.index, prompt.name]
            elif prompt.name not in self.options.extra_vars:
                answers[prompt.name] = answer = await self._answer(play, prompt)
                self.emit(Answered(play=play.index, name=prompt.name, value=None if prompt.private else answer))
        if answers:
            self.world.answer(play, answers)

    async def _answer(self, play: Play, prompt: Prompt) -> Any:
        default = self.world.play_value(play, prompt.default)
        text = str(self.world.play_value(play, prompt.prompt) or prompt.name)
        shown = f"{text} [{default}]: " if default not in (None, "") else f"{text}: "
        once, again = (Ask(f"{word}{shown}", echo=not prompt.private) for word in ("", "confirm "))
        given = await self.services.ask(once)
        while prompt.confirm and given and given != await self.services.ask(again):
            self.warn("***** VALUES ENTERED DO NOT MATCH ****")
            given = await self.services.ask(once)
        answer = default if not given and default is not None else given
        if prompt.encrypt:
            answer = password_hash(answer, prompt.encrypt, prompt.salt, prompt.salt_size)
        return str(answer)  # a text, whatever the default was; "None" where there is no answer (so does Ansible)

    async def confirm(self, task: Task, together: Round, name: str) -> bool:
        """``--step``: whether a person wants ``task`` to run; one answer for all hosts of a round."""
        if not self.options.step or self._step_all:
            return True
        asked: asyncio.Future[bool] | None = together.shared.get("step")
        if asked is None:
            asked = together.shared["step"] = asyncio.get_running_loop().create_future()
            answer = await self.services.ask(Ask(f"Perform task: {name} (N)o/(y)es/(c)ontinue: "))
            word = (answer or "n").strip().lower()[:1]
            self._step_all = word == "c"
            asked.set_result(word in ("y", "c"))
        return await asyncio.shield(asked)

    async def reset_connection(self, run: PlayRun, host: HostState, task: Task) -> None:
        """``meta: reset_connection``: the host's next task dials anew."""
        with suppress(LeaseEnded):  # its next task says so
            await self.connections.reset(Site.of(run, host, task, run.renderer(host, task)).login())

    def _status(self) -> int:
        if self.is_interrupted:
            return Status.INTERRUPTED
        states = list(self.world.seen_states())
        if self._is_broken and not any(state.unknown for state in states):
            return Status.FAILED
        if any(state.unreachable or state.unknown for state in states):
            return Status.UNREACHABLE
        return Status.FAILED if self.is_stopping or any(state.failed for state in states) else Status.OK

    def warn(self, text: str) -> None:
        self.emit(Said(level="warning", text=text))
