"""What strangers and careless people may hand to ``orch``: inputs by the hundred, and what must hold for every one.

``python -m tests.chaos.hostile`` gives all of them to the command line; nothing is executed, written or shown that
should not be, nothing takes long, and nothing ends with a traceback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Look = Callable[[str], str | None]
"""Given all that was printed: what is wrong, or None."""


def nothing_more(said: str) -> str | None:
    return None


@dataclass(frozen=True)
class Case:
    """Files to lie in an empty directory, and the command line that meets them. ``status``: those that may follow."""

    name: str
    words: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    status: tuple[int, ...] = (0, 1, 2, 4, 5, 6)
    look: Look = nothing_more
    starts: tuple[str, ...] = ()
    """The programs that this command may start on this machine."""
    links: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    """Beginnings of the paths that it may write."""
