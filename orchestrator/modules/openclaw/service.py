"""openclaw_service: the gateway or a node is restarted through the restart machine, and proven by its own words."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Literal

from pydantic import Field

from orchestrator.model.program import Sleep, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Context, Module
from orchestrator.modules.macos.launchd import LaunchdArgs, launchd_steps
from orchestrator.modules.macos.launchd_attempt import RestartArgs
from orchestrator.modules.openclaw.asking import GatewayArgs, rpc
from orchestrator.modules.openclaw.catalogue import Finding
from orchestrator.modules.openclaw.checks import Wanted, findings
from orchestrator.modules.openclaw.looking import Seen, look
from orchestrator.modules.openclaw.probe import told
from orchestrator.modules.types import Bool, Str

POLL_S = 1.0
READY = ("service", "sockets", "ready", "token", "nodes")


class ServiceArguments(GatewayArgs, RestartArgs):
    state: Literal["ready", "restarted"] = Field(
        "ready", description="ready: wait until it is; restarted: once, under the budget, then ready."
    )
    when_stale: Bool = Field(
        False, description="With restarted: only where the process is older than its plist, environment or program."
    )
    gateway: Bool = Field(True, description="False for a node's service: it is up when its process stays.")
    nodes: list[Str] = Field(default_factory=list, description="Nodes that must have connected again.")
    ready_s: float = Field(120, gt=0, description="The limit for readiness, in seconds; a node reconnects within 30.")


def service_steps(args: ServiceArguments, ctx: Context) -> Steps:
    before = yield from look(ctx, args, gateway=args.gateway, validate=args.gateway)
    if isinstance(before, Result):
        return before
    wanted = args.state == "restarted" and not (args.when_stale and not findings(before, Wanted(), ["stale"]))
    story: list[str] = []
    if wanted:
        blocked = findings(before, Wanted(), ["config"]) if args.gateway else []
        if blocked:
            return told(blocked, ["config"], fail=True).but(msg=f"not restarted: {blocked[0]}")
        done = yield from launchd_steps(_order(args), ctx)
        if done.failed or done.unknown:
            return (yield from _explained(args, ctx, done))
        story = list(done.data.get("story", ()))
    if ctx.check:
        return Result(changed=wanted, data={"story": story})
    return (yield from _awaited(args, ctx, before, story, changed=wanted))


def _order(args: ServiceArguments) -> LaunchdArgs:
    given = {name: getattr(args, name) for name in RestartArgs.model_fields if name in args.model_fields_set}
    return LaunchdArgs.model_validate({**given, "label": args.label, "state": "restarted"})


def _explained(args: ServiceArguments, ctx: Context, done: Result) -> Steps:
    """A restart that failed, with what the service's own log says of the cause."""
    seen = yield from look(ctx, args, gateway=args.gateway, validate=False)
    if isinstance(seen, Result):
        return done
    found = findings(seen, Wanted(), ["sockets", "service"])
    if not found:
        return done
    first = found[0]
    return done.but(msg=f"{first}\n  {done.msg}", data={**done.data, "finding": first.as_data()})


def _awaited(
    args: ServiceArguments, ctx: Context, before: Seen, story: list[str], *, changed: bool
) -> Generator[Any, Any, Result]:
    """Wait until socket, /readyz, read and write RPC and the nodes are there; tell how long that took."""
    started_s, waited_s = time.monotonic(), 0.0
    while True:
        seen = yield from look(ctx, args, gateway=args.gateway, validate=False)
        if isinstance(seen, Result):
            return seen
        found = _missing(args, seen, before, changed=changed)
        if not found and args.gateway and args.token:
            found = yield from _written(args, ctx, seen)
        if not found or waited_s >= args.ready_s or _is_final(found):
            break
        yield Sleep(POLL_S)
        waited_s += POLL_S
    result = told(found, READY, fail=True)
    wall_s = round(time.monotonic() - started_s, 1)
    data = {"story": story, "boot_id": _boot(seen), "pid": seen.job.pid, "wall_s": wall_s, "waited_s": waited_s}
    cpu_s = seen.process.cpu_s if seen.process else None
    return result.but(changed=changed, data={**result.data, **data, "cpu_s": cpu_s})


def _missing(args: ServiceArguments, seen: Seen, before: Seen, *, changed: bool) -> list[Finding]:
    if not args.gateway:
        return findings(seen, Wanted(), ["service"])
    names = [name for name in READY if name != "token" or args.token]
    found = findings(seen, Wanted(nodes=tuple(args.nodes)), names)
    if changed and not found and _boot(seen) is not None and _boot(seen) == _boot(before):
        return [Finding("stale_process", "the gateway that answers is the one from before the restart", seen.names)]
    return found


def _boot(seen: Seen) -> str | None:
    return str(seen.gateway.server.get("bootId")) if seen.gateway and seen.gateway.ok else None


def _written(args: ServiceArguments, ctx: Context, seen: Seen) -> Generator[Any, Any, list[Finding]]:
    """A call that needs the scope to write: it asks for the approvals, which only an administrator may see."""
    answer = yield from rpc(ctx, args, ("exec.approvals.get", {}))
    if isinstance(answer, Result) or not answer.ok or answer.errors:
        words = str(answer.msg) if isinstance(answer, Result) else answer.trouble or str(dict(answer.errors))
        return [Finding("scope", words, seen.names)]
    return []


def _is_final(found: list[Finding]) -> bool:
    """Waiting mends no wrong token, no wide bind, no taken port."""
    return found[0].code in (
        "token_mismatch",
        "bind_wide",
        "port_taken",
        "config_invalid",
        "awaiting_approval",
        "rate_limited",
    )


SERVICE = Module(
    "openclaw_service",
    ServiceArguments,
    service_steps,
    "Restarts OpenClaw's gateway or node once under the budget, and proves it: socket, /readyz, RPC, nodes.",
    returns={
        "finding": "What is missing: code, layer, cause, evidence, next; null where it is ready.",
        "story": "What was done, in order.",
        "wall_s": "Seconds until it was ready, of which `waited_s` were spent waiting; `cpu_s` is the process's own.",
        "boot_id": "The gateway's mark of this start.",
    },
)
