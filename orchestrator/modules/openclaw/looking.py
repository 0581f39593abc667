"""What one look at OpenClaw on a host shows, read into one frozen value; what could not be seen is None."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Generator, Mapping
from dataclasses import field
from typing import Any

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run
from orchestrator.model.results import Result
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Context, script
from orchestrator.modules.macos.launchd_job import Job, aim_at
from orchestrator.modules.macos.launchd_job import look as look_at_job
from orchestrator.modules.macos.listeners import observe
from orchestrator.modules.macos.probing import MISSING, Answer
from orchestrator.modules.macos.sockets import View
from orchestrator.modules.openclaw.asking import GatewayArgs, Told, ask_all, parsed, request_text, told_from

LOOK_SH = script("look", __file__)
CALLS = ("status", "health", "config.get", "node.list", "device.pair.list", "exec.approvals.get")
SECRET_KEYS = re.compile(r"token|password|secret|apikey|api_key|credential|headers", re.IGNORECASE)


@frozen
class Ref:
    """One SecretRef in the configuration, and where it stands."""

    path: str
    source: str
    provider: str
    id: str

    def __str__(self) -> str:
        return f"{self.source}:{self.provider}:{self.id}"


@frozen
class File:
    """A file the service stands on: its mode as octal text, and when it was changed (Unix time)."""

    path: str
    mode: str
    changed_s: int


@frozen
class Process:
    """The service's process: age and processor time in seconds, memory in bytes."""

    pid: int
    age_s: int
    cpu_s: float
    rss_bytes: int


@frozen
class Seen:
    """One look. ``config`` None: it cannot be read, ``config_trouble`` says why; ``gateway`` None: not asked."""

    job: Job
    where: Mapping[str, str]
    version: str | None
    installs: tuple[tuple[str, str], ...]
    files: tuple[File, ...]
    service_names: tuple[str, ...]
    process: Process | None
    pressure: int | None
    log: str
    config: Mapping[str, Any] | None
    config_trouble: str | None
    validated: Mapping[str, Any] | None
    ready: Answer
    started: Answer
    host: Answer
    anonymous: Answer
    gateway: Told | None
    sockets: View | None = None
    refs: tuple[Ref, ...] = field(default=())

    @property
    def port(self) -> int:
        return int(self.where.get("port") or 18789)

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """What the catalogue's commands are completed with."""
        uid = self.where.get("uid", "UID")
        label = self.job.label
        return (("port", str(self.port)), ("uid", uid), ("label", label), ("config", self.where.get("config", "")))

    @property
    def answers_ready(self) -> bool:
        """The body decides: any unknown path answers 200 with a page."""
        body = parsed(self.ready)
        return isinstance(body, dict) and body.get("ready") is True

    def payload(self, method: str) -> Any:
        return self.gateway.payloads.get(method) if self.gateway and self.gateway.ok else None

    @property
    def token_source(self) -> str:
        """Where the gateway takes its token from: a literal, a SecretRef's source, the environment, or nowhere."""
        auth = ((self.config or {}).get("gateway") or {}).get("auth") or {}
        token = auth.get("token")
        if isinstance(token, Mapping):
            return str(token.get("source"))
        if isinstance(token, str) and token:
            return "environment" if re.fullmatch(r"\$\{?\w+\}?", token) else "inline"
        return "environment" if "OPENCLAW_GATEWAY_TOKEN" in self.service_names else "none"

    def config_hash(self) -> str | None:
        """A digest of the configuration without its secrets, the same whatever the order of its keys.

        ``meta`` is left out: the product writes its own version and times into it.
        """
        if self.config is None:
            return None
        kept = {key: value for key, value in self.config.items() if key != "meta"}
        text = json.dumps(masked(kept), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def masked(value: Any, *, secret: bool = False) -> Any:
    """``value`` with stars for every text under a key that sounds secret; references stay, they hold none."""
    if isinstance(value, Mapping):
        if {"source", "id"} <= set(value) and all(isinstance(one, str) for one in value.values()):
            return dict(value)
        return {key: masked(one, secret=secret or bool(SECRET_KEYS.search(key))) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one, secret=secret) for one in value]
    return "***" if secret and isinstance(value, str) else value


