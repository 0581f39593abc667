"""What the tests of the simulated Mac share, whether they call its tools or log in to it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import wraps
from typing import Any


@dataclass(frozen=True)
class Said:
    """What a command printed and how it exited."""

    out: str
    err: str
    code: int


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A coroutine test as one that pytest calls: in an event loop of its own."""

    @wraps(test)
    def run(*args: Any, **fixtures: Any) -> None:
        asyncio.run(test(*args, **fixtures))

    return run
