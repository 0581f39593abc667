"""A play's hosts in the batches that its ``serial`` asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestrator.language.impossible import batch_size
from orchestrator.model.errors import NoBatchSize
from orchestrator.model.place import Place


def in_batches(hosts: Sequence[str], sizes: Sequence[Any], place: Place) -> list[list[str]]:
    """``hosts`` in batches of ``sizes``, which stand at ``place`` and the last of which repeats; in one where there are
    none. Raises NoBatchSize."""
    found, rest, turn = [], list(hosts), 0
    while rest:
        size = _size(sizes[min(turn, len(sizes) - 1)], len(hosts), place) if sizes else len(rest)
        found.append(rest[:size])
        rest, turn = rest[size:], turn + 1
    return found


def _size(written: Any, hosts: int, place: Place) -> int:
    """Hosts in a batch: a number (0 and less: all), or a percentage rounded down, at least 1."""
    try:
        number, is_percentage = batch_size(written)
    except (TypeError, ValueError):
        shown = str(written) if isinstance(written, str) else written
        raise NoBatchSize(
            f"serial takes numbers of hosts and percentages, not {shown!r}",
            place=place,
            hint='serial: 5, serial: "30%", or a list of such',
        ) from None
    if is_percentage:
        return max(1, int(number / 100 * hosts))
    return int(number) if number > 0 else max(1, hosts)
