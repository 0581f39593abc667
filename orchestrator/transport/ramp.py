"""How many SSH handshakes may be under way at once.

OpenSSH's sshd begins to refuse at ten unauthenticated connections (``MaxStartups 10:30:100``), so a fleet that knocks
all at once locks itself out. Eight at once per address or bastion stays below that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Ramp:
    """Shared by all connections of a run."""

    def __init__(self, per_address: int = 8, overall: int = 50) -> None:
        self._per_address = per_address
        self._overall = asyncio.Semaphore(overall)
        self._addresses: dict[tuple[str, int], asyncio.Semaphore] = {}

    @asynccontextmanager
    async def turn(self, host: str, port: int) -> AsyncIterator[None]:
        """The body is one handshake with this address."""
        one = self._addresses.setdefault((host, port), asyncio.Semaphore(self._per_address))
        async with one, self._overall:
            yield
