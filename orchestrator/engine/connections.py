"""The connections of a run: one to each machine and login, made on first use, closed together at the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from orchestrator.engine.login import Known, Login
from orchestrator.engine.options import Options
from orchestrator.engine.resume import Past
from orchestrator.model.events import Event, ShellOpened
from orchestrator.transport.base import Connection

if TYPE_CHECKING:
    from orchestrator.transport.crew import Crew
    from orchestrator.transport.ramp import Ramp

Connect = Callable[[Login], Connection]
"""Makes a connection without dialling."""

CLOSE_LIMIT_S = 15.0
HALT_S = 3.0
"""So long before a lease ends, what was sent ahead is halted: that takes a shell of its own."""
CLOSING = 200
"""So many are closed at once: each must be through within its limit, and thousands would wait for one another."""
MANY = 200
"""From so many hosts on, a worker process is worth its start: 0.3 s of CPU, where a host takes 4 ms off our hands."""


class Connections:
    """Connections by login; hosts that share an address and a user share one only where they are the same host."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._open: dict[Login, Connection] = {}
        self.known: dict[str, Known] = {}
        """The last login of each host."""
        self._holding: set[int] = set()
        """Ids of connections to nodes that hold results which the journal has not."""
        self._left: set[str] = set()
        """Hosts that nothing may be sent to any more."""
        self._ends: dict[str, float] = {}
        """When the loop's clock says that nothing may begin any more that was sent ahead to these hosts."""
        self._halting: set[asyncio.Future[Any]] = set()

    def to(self, login: Login) -> Connection:
        """The connection for ``login``; nothing is dialled before its first use."""
        if login not in self._open:
            self._open[login] = self._connect(login)
        return self._open[login]

    async def reset(self, login: Login) -> None:
        """Close the connection for ``login``, if there is one; the next use dials anew."""
        if login in self._open:
            await self._open[login].reset()

    def hold(self, connection: Connection | None) -> None:
        """The node keeps a result that the journal has not: it stays there if the run is cut off."""
        self._holding.add(id(connection))

    def leave(self, host: str) -> None:
        """Send nothing more to ``host``, not even to clean up."""
        self._left.add(host)

    def end_at(self, host: str, left_s: float) -> None:
        """``host`` is ours for ``left_s`` more: what was sent ahead there is halted before that."""
        if host not in self._ends:
            loop = asyncio.get_running_loop()
            self._ends[host] = loop.time() + left_s - HALT_S
            loop.call_at(self._ends[host], self._halt, host)

    def is_ending(self, host: str) -> bool:
        """Whether nothing may be sent ahead to ``host`` any more."""
        return host in self._ends and asyncio.get_running_loop().time() >= self._ends[host]

    def _halt(self, host: str) -> None:
        halting = asyncio.ensure_future(self.halt(host))
        self._halting.add(halting)
        halting.add_done_callback(self._halting.discard)

    async def halt(self, host: str | None = None) -> None:
        """What was sent ahead to any node, or to ``host``, and has not begun does not begin."""
        chosen = [each for login, each in self._open.items() if host in (None, login.address.name)]
        await asyncio.gather(*(each.halt() for each in chosen))

    async def close(self, *, is_cut_off: bool = False, lost: Collection[str] = ()) -> None:
        """Leave nothing on any node, then hang up; bounded. A run that is cut off leaves what its resumption needs, and
        so does one that ends without its ``lost`` hosts, on these."""
        connections, self._open = self._open, {}
        turns = asyncio.Semaphore(CLOSING)

        def is_left(login: Login, connection: Connection) -> bool:
            is_wanted = is_cut_off or login.address.name in lost
            return login.address.name in self._left or (is_wanted and id(connection) in self._holding)

        await asyncio.gather(*(self._close(each, is_left(login, each), turns) for login, each in connections.items()))

    async def _close(self, connection: Connection, is_left: bool, turns: asyncio.Semaphore) -> None:
        with suppress(TimeoutError):
            async with turns, asyncio.timeout(CLOSE_LIMIT_S):
                await (connection.reset() if is_left else connection.close())


class Dialler:
    """Makes connections by the kind and address of a login, with the run's limits and one ramp for all handshakes; they
    know what those of the run's ``past`` have left.

    Where the options or the number of hosts ask for it, workers hold them, all but those to this machine itself.
    """

    def __init__(
        self,
        options: Options,
        run_id: str,
        emit: Callable[[Event], None],
        sync: Callable[[], Awaitable[None]],
        past: Past,
    ) -> None:
        self._options = options
        self._run_id = run_id
        self._emit = emit
        self._sync = sync
        self._past = past
        self._ramp: Ramp | None = None
        self._crew: Crew | None = None

    def dial(self, login: Login) -> Connection:
        """A connection that dials when it is first used."""
        before = self._past.spools(login)
        if self._crew is not None and login.kind != "local":
            from orchestrator.transport.proxy import ProxyConnection

            return ProxyConnection(
                login.address, login.kind, self._crew, on_event=self._emit, record=self._record, **before
            )
        from orchestrator.transport.open import connect  # here, since a run that reaches no host need not import it
        from orchestrator.transport.ramp import Ramp

        self._ramp = self._ramp or Ramp()
        limits = self._options.limits
        return connect(
            login.address,
            login.kind,
            limits=limits,
            run_id=self._run_id,
            ramp=self._ramp,
            on_event=self._emit,
            record=self._record,
            **before,
        )

    async def _record(self, opened: ShellOpened) -> None:
        self._emit(opened)
        await self._sync()

    async def begin(self, hosts: int) -> None:
        """Meet the workers, where a run on so many hosts has any. Raises UserError where that fails."""
        if self._options.engine is None and hosts < MANY:
            return
        from orchestrator.transport.hiring import crew, fitting

        self._crew = crew(self._options.engine or fitting(os.cpu_count() or 1), self._run_id, self._options.limits)
        if self._crew is not None:
            await self._crew.begin()

    async def close(self) -> None:
        """Send the workers home, if there are any; bounded."""
        if self._crew is not None:
            await self._crew.close()
