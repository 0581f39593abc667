"""A look at a sound gateway, as the node's program answers it; a test changes what it is about."""

from __future__ import annotations

import json
from typing import Any

from orchestrator.modules.macos.launchd_job import Job
from orchestrator.modules.macos.parsers import Output
from orchestrator.modules.macos.probing import Answer
from orchestrator.modules.macos.sockets import Listener, View
from orchestrator.modules.openclaw.looking import Seen, seen_from

PID = 4711
NOW = 1_800_000_000
CONFIG: dict[str, Any] = {
    "gateway": {
        "port": 18789,
        "bind": "loopback",
        "auth": {"mode": "token", "token": {"source": "file", "provider": "tokenfile", "id": "value"}},
    },
    "secrets": {"providers": {"tokenfile": {"source": "file", "path": "/t", "mode": "singleValue"}}},
    "models": {"providers": {"demo": {"apiKey": {"source": "env", "provider": "default", "id": "DEMO_KEY"}}}},
}
NODE = {"displayName": "node1", "nodeId": "n1", "connected": True, "approvalState": "approved"}


def answer(text: str, rc: int | None = 0, stderr: str = "") -> Answer:
    return Answer("a command", Output(text, stderr, rc))


def rpc(**payloads: Any) -> str:
    """What rpc.js prints of a gateway that takes the token; a payload by method, with underscores for dots."""
    given = {"status": {"runtimeVersion": "2026.9.6", "degradedSecretOwners": []}, "node_list": {"nodes": [NODE]}}
    calls = [
        {"method": name.replace("_", "."), "ok": True, "payload": value}
        for name, value in {**given, **payloads}.items()
    ]
    return json.dumps({"connect": {"ok": True, "server": {"bootId": "b1"}, "auth": {"scopes": []}}, "calls": calls})


def refusal(code: str, message: str) -> str:
    error = {"code": "INVALID_REQUEST", "message": message, "details": {"code": code}}
    return json.dumps({"connect": {"ok": False, "error": error}, "calls": []})


def job(**changes: Any) -> Job:
    given = {"loaded": True, "enabled": True, "domain_exists": True, "fields": {"pid": PID, "state": "running"}}
    return Job("gui/501", "ai.openclaw.gateway", **{**given, **changes})


def view(*listeners: Listener) -> View:
    usual = (Listener("127.0.0.1", 18789, "ipv4", PID, "node"), Listener("::1", 18789, "ipv6", PID, "node"))
    return View(listeners or usual)


def look(seen_job: Job | None = None, seen_view: View | None = None, **changes: Answer) -> Seen:
    answers = {
        "found": answer(
            f"node=/n/node\nentry=/n/openclaw.mjs\nenv=/h/e.env\nport=18789\nplist=/h/p.plist\nconfig=/h/.openclaw/openclaw.json\n"
            f"pid={PID}\nuid=501\nnow={NOW}\n"
        ),
        "installs": answer("/n/openclaw\tOpenClaw 2026.9.6 (eb377ac)\n"),
        "version": answer("OpenClaw 2026.9.6 (eb377ac)\n"),
        "files": answer(
            f"600 {NOW - 900} /h/.openclaw/openclaw.json\n700 {NOW - 900} /h/.openclaw\n600 {NOW - 900} /h/e.env\n"
            f"644 {NOW - 900} /h/p.plist\n644 {NOW - 9000} /n/package.json\n"
        ),
        "names": answer("DEMO_KEY\nNO_COLOR\n"),
        "process": answer(f" {PID} 10:00 0:12.50 650000\n"),
        "pressure": answer("1\n"),
        "log": answer("[gateway] ready\n"),
        "config": answer(json.dumps(CONFIG)),
        "validate": answer('{"valid":true}'),
        "ready": answer('{"ready":true,"failing":[]}'),
        "host": answer('{"ready":true,"failing":[]}'),
        "anonymous": answer("401"),
        "rpc": answer(rpc()),
        **changes,
    }
    return seen_from(seen_job or job(), answers, seen_view or view())
