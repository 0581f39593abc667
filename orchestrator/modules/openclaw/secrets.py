"""openclaw_secrets: the references of the configuration against registry, service environment and running gateway."""

from __future__ import annotations

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.openclaw.asking import GatewayArgs, ask_all, parsed, refused, rpc
from orchestrator.modules.openclaw.catalogue import Finding
from orchestrator.modules.openclaw.checks import Wanted, findings
from orchestrator.modules.openclaw.looking import Seen, look
from orchestrator.modules.openclaw.probe import told
from orchestrator.modules.types import Bool, Dict, Int

AUDIT_SH = script("audit", __file__)
CHECKS = ("secrets", "registry", "degraded")


class SecretsArgs(GatewayArgs):
    registry: Dict | None = Field(None, description="The registry: each reference's name, and its one purpose.")
    audit: Bool = Field(True, description="Also run the product's own audit (two seconds).")
    reload: Bool = Field(False, description="Let the running gateway resolve all references anew; always a change.")
    warn_unclassified: Int = Field(12, ge=0, description="From this many references without a purpose on, warn.")
    block_unclassified: Int = Field(20, ge=0, description="From this many on, fail.")


def secrets_steps(args: SecretsArgs, ctx: Context) -> Steps:
    if args.reload and not ctx.check:
        answer = yield from rpc(ctx, args, ("secrets.reload", {}))
        if isinstance(answer, Result):
            return answer
        if not answer.ok or answer.errors:
            return refused(answer, "the references were not resolved anew; the old values stay in use")
    seen = yield from look(ctx, args, gateway=args.token is not None, validate=False, sockets=False)
    if isinstance(seen, Result):
        return seen
    registry = {name: str(purpose) for name, purpose in args.registry.items()} if args.registry is not None else None
    found = findings(seen, Wanted(registry), CHECKS)
    if args.audit:
        answers = yield from ask_all(ctx, args, "oc_audit", AUDIT_SH)
        if isinstance(answers, Result):
            return answers
        found += audited(parsed(answers["audit"]) or {}, seen)
    open_ = [ref for ref in seen.refs if ref.id != "value" and not (registry or {}).get(ref.id)]
    blocked = registry is not None and len(open_) >= args.block_unclassified
    result = told(found, [*CHECKS, "audit"] if args.audit else CHECKS, fail=True)
    warned = registry is not None and len(open_) >= args.warn_unclassified
    note = f"{len(open_)} references have no purpose in the registry" if warned or blocked else None
    msg = "; ".join(filter(None, (result.msg, note)))
    refs = [{"name": ref.id, "path": ref.path, "source": ref.source} for ref in seen.refs]
    data = {**result.data, "refs": refs, "unclassified": len(open_)}
    return Result(changed=args.reload, failed=result.failed or blocked, msg=msg, data=data)


def audited(answer: dict[str, object], seen: Seen) -> list[Finding]:
    """The product's audit as findings. It resolves env references where it runs: those are not its to judge."""
    found = []
    rows = answer.get("findings")
    for row in rows if isinstance(rows, list) else []:
        message = f"{row.get('code')}: {row.get('message')} ({row.get('jsonPath') or row.get('file')})"
        if row.get("code") == "REF_UNRESOLVED":
            if "env:" in message:
                continue
            found.append(Finding("secret_unresolved", message, seen.names))
        elif row.get("code") == "REF_SHADOWED" or row.get("severity") in ("error", "warn", "warning"):
            found.append(Finding("secret_plaintext", message, seen.names))
    return found


SECRETS = Module(
    "openclaw_secrets",
    SecretsArgs,
    secrets_steps,
    "Compares OpenClaw's SecretRefs with registry, service environment and running gateway; reloads them.",
    returns={
        "finding": "The first thing wrong: code, layer, cause, evidence, next; null where all holds.",
        "refs": "Every reference: name, path in the configuration, source. No values.",
        "unclassified": "How many have no purpose in the registry.",
    },
)
