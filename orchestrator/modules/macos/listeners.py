"""This module proves what listens and what does not: from inside the node, and where asked from outside.

A manifest names the ports that are managed. On a managed port every listener must fit one of its entries, since on BSD
a wildcard listener may stand beside ours. What could not be seen is said to be unseen, never to be closed.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reach, Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.declared import PRELUDE
from orchestrator.modules.macos.probing import MISSING, PROBE, Answer, read
from orchestrator.modules.macos.sockets import LISTENERS_SH, Listener, View, view
from orchestrator.modules.types import Float, Int, Str

SSH_PORT = 22


class Entry(Args):
    """One line of a manifest."""

    port: Int = Field(ge=1, le=65535, description="The TCP port.")
    state: Literal["listening", "closed"] = Field("listening", description="What is to be.")
    address: Str = Field(
        "loopback",
        description="`loopback` (127.0.0.0/8 and ::1), `wildcard`, `any`, or one address: where it may listen.",
    )
    family: Literal["ipv4", "ipv6", "dual"] | None = Field(None, description="Only this family; dual takes both.")
    process: Str | None = Field(None, description="The process's name, as ps prints it.")
    job: Str | None = Field(
        None, description="A label of launchd's: its process, or one below it, must be the listener."
    )
    outside: Literal["open", "closed"] | None = Field(
        None, description="What a TCP connection from the controller must find. Not for port 22: sshd penalises knocks."
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.address not in ("loopback", "wildcard", "any"):
            ip_address(self.address)
        if self.outside and self.port == SSH_PORT:
            raise ValueError("port 22 is not knocked at from outside: OpenSSH penalises connections without a login")
        return self

    def takes_address(self, one: Listener) -> bool:
        kinds = {"any": True, "wildcard": one.is_wildcard, "loopback": one.is_loopback}
        fits = kinds.get(self.address, one.address == self.address)
        return fits and (self.family is None or one.family in (self.family, None))


class ListenersArgs(Args):
    manifest: list[Entry] = Field(min_length=1, description="What must, and what must not, listen; see its fields.")
    others: Literal["allow", "deny_wildcard", "deny"] = Field(
        "allow", description="Ports that the manifest does not name: fine, not on a wildcard address, or not at all."
    )
    outside_host: Str | None = Field(None, description="The address to reach from outside; else the host's own.")
    timeout_s: Float = Field(5.0, gt=0, le=60, description="The limit of each connection from outside.")


Word = Literal["ok", "missing", "wrong address", "wrong owner", "unseen", "not closed", "wrong from outside"]


@frozen
class Finding:
    """The verdict on one entry, or on a listener that no entry allows."""

    port: int
    word: Word
    why: str
    rows: tuple[Listener, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return {"port": self.port, "verdict": self.word, "why": self.why, "rows": [one.as_data() for one in self.rows]}


def judge(entry: Entry, entries: Sequence[Entry], seen: View, jobs: dict[str, int | None]) -> Finding:
    """The verdict on ``entry`` from inside; ``jobs``: pid by label, None where it does not run."""
    rows = seen.on(entry.port)
    if entry.state == "closed":
        if rows:
            return Finding(entry.port, "not closed", f"listening: {_told(rows)}", rows)
        return _absent(entry, seen, "ok", "nothing listens")
    if not rows:
        return _absent(entry, seen, "missing", "nothing listens there")
    strays = tuple(one for one in rows if not any(other.takes_address(one) for other in entries))
    if strays:
        return Finding(entry.port, "wrong address", f"wanted {entry.address}, found {_told(strays)}", rows)
    ours = tuple(one for one in rows if entry.takes_address(one))
    if not ours:
        return _absent(entry, seen, "missing", f"nothing listens on {entry.address}; found {_told(rows)}")
    return _owned(entry, ours, seen, jobs)


def _absent(entry: Entry, seen: View, word: Word, why: str) -> Finding:
    """Nothing was seen: an answer only where everything could be."""
    return (
        Finding(entry.port, "unseen", f"{why} that could be seen: {seen.blind}")
        if seen.blind
        else Finding(entry.port, word, why)
    )


def _owned(entry: Entry, rows: tuple[Listener, ...], seen: View, jobs: dict[str, int | None]) -> Finding:
    for one in rows:
        if (entry.process or entry.job) and one.pid is None:
            return Finding(entry.port, "unseen", f"who holds it could not be seen: {one}", rows)
        if entry.process and one.process != entry.process:
            return Finding(entry.port, "wrong owner", f"wanted process {entry.process}, found {one}", rows)
        if entry.job:
            pid = jobs.get(entry.job)
            if pid is None:
                return Finding(entry.port, "wrong owner", f"{entry.job} does not run, yet {one} listens", rows)
            if not seen.descends(one.pid, pid):
                return Finding(entry.port, "wrong owner", f"{one} does not belong to {entry.job} (pid {pid})", rows)
    return Finding(entry.port, "ok", _told(rows), rows)


def _told(rows: Sequence[Listener]) -> str:
    return ", ".join(str(one) for one in rows)


def strangers(args: ListenersArgs, seen: View) -> list[Finding]:
    """Listeners on ports that the manifest does not name, where those are not allowed."""
    managed = {entry.port for entry in args.manifest}
    found = [one for one in seen.listeners if one.port not in managed]
    if args.others == "allow":
        return []
    denied = [one for one in found if one.is_wildcard or args.others == "deny"]
    return [Finding(one.port, "not closed", f"not in the manifest: {one}", (one,)) for one in denied]


def pids(answers: dict[str, Answer], labels: Sequence[str]) -> dict[str, int | None]:
    """The jobs' pids, from the probes job1, job2, …"""
    return {
        label: answers.get(f"job{place}", MISSING).parsed("launchctl-print").get("pid")
        for place, label in enumerate(labels, start=1)
    }


