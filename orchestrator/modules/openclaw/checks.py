"""The checks of a sound OpenClaw: pure functions from one look to findings, in the order of diagnosis."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from orchestrator.model.frozen import frozen
from orchestrator.modules.openclaw.asking import parsed
from orchestrator.modules.openclaw.catalogue import Finding, classify
from orchestrator.modules.openclaw.looking import Seen

PRESSURE_WARNING = 2
"""kern.memorystatus_vm_pressure_level: 1 normal, 2 warning, 4 critical."""
STALE_GRACE_S = 2


@frozen
class Wanted:
    """What a playbook declares beside what is always so. ``registry`` None: there is none to compare with."""

    registry: Mapping[str, str] | None = None
    nodes: tuple[str, ...] = ()
    exec_security: str | None = None


Check = Callable[[Seen, Wanted], Iterator[Finding]]


def _finding(seen: Seen, code: str, evidence: str) -> Finding:
    return Finding(code, evidence, seen.names)


def installs(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    if len(seen.installs) > 1:
        yield _finding(seen, "second_install", "; ".join(f"{path} ({told})" for path, told in seen.installs))
    if not seen.installs and seen.version is None:
        yield _finding(seen, "not_installed", "no openclaw in PATH and none in the service's definition")


def memory(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    if seen.pressure is not None and seen.pressure >= PRESSURE_WARNING:
        yield _finding(seen, "memory_pressure", f"kern.memorystatus_vm_pressure_level is {seen.pressure} (1 is normal)")


def permissions(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """The configuration, the state directory and the service's environment are for their owner alone."""
    private = {seen.where.get("config"), seen.where.get("env")}
    for one in seen.files:
        is_state = one.path.endswith("/.openclaw")
        if (one.path in private or is_state) and int(one.mode, 8) & 0o077:
            yield _finding(seen, "permissions_wide", f"{one.path} has mode 0{one.mode}")


