"""openclaw_pairing: nodes that wait are approved by name; a token is revoked, a device removed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Context, Module
from orchestrator.modules.openclaw.asking import GatewayArgs, Told, refused, rpc
from orchestrator.modules.types import StrList

Call = tuple[str, dict[str, Any]]
LISTS: tuple[Call, ...] = (("node.list", {}), ("device.pair.list", {}), ("node.pair.list", {}))
ROLE = "node"


class PairingArgs(GatewayArgs):
    approve: StrList = Field(default_factory=list, description="Nodes, by display name, whose requests are approved.")
    revoke: StrList = Field(default_factory=list, description="Nodes whose device token is revoked: they fail closed.")
    remove: StrList = Field(default_factory=list, description="Nodes whose device record is removed.")


def plan(args: PairingArgs, told: Told) -> Iterator[Call]:
    """The calls that bring about what is asked, from what the gateway lists now."""
    devices = told.payloads.get("device.pair.list") or {}
    surfaces = told.payloads.get("node.pair.list") or {}
    for row in devices.get("pending", []):
        if row.get("displayName") in args.approve:
            yield "device.pair.approve", {"requestId": row["requestId"]}
    for row in surfaces.get("pending", []):
        if row.get("displayName") in args.approve:
            yield "node.pair.approve", {"requestId": row["requestId"]}
    for row in devices.get("paired", []):
        live = [one for one in row.get("tokens", []) if one.get("role") == ROLE and not one.get("revokedAtMs")]
        if row.get("displayName") in args.revoke and live:
            yield "device.token.revoke", {"deviceId": row["deviceId"], "role": ROLE}
        if row.get("displayName") in args.remove:
            yield "device.pair.remove", {"deviceId": row["deviceId"]}


def pairing_steps(args: PairingArgs, ctx: Context) -> Steps:
    told = yield from _listed(args, ctx)
    if isinstance(told, Result):
        return told
    calls = list(plan(args, told))
    if calls and not ctx.check:
        done = yield from rpc(ctx, args, *calls)
        if isinstance(done, Result):
            return done
        if not done.ok or done.errors:
            return refused(done, "not all was done")
        told = yield from _listed(args, ctx)
        if isinstance(told, Result):
            return told
    return Result(changed=bool(calls), msg=_words(calls), data=_shown(told))


def _words(calls: list[Call]) -> str:
    return ", ".join(method for method, _ in calls) or "nothing to do"


def _listed(args: PairingArgs, ctx: Context) -> Generator[Any, Any, Told | Result]:
    told = yield from rpc(ctx, args, *LISTS)
    if isinstance(told, Result):
        return told
    return told if told.ok and not told.errors else refused(told, "the pairings cannot be listed")


def _shown(told: Told) -> dict[str, Any]:
    nodes = (told.payloads.get("node.list") or {}).get("nodes", [])
    devices = told.payloads.get("device.pair.list") or {}
    surfaces = told.payloads.get("node.pair.list") or {}
    return {
        "nodes": [
            {key: one.get(key) for key in ("displayName", "nodeId", "connected", "approvalState")} for one in nodes
        ],
        "pending": [
            {key: one.get(key) for key in ("displayName", "requestId")}
            for one in (*devices.get("pending", []), *surfaces.get("pending", []))
        ],
    }


PAIRING = Module(
    "openclaw_pairing",
    PairingArgs,
    pairing_steps,
    "Approves nodes that wait, revokes a node's token, removes its record; lists what is paired and pending.",
    returns={
        "nodes": "Every node: displayName, nodeId, connected, approvalState.",
        "pending": "Requests that still wait: displayName, requestId.",
    },
)
