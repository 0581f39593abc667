"""Real messages of OpenClaw, provoked on purpose: what was run, what it said, and in which layer the cause lies."""

from __future__ import annotations

import json
import time
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

from orchestrator.modules.openclaw.asking import RPC_JS
from tests.integration.openclaw.conftest import Lab, free_port

WRONG = "made-up-wrong-token-0123456789abcdef"
Record = dict[str, str]


class Recorder:
    """Runs commands on the gateway's Mac and keeps what they say."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.records: list[Record] = []
        self.url = f"ws://127.0.0.1:{lab.port}"

    def keep(self, layer: str, command: str, text: str) -> None:
        text = text.replace(self.lab.token, "***").replace(str(self.lab.root), "/MAC").strip()
        if text:
            self.records.append({"layer": layer, "command": command, "text": text[-6000:]})

    def run(self, layer: str, *words: str, limit_s: float = 60, **environment: str) -> None:
        try:
            done = self.lab.on("gateway1", *words, limit_s=limit_s, **environment)
            text = f"{done.stdout}\n{done.stderr}"
        except TimeoutExpired as error:
            text = "".join(part.decode() for part in (error.stdout, error.stderr) if isinstance(part, bytes))
        self.keep(layer, " ".join(word if len(word) < 200 else "…" for word in words), text)

    def cli(self, layer: str, words: str, **environment: str) -> None:
        self.run(layer, "openclaw", *words.split(), **environment)

    def wrong(self, layer: str, words: str, url: str = "", token: str = WRONG) -> None:
        self.cli(layer, words, OPENCLAW_GATEWAY_URL=url or self.url, OPENCLAW_GATEWAY_TOKEN=token)

    def rpc(self, layer: str, token: str, *calls: tuple[str, dict[str, Any]], url: str = "") -> None:
        asked = {"url": url or self.url, "token": token, "calls": [{"method": m, "params": p} for m, p in calls]}
        file = self.lab.root / "request.json"
        file.write_text(json.dumps(asked))
        self.run(layer, "sh", "-c", f'node -e "$1" < {file}', "sh", RPC_JS)

    def candidate(self, text: str) -> str:
        file = self.lab.root / "candidate.json"
        file.write_text(text)
        return str(file)


def transport(r: Recorder) -> None:
    for words in ("gateway health --json", "gateway call status --json",
                  "secrets reload --json", "nodes status --json", "devices list --json", "gateway health",
                  "nodes pending --json"):  # fmt: skip
        r.wrong("A", words)
    closed = f"ws://127.0.0.1:{free_port()}"
    for words in ("gateway health --json", "gateway call status --json",
                  "nodes status --json"):  # fmt: skip
        r.wrong("A", words, url=closed)
    r.wrong("A", "gateway health --json", url="ws://gateway.invalid:1")
    r.wrong("A", "gateway health --json", url="wss://127.0.0.1:" + r.url.rpartition(":")[2])
    r.cli("A", f"gateway health --json --url {r.url}")
    r.cli("A", f"gateway probe --json --url {closed} --token {WRONG}")
    r.rpc("A", WRONG)
    r.rpc("A", "")
    r.rpc("A", "x", url=closed)
    http = r.url.replace("ws", "http")
    r.run("A", "curl", "-sS", "-X", "POST", "-d", "{}", f"{http}/tools/invoke")
    r.run("A", "curl", "-sS", closed.replace("ws", "http") + "/readyz")


def policy(r: Recorder) -> None:
    http = r.url.replace("ws", "http")
    good = r.lab.config.read_text()
    for text in (good.replace("{", '{ "networkPolicy": {},', 1), good[:-20], good.replace('"loopback"', '"127.0.0.9x"'),
                 good.replace('"local"', '"lokal"')):  # fmt: skip
        r.cli("B", "config validate --json", OPENCLAW_CONFIG_PATH=r.candidate(text))
    r.cli("B", "config set gateway.bind 127.0.0.1")
    r.cli("B", "config set gateway.tokenSecondary abc")
    r.cli("B", "config get gateway.nonsense")
    r.run("B", "curl", "-sS", "-H", "X-Forwarded-For: 1.2.3.4", f"{http}/readyz")
    r.cli("B", "gateway probe --json")
    r.cli("B", "gateway stop --json")
    r.cli("B", "config:validate")
    which = {"nodeId": "absent", "command": "system.which", "params": {"bins": ["uname"]}, "idempotencyKey": "p1"}
    r.rpc("B", r.lab.token, ("node.invoke", which))
    r.rpc("B", r.lab.token, ("node.pair.approve", {"requestId": "00000000-0000-0000-0000-000000000000"}))
    r.rpc("B", r.lab.token, ("nonsense", {}))
    r.rpc("B", r.lab.token, ("node.invoke", {**which, "command": "no.such", "idempotencyKey": "p2"}))
    r.run("B", "curl", "-sS", "-X", "POST", "-H", f"Authorization: Bearer {r.lab.token}", "-d", '{"tool":"exec"}',
          f"{http}/tools/invoke")  # fmt: skip
    r.records[-1]["command"] = "curl -X POST -d {tool: exec} /tools/invoke, with the right token"


def secret(r: Recorder) -> None:
    good = json.loads(r.lab.config.read_text())
    good["models"]["providers"]["demo"]["apiKey"]["id"] = "NOT_SET_ANYWHERE"
    file = r.candidate(json.dumps(good))
    r.cli("C", "secrets audit --check --json", OPENCLAW_CONFIG_PATH=file)
    ref = "--ref-source env --ref-provider default --ref-id NOT_SET_ANYWHERE --dry-run --json"
    r.cli("C", f"config set models.providers.demo.apiKey {ref}")
    r.cli("C", "models status --check --json")
    before = r.lab.config.read_bytes()
    r.lab.config.write_text(json.dumps(good))
    time.sleep(4)
    r.cli("C", "gateway call status --json")
    log = (r.lab.home() / "Library/Logs/openclaw/gateway.log").read_text().splitlines()
    for line in [line for line in log if "SECRETS_" in line][-2:]:
        r.keep("C", "the gateway's log after the edit", line)
    r.lab.config.write_bytes(before)
    time.sleep(3)


def runtime(r: Recorder) -> None:
    for words in ("gateway install --json", "gateway start --json", "nodes describe --node absent --json",
                  "nodes invoke --node absent --command system.which --json", "browser doctor --json"):  # fmt: skip
        r.cli("D", words)
    r.run("D", "launchctl", "bootstrap", "gui/502", str(r.lab.plist))
    r.run("D", "sh", "-c", "openclaw-not-there --version")
    r.run("D", "node", "/nonexistent/openclaw.mjs", "--version")


def logs(r: Recorder) -> None:
    """What the gateway and the nodes wrote while all that happened."""
    wanted = (
        ("A", "gateway1/home/Library/Logs/openclaw/gateway.log", "reason=token_mismatch"),
        ("A", "gateway1/home/Library/Logs/openclaw/gateway.log", "cause=device-required"),
        ("B", "gateway1/home/Library/Logs/openclaw/gateway.log", "command surface withheld"),
        ("B", "gateway1/home/Library/Logs/openclaw/gateway.log", "awaiting operator approval"),
        ("B", "gateway1/home/Library/Logs/openclaw/gateway.log", "proxy-shaped traffic"),
        ("A", "node1/home/Library/Logs/openclaw/node.log", "ECONNREFUSED"),
        ("B", "node1/home/Library/Logs/openclaw/node.log", "awaiting operator approval"),
    )
    for layer, file, word in wanted:
        lines = [line for line in (r.lab.root / file).read_text().splitlines() if word in line]
        for line in lines[-1:]:
            r.keep(layer, f"the log {Path(file).name}", line)


PARTS = (transport, policy, secret, logs, runtime)


def record(lab: Lab) -> list[Record]:
    recorder = Recorder(lab)
    for part in PARTS:
        part(recorder)
    return recorder.records
