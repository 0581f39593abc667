"""Making a connection by the name of its kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from orchestrator.model.errors import InventoryError
from orchestrator.model.events import Event, Said
from orchestrator.transport import loader
from orchestrator.transport.base import Address, Front, Limits
from orchestrator.transport.connection import NodeConnection
from orchestrator.transport.knock import Knock
from orchestrator.transport.ramp import Ramp
from orchestrator.transport.shells import OnEvent, Record, unrecorded

KINDS = ("ssh", "local", "fabric")
"""ansible_connection's words here; ``smart`` and ``paramiko`` are taken for ssh and fabric."""

_ALIASES = {"smart": "ssh", "paramiko": "fabric", "paramiko_ssh": "fabric", "asyncssh": "ssh"}


def _ignore(event: Event) -> None:
    """Takes an event and does nothing with it."""


def connect(
    address: Address,
    kind: str = "ssh",
    *,
    limits: Limits | None = None,
    run_id: str,
    ramp: Ramp | None = None,
    on_event: OnEvent = _ignore,
    record: Record = unrecorded,
    sent: Collection[str] = (),
    births: Mapping[str, str] | None = None,
    gone: Collection[str] = (),
) -> NodeConnection:
    """A connection that dials when it is first used. Raises InventoryError for an unknown ``kind``.

    ``ramp`` is shared by all connections of a run. ``on_event`` takes Connected, ConnectionLost and warnings (Said).
    ``record``, ``sent``, ``births`` and ``gone``: see NodeConnection.
    """
    chosen, limited, turns = _ALIASES.get(kind, kind), (limits or Limits()).told(address.options), ramp or Ramp()

    def warn(text: str) -> None:
        on_event(Said(level="warning", text=text, host=address.name))

    if chosen not in KINDS:
        raise InventoryError(
            f"{address.name}: connection {kind!r} is not known", hint=f"ansible_connection is one of {', '.join(KINDS)}"
        )
    return NodeConnection(
        address,
        partial(_dial, chosen, address, limited, turns, warn),
        limits=limited,
        run_id=run_id,
        on_event=on_event,
        record=record,
        sent=sent,
        births=births,
        gone=gone,
    )


async def _dial(kind: str, address: Address, limits: Limits, turns: Ramp, warn: Callable[[str], None]) -> Front:
    """Imports one front's libraries, which take their time, only when they are needed."""
    if kind == "local":
        from orchestrator.transport import local

        return local.LocalFront(address.directory)
    if kind == "fabric":
        from orchestrator.transport import fabric

        return await fabric.dial(address, limits, turns, warn)
    knock = Knock(address, limits, turns)
    await knock.begin()
    with loader.asked_directly():
        from orchestrator.transport import ssh
    return await ssh.dial(address, limits, turns, warn, knock)
