"""A play's hosts in the batches that its ``serial`` asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def in_batches(hosts: Sequence[str], sizes: Sequence[Any]) -> list[list[str]]:
    """``hosts`` in batches of ``sizes``, the last of which repeats; in one where there are none."""
    found, rest, turn = [], list(hosts), 0
    while rest:
        size = _size(sizes[min(turn, len(sizes) - 1)], len(hosts)) if sizes else len(rest)
        found.append(rest[:size])
        rest, turn = rest[size:], turn + 1
    return found


def _size(written: Any, hosts: int) -> int:
    """Hosts in a batch: a number (0 and less: all), or a percentage rounded down, at least 1."""
    text = str(written).strip()
    if text.endswith("%"):
        return max(1, int(float(text[:-1]) / 100 * hosts))
    return int(text) if int(text) > 0 else max(1, hosts)