def observe(
    ctx: Context, labels: Sequence[str] = ()
) -> Generator[Run, Reply, tuple[View, dict[str, int | None]] | Result]:
    """Who listens now, and the pids of the jobs ``labels``; use with ``yield from``."""
    reply = yield Run(
        main="listeners_main",
        scripts=(PRELUDE, PROBE, LISTENERS_SH),
        values={"labels": "\n".join(labels), "probe_limit_s": "15"},
        environment=ctx.environment,
        repeatable=True,
    )
    answers = read(reply)
    return answers if isinstance(answers, Result) else (view(answers), pids(answers, labels))


def _from_outside(args: ListenersArgs, ctx: Context) -> Generator[Reach, str | None, dict[int, Finding]]:
    host = args.outside_host or str(ctx.variables.get("ansible_host") or ctx.host)
    found: dict[int, Finding] = {}
    for entry in args.manifest:
        if entry.outside is None:
            continue
        refused = yield Reach(host, entry.port, args.timeout_s)
        is_open = refused is None
        if is_open != (entry.outside == "open"):
            why = "it can be reached from the controller" if is_open else f"it cannot be reached: {refused}"
            found[entry.port] = Finding(entry.port, "wrong from outside", f"{host}: {why}")
    return found


def listeners_steps(args: ListenersArgs, ctx: Context) -> Steps:
    labels = sorted({entry.job for entry in args.manifest if entry.job})
    observed = yield from observe(ctx, labels)
    if isinstance(observed, Result):
        return observed
    seen, jobs = observed
    outside = yield from _from_outside(args, ctx)
    findings = []
    for entry in args.manifest:
        same_port = [one for one in args.manifest if one.port == entry.port and one.state == "listening"]
        found = judge(entry, same_port, seen, jobs)
        if found.word == "ok" and entry.port in outside:
            found = replace(outside[entry.port], rows=found.rows)
        findings.append(found)
    return _result(args, seen, [*findings, *strangers(args, seen)])


def _result(args: ListenersArgs, seen: View, findings: list[Finding]) -> Result:
    bad = [one for one in findings if one.word != "ok"]
    lines = [f"{one.port:>5}  {one.word:<18}  {one.why}" for one in findings]
    if bad:
        head = f"{len(bad)} of {len(findings)} checks did not hold"
    else:
        head = "1 check holds" if len(findings) == 1 else f"{len(findings)} checks hold"
    managed = {entry.port for entry in args.manifest}
    return Result(
        failed=bool(bad),
        msg="\n".join([head, *lines]),
        data={
            "findings": [one.as_data() for one in findings],
            "unseen": [one.port for one in findings if one.word == "unseen"],
            "others": [one.as_data() for one in seen.listeners if one.port not in managed],
            "blind": seen.blind,
        },
    )


LISTENERS = Module(
    "listeners",
    ListenersArgs,
    listeners_steps,
    "Proves which ports listen, on which addresses, and whose they are.",
    returns={
        "findings": "One for each check: port, verdict, why, rows (address, port, family, pid, process).",
        "unseen": "Ports about which nothing could be said.",
        "others": "Listeners on ports that the manifest does not name.",
        "blind": "Why not all could be seen; null where all could.",
    },
)
