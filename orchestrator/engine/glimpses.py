"""What was looked at on a host ahead of the tasks that will want to know it.

A look changes nothing, so it travels with programs that go ahead anyway, and its reply is at hand when the task is
written. What it saw may be old by then: the task's own program looks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.errors import HostError
from orchestrator.model.program import Reply, Run

if TYPE_CHECKING:
    from orchestrator.engine.machine import Machine


class Glimpses:
    """The looks at one host in one play."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._pending: list[tuple[Machine, Run]] = []
        self._seen: list[tuple[str, Run, Reply]] = []

    def look(self, machine: Machine, program: Run) -> None:
        """Write ``program`` behind those that are with the node, once for each task."""
        if machine.key not in self._asked:
            self._asked.add(machine.key)
            self._pending.append((machine, program))
            machine.look(program)

    async def collect(self) -> None:
        """Take the replies that are on their way; one that does not come was no look."""
        pending, self._pending = self._pending, []
        for machine, program in pending:
            try:
                self._seen.append((machine.where, program, await machine.looked(program)))
            except HostError:
                continue

    async def seen(self, where: str, program: Run) -> Reply | None:
        """``of``, once what is on its way has come."""
        await self.collect()
        return self.of(where, program)

    async def drop(self) -> None:
        """The host is through: nobody will ask, and a look that was never answered is no task that may still run."""
        pending, self._pending = self._pending, []
        for machine, _ in pending:
            await machine.drop_look()

    def of(self, where: str, program: Run) -> Reply | None:
        """What ``program`` has seen in the shell ``where``; None where nobody looked."""
        return next((reply for at, seen, reply in self._seen if (at, seen) == (where, program)), None)