def refs_in(value: Any, path: str = "") -> tuple[Ref, ...]:
    """Every SecretRef object in a configuration, with its path; a provider's definition has no id and is none."""
    if isinstance(value, Mapping):
        if {"source", "id"} <= set(value) and isinstance(value["id"], str):
            return (Ref(path, str(value["source"]), str(value.get("provider", "default")), value["id"]),)
        return tuple(ref for key, one in value.items() for ref in refs_in(one, f"{path}.{key}" if path else str(key)))
    if isinstance(value, list):
        return tuple(ref for at, one in enumerate(value) for ref in refs_in(one, f"{path}[{at}]"))
    return ()


def look(
    ctx: Context, args: GatewayArgs, *, gateway: bool = True, validate: bool = True, sockets: bool = True
) -> Generator[Any, Any, Seen | Result]:
    """Look once; ``gateway``: ask the running one as well (a node's host has none)."""
    job = yield from look_at_job(aim_at(args.label, "gui", ctx))
    if isinstance(job, Result):
        return job
    request = Secret(request_text(args.token, [(method, {}) for method in CALLS])) if args.token else ""
    answers = yield from ask_all(
        ctx,
        args,
        "oc_look",
        LOOK_SH,
        gateway="yes" if gateway else "",
        validate="yes" if validate else "",
        request=request,
    )
    if isinstance(answers, Result):
        return answers
    view = None
    if sockets and gateway:
        observed = yield from _observed(ctx)
        if isinstance(observed, Result):
            return observed
        view = observed
    return seen_from(job, answers, view)


def _observed(ctx: Context) -> Generator[Run, Reply, View | Result]:
    found = yield from observe(ctx)
    return found if isinstance(found, Result) else found[0]


def seen_from(job: Job, answers: Mapping[str, Answer], view: View | None) -> Seen:
    """The look that a program's answers give; pure."""

    def lines(name: str) -> list[str]:
        return list(answers.get(name, MISSING).output.lines)

    where = dict(line.partition("=")[::2] for line in lines("found"))
    config, trouble = _config(answers.get("config", MISSING))
    rpc = answers.get("rpc")
    version = next((line for line in lines("version") if line.startswith("OpenClaw")), None)
    installs = (line.partition("\t")[::2] for line in lines("installs"))
    return Seen(
        job=job,
        where=where,
        version=version.split()[1] if version else None,
        installs=tuple((path, told) for path, told in installs if path),
        files=tuple(_file(line) for line in lines("files") if line.count(" ") >= 2),
        service_names=tuple(lines("names")),
        process=_process(lines("process")),
        pressure=int(found) if (found := "".join(lines("pressure")).strip()).isdigit() else None,
        log=answers.get("log", MISSING).output.stdout,
        config=config,
        config_trouble=trouble,
        validated=parsed(answers["validate"]) if "validate" in answers else None,
        ready=answers.get("ready", MISSING),
        started=answers.get("started", MISSING),
        host=answers.get("host", MISSING),
        anonymous=answers.get("anonymous", MISSING),
        gateway=told_from(rpc.output.stdout, rpc.output.stderr) if rpc else None,
        sockets=view,
        refs=refs_in(config) if config else (),
    )


def _config(answer: Answer) -> tuple[Mapping[str, Any] | None, str | None]:
    value = parsed(answer)
    if isinstance(value, dict):
        return value, None
    words = [line for line in answer.output.stderr.split("\n") if "Error" in line] or [answer.said]
    return None, words[0].strip()


def _file(line: str) -> File:
    mode, changed, path = line.split(" ", 2)
    return File(path, mode, int(changed) if changed.isdigit() else 0)


def _process(lines: list[str]) -> Process | None:
    words = lines[0].split() if lines else []
    if len(words) < 4 or not words[0].isdigit():
        return None
    return Process(int(words[0]), int(_clock_s(words[1])), _clock_s(words[2]), int(words[3]) * 1024)


def _clock_s(text: str) -> float:
    """Seconds of ps's [[DD-]HH:]MM:SS[.FF]."""
    days, _, clock = text.rpartition("-")
    total = 0.0
    for part in clock.split(":"):
        total = total * 60 + float(part)
    return total + int(days or 0) * 86400.0
