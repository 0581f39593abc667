"""How many SSH handshakes may be under way at once.

OpenSSH's sshd begins to refuse the next one when ten connections have not logged in yet (``MaxStartups 10:30:100``,
sshd_config(5)), so a fleet that knocks all at once locks itself out. Ten at once to one address is what it takes; a
bastion, which others pass too, sees eight.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_BASTION = 8


class Ramp:
    """Shared by all connections of a run."""

    def __init__(self, per_address: int = 10, overall: int = 50) -> None:
        self._per_address = per_address
        self._overall = asyncio.Semaphore(overall)
        self._addresses: dict[tuple[str, int], asyncio.Semaphore] = {}

    @asynccontextmanager
    async def turn(self, host: str, port: int, *, is_bastion: bool = False) -> AsyncIterator[None]:
        """The body is one handshake with this address."""
        most = min(AT_BASTION, self._per_address) if is_bastion else self._per_address
        one = self._addresses.setdefault((host, port), asyncio.Semaphore(most))
        async with one, self._overall:
            yield
