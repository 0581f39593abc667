"""How OpenClaw on a node is asked: files, command line, and the running gateway over its WebSocket."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from pydantic import Field

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Script
from orchestrator.model.results import Result, failure
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Args, Context, script
from orchestrator.modules.declared import PRELUDE, refusal
from orchestrator.modules.macos.probing import PROBE, Answer, read, whole_seconds
from orchestrator.modules.openclaw.catalogue import Finding, classify
from orchestrator.modules.types import Int, Str

OPENCLAW_SH = script("openclaw", __file__)
RPC_JS = Path(__file__).with_name("rpc.js").read_text(encoding="utf-8")
CONFIG_JS = Path(__file__).with_name("config.js").read_text(encoding="utf-8")
PORT_MARK = "@PORT@"
CLI_LIMIT_S = 90.0
"""The slowest command of the product took a minute on a machine at load 10."""


class ServiceArgs(Args):
    """Which service of OpenClaw on this host."""

    label: Str = Field("ai.openclaw.gateway", pattern=r"^[\w.@-]+$", description="The service's launchd label.")
    port: Int | None = Field(
        None, ge=1, le=65535, description="The gateway's port; else the one in the service's definition, else 18789."
    )


class GatewayArgs(ServiceArgs):
    token: Str | None = Field(
        None, description="The token of record. It reaches the node on standard input only, and is never shown."
    )


@frozen
class Told:
    """A gateway's answers over its WebSocket. ``trouble``: why there are none, in the gateway's own words."""

    ok: bool
    trouble: str | None = None
    code: str | None = None
    server: Mapping[str, Any] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    payloads: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    proof: Mapping[str, Any] = field(default_factory=dict)


def request_text(token: str | None, calls: Sequence[tuple[str, Mapping[str, Any]]], **more: Any) -> str:
    """The request for rpc.js; the node puts its port in place of the mark."""
    asked = [{"method": method, "params": dict(params)} for method, params in calls]
    return json.dumps({"url": f"ws://127.0.0.1:{PORT_MARK}", "token": token or "", "calls": asked, **more})


def told_from(text: str, stderr: str = "") -> Told:
    """The answers in rpc.js's output; of several calls of one method the last counts."""
    try:
        told = json.loads(text)
    except ValueError:
        return Told(False, stderr.strip().split("\n")[0] or "the gateway's client printed nothing", "NO_ANSWER")
    connect = told.get("connect") or {}
    if not connect.get("ok"):
        error = connect.get("error") or {}
        detail = (error.get("details") or {}).get("code") or error.get("code")
        return Told(False, f"{error.get('message')} ({detail})", detail, proof=told.get("proof") or {})
    calls = told.get("calls", [])
    return Told(
        True,
        told.get("broken"),
        None,
        connect.get("server") or {},
        tuple((connect.get("auth") or {}).get("scopes") or ()),
        {call["method"]: call.get("payload") for call in calls if call.get("ok")},
        {call["method"]: str((call.get("error") or {}).get("message")) for call in calls if not call.get("ok")},
        told.get("proof") or {},
    )


def ask(
    ctx: Context, args: ServiceArgs, main: str, *more: Script, repeatable: bool = True, **values: str | Secret
) -> Generator[Run, Reply, Reply | Result]:
    """Run ``main`` of ``more`` after openclaw.sh; the reply, or the failed result of a program that could not go on."""
    reply = yield Run(
        main=main,
        scripts=(PRELUDE, PROBE, OPENCLAW_SH, *more),
        values={
            "label": args.label,
            "port": str(args.port or ""),
            "rpc_js": RPC_JS,
            "config_js": CONFIG_JS,
            "request": "",
            "probe_limit_s": whole_seconds(CLI_LIMIT_S),
            **values,
        },
        environment=ctx.environment,
        repeatable=repeatable,
        timeout_s=CLI_LIMIT_S + 30,
    )
    return refusal(reply) or reply


def ask_all(
    ctx: Context, args: ServiceArgs, main: str, *more: Script, **values: str | Secret
) -> Generator[Run, Reply, dict[str, Answer] | Result]:
    """As ``ask``, for a program of probes: their answers by name."""
    reply = yield from ask(ctx, args, main, *more, repeatable=True, **values)
    return reply if isinstance(reply, Result) else read(reply)


def rpc(
    ctx: Context, args: GatewayArgs, *calls: tuple[str, Mapping[str, Any]], token: str | None = None, **more: Any
) -> Generator[Run, Reply, Told | Result]:
    """Ask the running gateway; ``token`` in place of the one in the arguments."""
    request = Secret(request_text(args.token if token is None else token, calls, **more))
    reply = yield from ask(ctx, args, "oc_rpc_alone", repeatable=False, request=request)
    if isinstance(reply, Result):
        return reply
    return told_from(reply.stdout.decode(errors="replace"), reply.stderr.decode(errors="replace"))


def refused(told: Told, what: str) -> Result:
    """The failed result of a gateway that did not answer or said no."""
    trouble = told.trouble or "; ".join(told.errors.values()) or "no answer"
    row = classify(trouble)
    finding = Finding(row.code if row else "unreachable", trouble)
    return failure(f"{what}: {finding}", finding=finding.as_data())


def parsed(answer: Answer) -> Any:
    """What a command printed as JSON; None where that is none (its human words are on stderr)."""
    try:
        return json.loads(answer.output.stdout)
    except ValueError:
        return None
