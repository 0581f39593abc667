"""Every wait has a limit, and the limit has a name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from orchestrator.model.errors import HostError, LimitExceeded


@asynccontextmanager
async def within(
    seconds: float, what: str, error: type[HostError] = LimitExceeded, hint: str | None = None
) -> AsyncIterator[None]:
    """Raises ``error`` where the body takes longer than ``seconds``; ``what`` says what did not happen."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError as late:
        if not limit.expired():
            raise
        raise error(f"{what} within {seconds:g} s", hint=hint) from late
