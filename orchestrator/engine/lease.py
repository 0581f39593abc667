"""Rented hosts: the inventory variable ``lease_until`` says when a host stops being ours.

After that moment its address may answer as a stranger, who would be handed our secrets. So it is asked before every
program: nothing is dialled, and nothing more is sent over a line that still stands. What was sent ahead of its turn is
halted shortly before.
"""

from __future__ import annotations

import time
from datetime import date, datetime
from typing import Any

from orchestrator.model.errors import InventoryError, LeaseEnded
from orchestrator.planning.render import Renderer

VARIABLE = "lease_until"
FORM = "write a date and time with its zone: 2026-11-30T18:00:00+01:00"


def check(host: str, renderer: Renderer, now_s: float | None = None) -> float | None:
    """How many seconds the lease of ``host`` has left; None where it has no end. Raises LeaseEnded where it is over.
    ``now_s``: seconds since 1970, the clock's by default."""
    value = renderer.value(renderer.variables.get(VARIABLE))
    if value is None or str(value).strip() == "":
        return None
    until = moment(host, value)
    left_s = until.timestamp() - (time.time() if now_s is None else now_s)
    if left_s <= 0:
        raise ended(host, until.isoformat())
    return left_s


def ended(host: str, until: str) -> LeaseEnded:
    """The error of a host whose lease ends at ``until``."""
    return LeaseEnded(
        f"the lease of {host} has ended",
        evidence=f"{VARIABLE} is {until}",
        hint=f"where it was renewed, say so in the inventory ({VARIABLE}); else take the host out of it",
    )


def moment(host: str, value: Any) -> datetime:
    """The moment that a variable's value names. Raises InventoryError for one without a time or a zone."""
    if (found := named(value)) is None:
        raise InventoryError(f"host {host}: {VARIABLE} {str(value)!r} names no moment", hint=FORM)
    return found


def named(value: Any) -> datetime | None:
    """The moment that ``value`` names; None where it has no time or no zone."""
    try:
        found = value if isinstance(value, date) else datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return found if isinstance(found, datetime) and found.tzinfo is not None else None
