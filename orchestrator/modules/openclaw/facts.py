"""openclaw_facts: what OpenClaw on this host is: versions, install, service, configuration, token source, sockets."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, SetFacts
from orchestrator.modules.base import Context, Module
from orchestrator.modules.openclaw.asking import GatewayArgs
from orchestrator.modules.openclaw.looking import Seen, look, masked
from orchestrator.modules.types import Bool, Str

FINGERPRINT_DIGITS = 12
METHODS = (("/Cellar/", "homebrew"), ("/homebrew/", "homebrew"), ("/.bun/", "bun"), ("/pnpm/", "pnpm"))


class FactsArgs(GatewayArgs):
    fingerprint_key: Str | None = Field(
        None, description="The project's key for fingerprints; without one there are none, since they could be guessed."
    )
    gateway: Bool = Field(True, description="False on a host that has only a node: no gateway is asked there.")


def fingerprint(value: str | None, key: str | None) -> str | None:
    """A keyed, comparable mark of a secret: HMAC-SHA-256, the first 12 hexadecimal digits."""
    if not value or not key:
        return None
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()[:FINGERPRINT_DIGITS]


def install_method(entry: str) -> str:
    """How it was installed, told from where it lies; ``unknown`` where that does not tell."""
    for part, name in METHODS:
        if part in entry:
            return name
    return "npm" if "/node_modules/" in entry else "unknown"


def facts_of(seen: Seen, args: FactsArgs, now_s: float) -> dict[str, Any]:
    """The facts as plain data, no secret among them."""
    told = seen.gateway
    status = seen.payload("status") or {}
    applied = seen.payload("config.get") or {}
    nodes = (seen.payload("node.list") or {}).get("nodes") or []
    rows = seen.sockets.on(seen.port) if seen.sockets else ()
    return {
        "version": seen.version,
        "runtime_version": status.get("runtimeVersion"),
        "installs": [{"path": path, "version": version} for path, version in seen.installs],
        "install_method": install_method(seen.where.get("entry", "")),
        "node_program": seen.where.get("node"),
        "config_path": seen.where.get("config"),
        "config_hash": seen.config_hash(),
        "config": masked(seen.config) if seen.config is not None else None,
        "config_applied": applied.get("configRevisionHash") == applied.get("appliedConfigHash") if applied else None,
        "refs": [{"path": ref.path, "source": ref.source, "provider": ref.provider, "id": ref.id} for ref in seen.refs],
        "service": {
            **seen.job.as_data(),
            "plist": seen.where.get("plist"),
            "environment_names": list(seen.service_names),
        },
        "port": seen.port,
        "sockets": [one.as_data() for one in rows],
        "token_source": seen.token_source,
        "token_fingerprint": fingerprint(args.token, args.fingerprint_key),
        "token_accepted": told.ok if told else None,
        "handshake_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_s)) if told and told.ok else None,
        "boot_id": told.server.get("bootId") if told else None,
        "pid": seen.process.pid if seen.process else None,
        "age_s": seen.process.age_s if seen.process else None,
        "cpu_s": seen.process.cpu_s if seen.process else None,
        "rss_bytes": seen.process.rss_bytes if seen.process else None,
        "memory_pressure_level": seen.pressure,
        "degraded_secrets": status.get("degradedSecretOwners"),
        "nodes": [
            {key: one.get(key) for key in ("displayName", "nodeId", "connected", "approvalState", "version")}
            for one in nodes
        ],
    }


def facts_steps(args: FactsArgs, ctx: Context) -> Steps:
    seen = yield from look(ctx, args, gateway=args.gateway, validate=False)
    if isinstance(seen, Result):
        return seen
    facts = facts_of(seen, args, time.time())
    head = f"OpenClaw {facts['version'] or 'unknown'}, running {facts['runtime_version'] or 'unknown'}"
    digest = facts["config_hash"] or "unread"
    msg = f"{head}; port {facts['port']}; token from {facts['token_source']}; configuration {digest}"
    return Result(msg=msg, data={"openclaw": facts}, effects=(SetFacts(values={"openclaw": facts}, discovered=True),))


FACTS = Module(
    "openclaw_facts",
    FactsArgs,
    facts_steps,
    "Reads what OpenClaw on this host is: versions, service, configuration, token source, sockets, nodes.",
    returns={
        "openclaw": "The facts, also set as `openclaw`: version, runtime_version, installs, refs, service, sockets,"
        " nodes, token_source, token_fingerprint, handshake_at, config_hash (without secrets, the same in any order of"
        " keys) and more; null: it could not be seen.",
    },
)
