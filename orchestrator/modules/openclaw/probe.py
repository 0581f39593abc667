"""openclaw_probe: one good probe per layer, the first that is red names cause and next step."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Literal

from pydantic import Field

from orchestrator.model.program import Reach, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Context, Module
from orchestrator.modules.macos.clock import Limits, sample
from orchestrator.modules.openclaw.asking import GatewayArgs, Told, rpc
from orchestrator.modules.openclaw.catalogue import Finding, classify
from orchestrator.modules.openclaw.checks import CHECKS, OF_GATEWAY, Wanted, findings, summary
from orchestrator.modules.openclaw.looking import Seen, look
from orchestrator.modules.types import Bool, Dict, Float, Str, StrList

CLOCK_SAMPLES = 3


class ProbeArgs(GatewayArgs):
    checks: StrList = Field(
        default_factory=lambda: ["clock", *CHECKS],
        description=f"Which checks: clock, {', '.join(CHECKS)}. They are made in this order, whatever the order here.",
    )
    gateway: Bool = Field(True, description="False on a host that has only a node: what needs the gateway is left out.")
    nodes: StrList = Field(
        default_factory=list, description="Nodes, by display name or id, that must be connected and approved."
    )
    invoke: Bool = Field(False, description="Also run one read-only command (`system.which`) on each of `nodes`.")
    registry: Dict | None = Field(
        None,
        description="The registry of secrets, by name: every reference must be in it, and it in the configuration.",
    )
    exec_security: Str | None = Field(
        None, description="The execution policy that must be in effect, such as allowlist."
    )
    outside: Literal["open", "closed"] | None = Field(
        None, description="What a TCP connection from the controller to the gateway's port must find."
    )
    outside_host: Str | None = Field(None, description="The address to reach from outside; else the host's own.")
    clock_limit_s: Float = Field(30.0, gt=0, description="How far the clock may be off, in seconds.")
    fail: Bool = Field(True, description="Whether a finding fails the task; else it is only told.")


def probe_steps(args: ProbeArgs, ctx: Context) -> Steps:
    unknown = sorted(set(args.checks) - {"clock", *CHECKS})
    if unknown:
        return Result(failed=True, msg=f"unknown checks {', '.join(unknown)}; there are clock, {', '.join(CHECKS)}")
    found: list[Finding] = []
    if "clock" in args.checks:
        found += yield from _clock(args, ctx)
    names = [name for name in args.checks if args.gateway or name not in OF_GATEWAY]
    seen = yield from look(
        ctx, args, gateway=args.gateway, validate="config" in names, sockets=bool({"sockets", "service"} & set(names))
    )
    if isinstance(seen, Result):
        return seen
    registry = {name: str(purpose) for name, purpose in args.registry.items()} if args.registry is not None else None
    found += findings(seen, Wanted(registry, tuple(args.nodes), args.exec_security), names)
    if args.outside:
        found += yield from _outside(args, ctx, seen)
    if args.invoke and not found:
        found += yield from _invoked(args, ctx, seen)
    return told(
        found, ["clock"] * ("clock" in args.checks) + [name for name in CHECKS if name in names], fail=args.fail
    )


def told(found: Sequence[Finding], checks: Sequence[str], *, fail: bool) -> Result:
    """The result of any set of checks: the first finding speaks, all are kept."""
    layers = summary(found)
    if not found:
        return Result(msg=f"{len(checks)} checks hold", data={"finding": None, "findings": [], "layers": layers})
    first = found[0]
    more = f"\n  and {len(found) - 1} more: {', '.join(one.code for one in found[1:])}" if len(found) > 1 else ""
    data = {"finding": first.as_data(), "findings": [one.as_data() for one in found], "layers": layers}
    return Result(failed=fail, msg=f"{first}{more}", data=data)


def _clock(args: ProbeArgs, ctx: Context) -> Generator[Any, Any, list[Finding]]:
    best = yield from sample(ctx, CLOCK_SAMPLES)
    if isinstance(best, Result):
        return [Finding("unseen", f"the clock: {best.msg}")]
    if Limits(fail_s=args.clock_limit_s).verdict(best) in ("fail", "stop"):
        return [Finding("clock_off", f"{best.offset_s:+.1f} s (± {best.bound_s:.1f} s) against the controller")]
    return []


def _outside(args: ProbeArgs, ctx: Context, seen: Seen) -> Generator[Reach, str | None, list[Finding]]:
    host = args.outside_host or str(ctx.variables.get("ansible_host") or ctx.host)
    refused = yield Reach(host, seen.port)
    if (refused is None) == (args.outside == "open"):
        return []
    code = "bind_wide" if refused is None else "unreachable"
    return [Finding(code, f"{host}:{seen.port} from the controller: {refused or 'it can be reached'}", seen.names)]


def _invoked(args: ProbeArgs, ctx: Context, seen: Seen) -> Generator[Any, Any, list[Finding]]:
    """A read-only round trip through gateway, approval and node process, for each node."""
    listed = {one.get("displayName"): one.get("nodeId") for one in (seen.payload("node.list") or {}).get("nodes", [])}
    found: list[Finding] = []
    for name in args.nodes:
        params = {"nodeId": listed.get(name, name), "command": "system.which", "params": {"bins": ["uname"]}}
        answer = yield from rpc(
            ctx, args, ("node.invoke", {**params, "idempotencyKey": f"{ctx.host}-{name}-{seen.where['now']}"})
        )
        trouble = str(answer.msg) if isinstance(answer, Result) else _trouble(answer)
        if trouble:
            row = classify(trouble)
            found.append(Finding(row.code if row else "node_unsound", f"system.which on {name}: {trouble}", seen.names))
    return found


def _trouble(answer: Told) -> str | None:
    if not answer.ok or answer.errors:
        return answer.trouble or "; ".join(answer.errors.values())
    result = answer.payloads.get("node.invoke") or {}
    return None if result.get("ok") else str(result)


PROBE_MODULE = Module(
    "openclaw_probe",
    ProbeArgs,
    probe_steps,
    "Proves OpenClaw layer by layer; the first red one names cause, evidence and next step.",
    returns={
        "finding": "The first finding: code, layer (A transport, B policy, C secrets, D runtime), cause, evidence,"
        " next, step; null where all holds.",
        "findings": "All of them, in the order of diagnosis.",
        "layers": "Per layer green, or the code of its first finding.",
    },
)
