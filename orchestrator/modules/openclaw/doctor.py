"""openclaw_doctor: the product's own examination, in its read-only form; `fix` is a change, and a wide one."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module
from orchestrator.modules.declared import as_shell
from orchestrator.modules.openclaw.asking import ServiceArgs, ask_all, parsed
from orchestrator.modules.openclaw.catalogue import Finding, classify
from orchestrator.modules.openclaw.probe import told
from orchestrator.modules.openclaw.secrets import AUDIT_SH
from orchestrator.modules.types import Bool


class DoctorArgs(ServiceArgs):
    fix: Bool = Field(
        False,
        description="Run `doctor --fix` first. It may restore the whole configuration from its last good copy, and"
        " rewrite it: take a snapshot before (openclaw_config). It refuses beside a running foreground gateway.",
    )
    security: Bool = Field(True, description="Also run the security audit; its critical findings fail the task.")


def doctor_steps(args: DoctorArgs, ctx: Context) -> Steps:
    fix = args.fix and not ctx.check
    values = {"fix": as_shell(fix), "security": as_shell(args.security)}
    answers = yield from ask_all(ctx, args, "oc_doctor", AUDIT_SH, **values)
    if isinstance(answers, Result):
        return answers
    doctor = parsed(answers["doctor"])
    if not isinstance(doctor, dict):
        return failure(f"the doctor gave no answer that could be read: {answers['doctor'].said}")
    audit = parsed(answers["security"]) if args.security else {}
    if not isinstance(audit, dict):
        return failure(f"the security audit gave no answer that could be read: {answers['security'].said}")
    rows = [
        *doctor.get("findings", []),
        *(row for row in audit.get("findings", []) if row.get("severity") == "critical"),
    ]
    result = told([_finding(row) for row in rows], ["doctor", "security"] if args.security else ["doctor"], fail=True)
    more = {"checks_run": doctor.get("checksRun"), "audit": audit.get("summary")}
    return Result(changed=args.fix, failed=result.failed, msg=result.msg, data={**result.data, **more})


def _finding(row: dict[str, Any]) -> Finding:
    told_by = str(row.get("id") or row.get("checkId") or row.get("code") or "doctor")
    text = f"{told_by}: {row.get('message') or row.get('title') or ''} {row.get('detail') or ''}".strip()
    symptom = classify(text)
    return Finding(symptom.code if symptom else "policy_changed", text)


DOCTOR = Module(
    "openclaw_doctor",
    DoctorArgs,
    doctor_steps,
    "Runs OpenClaw's own doctor and security audit, in their read-only form by default.",
    returns={
        "finding": "The first error of the doctor, or critical finding of the audit, with its layer; null: none.",
        "checks_run": "How many checks the doctor made.",
        "audit": "The audit's summary: critical, warn, info.",
    },
)