def config(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    if seen.config is None:
        yield _finding(seen, "config_invalid", f"{seen.where.get('config')}: {seen.config_trouble}")
    elif seen.validated is not None and seen.validated.get("valid") is not True:
        issues = seen.validated.get("issues") or [seen.validated.get("error") or {}]
        told = "; ".join(f"{one.get('path', '')}: {one.get('message', one)}" for one in issues)
        yield _finding(seen, "config_invalid", told)


def service(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """The job runs; where it does not, the end of its log says more than launchd does."""
    job = seen.job
    if job.domain_exists is False:
        yield _finding(seen, "service_manager", f"{job.domain} does not exist: nobody is logged in at the console")
    elif job.pid is None:
        lines = [line for line in seen.log.strip().split("\n") if line.strip()]
        words = next((line for line in reversed(lines) if _tells(line)), None)
        row = classify(words) if words else None
        evidence = f"{job.target} is {'not loaded' if not job.loaded else 'not running'}; {job.ending()}"
        yield _finding(seen, row.code if row else "service_down", f"{evidence}{f'; its log: {words}' if words else ''}")


def _tells(line: str) -> bool:
    row = classify(line)
    return row is not None and row.code not in ("not_ready", "unreachable", "unauthorized")


def stale(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """The process is younger than its definition, its environment and the program it runs."""
    now = seen.where.get("now", "")
    if seen.process is None or not now.isdigit():
        return
    born_s = int(now) - seen.process.age_s
    unread = {seen.where.get("env"), seen.where.get("plist")}
    for one in seen.files:
        if (one.path in unread or one.path.endswith("/package.json")) and one.changed_s > born_s + STALE_GRACE_S:
            late_s = one.changed_s - born_s
            yield _finding(
                seen, "stale_process", f"{one.path} was changed {late_s} s after pid {seen.process.pid} began"
            )
    status = seen.payload("status") or {}
    if status and seen.version and status.get("runtimeVersion") not in (None, seen.version):
        yield _finding(seen, "version_skew", f"command line {seen.version}, running {status['runtimeVersion']}")


def sockets(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """From inside: only loopback addresses on the port, and the service's own process behind them."""
    if seen.sockets is None:
        return
    rows = seen.sockets.on(seen.port)
    if wide := [str(one) for one in rows if not one.is_loopback]:
        yield _finding(seen, "bind_wide", ", ".join(wide))
    pid = seen.job.pid
    foreign = [str(one) for one in rows if one.pid and (pid is None or not seen.sockets.descends(one.pid, pid))]
    if foreign:
        yield _finding(seen, "port_taken", f"port {seen.port} is held by {', '.join(foreign)}")
    if not rows and pid is not None and seen.sockets.blind:
        yield _finding(seen, "unseen", f"who listens on {seen.port}: {seen.sockets.blind}")


def ready(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    if seen.answers_ready:
        return
    said = seen.ready.output.stdout.strip()[:200] or seen.ready.said
    row = classify(said)
    yield _finding(seen, row.code if row and row.layer == "A" else "unreachable", f"/readyz: {said}")


def authenticated(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """The token of record opens the running gateway; asked once, since wrong ones slow everybody down."""
    if seen.gateway is None:
        yield _finding(seen, "token_unknown", "token: was not given")
    elif not seen.gateway.ok:
        trouble = str(seen.gateway.trouble)
        row = classify(trouble)
        yield _finding(seen, row.code if row else "unauthorized", trouble)


def anonymous(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """A request without credentials is refused, and health answers whatever the Host header says."""
    code = seen.anonymous.output.stdout.strip()
    if code and code not in ("401", "403", "000", "429"):
        yield _finding(seen, "anonymous_let_in", f"POST /tools/invoke without a token: HTTP {code}")
    other = parsed(seen.host)
    if seen.answers_ready and not (isinstance(other, dict) and other.get("ready") is True):
        yield _finding(seen, "proxy_header", f"/readyz with a foreign Host header: {seen.host.said[:200]}")


def secret_refs(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """Every env reference has its variable in the service's environment; near names are told."""
    known = [*seen.service_names, *(wanted.registry or {})]
    for ref in seen.refs:
        if ref.source != "env" or ref.id in seen.service_names:
            continue
        near = difflib.get_close_matches(ref.id, sorted(set(known) - {ref.id}), 1, 0.8)
        if near:
            yield _finding(seen, "secret_name", f"{ref.path} asks for {ref.id}; there is {near[0]}")
        else:
            yield _finding(seen, "secret_missing_env", f"{ref.path} asks for {ref.id}, which the service does not have")


def registry(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """The configuration and the registry name the same references, both ways."""
    if wanted.registry is None:
        return
    named = {ref.id: ref for ref in seen.refs if ref.id != "value"}
    for name, ref in named.items():
        if name not in wanted.registry:
            near = difflib.get_close_matches(name, wanted.registry, 1, 0.8)
            code = "secret_name" if near else "secret_unregistered"
            hint = f"; did you mean {near[0]}?" if near else ""
            yield _finding(seen, code, f"{ref.path} asks for {name}, which is not in the registry{hint}")
    for name in wanted.registry:
        if name not in named:
            yield _finding(seen, "secret_unregistered", f"{name} is in the registry, but nothing asks for it")


def degraded(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """The gateway's own view, behind whose back every other probe may be green."""
    for owner in (seen.payload("status") or {}).get("degradedSecretOwners", []):
        paths = ", ".join(owner.get("paths", []))
        who = f"{owner.get('ownerKind')} {owner.get('ownerId')} is {owner.get('degradationState')}"
        evidence = f"{who}: {owner.get('reason')} ({paths})"
        yield _finding(seen, "secret_unresolved", evidence)


def policy(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    approvals = (seen.payload("exec.approvals.get") or {}).get("resolvedDefaults") or {}
    if wanted.exec_security and approvals.get("security") not in (None, wanted.exec_security):
        yield _finding(
            seen, "policy_changed", f"exec security is {approvals['security']}, declared {wanted.exec_security}"
        )


def nodes(seen: Seen, wanted: Wanted) -> Iterator[Finding]:
    """Every node that is named is connected and approved."""
    listed = (seen.payload("node.list") or {}).get("nodes")
    if listed is None:
        return
    for name in wanted.nodes:
        found = [one for one in listed if name in (one.get("displayName"), one.get("nodeId"))]
        best = next((one for one in found if one.get("connected")), found[0] if found else None)
        if best is None:
            known = ", ".join(str(one.get("displayName")) for one in listed) or "none"
            yield _finding(seen, "node_absent", f"unknown node {name}; known: {known}")
        elif not best.get("connected"):
            yield _finding(seen, "node_unsound", f"node {name} is not connected ({best.get('lastSeenReason')})")
        elif best.get("approvalState") not in (None, "approved"):
            evidence = f"node {name}: {best.get('approvalState')}, request {best.get('pendingRequestId')}"
            yield _finding(seen, "awaiting_approval", evidence)


CHECKS: dict[str, Check] = {
    "memory": memory,
    "installs": installs,
    "permissions": permissions,
    "config": config,
    "sockets": sockets,
    "service": service,
    "stale": stale,
    "ready": ready,
    "anonymous": anonymous,
    "token": authenticated,
    "policy": policy,
    "secrets": secret_refs,
    "registry": registry,
    "degraded": degraded,
    "nodes": nodes,
}
"""In the order they are made: what starves or confuses a host first, since it makes every later answer a lie."""
OF_GATEWAY = {"config", "sockets", "ready", "anonymous", "token", "policy", "degraded", "nodes"}


def findings(seen: Seen, wanted: Wanted, names: Sequence[str]) -> list[Finding]:
    """What the named checks find, in the order of diagnosis."""
    return [found for name, check in CHECKS.items() if name in names for found in check(seen, wanted)]


def summary(found: Sequence[Finding]) -> dict[str, Any]:
    """Per layer: green, or the code of the first finding."""
    return {layer: next((one.code for one in found if one.symptom.layer == layer), "green") for layer in "ABCD"}
