"""Small servers that speak the two APIs secrets are fetched with: Vault's key-value engines, AWS Secrets Manager.

Written from the makers' public API documents: Vault ``GET /v1/MOUNT/data/PATH`` with ``X-Vault-Token`` (engine 2) and
``GET /v1/MOUNT/PATH`` (engine 1); AWS JSON 1.1, ``X-Amz-Target: secretsmanager.GetSecretValue``, signed requests.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hvs.for-tests-only"


@dataclass
class Server:
    url: str
    asked: list[str] = field(default_factory=list)


class _Quiet(BaseHTTPRequestHandler):
    asked: list[str]

    def log_message(self, format: str, *args: Any) -> None:
        self.asked.append(self.path)

    def answer(self, status: int, data: Mapping[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Vault(_Quiet):
    kept: Mapping[str, Mapping[str, str]]

    def do_GET(self) -> None:
        if self.headers.get("X-Vault-Token") != TOKEN:
            return self.answer(403, {"errors": ["permission denied"]})
        mount, _, path = self.path.removeprefix("/v1/").partition("/")
        is_second = path.startswith("data/")
        fields = self.kept.get(f"{mount}/{path.removeprefix('data/')}")
        if fields is None or is_second != (mount != "old"):
            return self.answer(404, {"errors": []})
        return self.answer(200, {"data": {"data": fields, "metadata": {"version": 3}} if is_second else fields})


class _Aws(_Quiet):
    kept: Mapping[str, str]

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        signed = "AWS4-HMAC-SHA256 Credential=" in self.headers.get("Authorization", "")
        if not signed or self.headers["X-Amz-Target"] != "secretsmanager.GetSecretValue":
            return self.answer(400, {"__type": "UnrecognizedClientException", "message": "not signed"})
        if asked["SecretId"] not in self.kept:
            missing = {"__type": "ResourceNotFoundException", "message": "Secrets Manager can't find the secret."}
            return self.answer(400, missing)
        return self.answer(200, {"Name": asked["SecretId"], "SecretString": self.kept[asked["SecretId"]]})


@contextmanager
def vault(kept: Mapping[str, Mapping[str, str]]) -> Iterator[Server]:
    yield from _serving(_Vault, kept)


@contextmanager
def aws(kept: Mapping[str, str]) -> Iterator[Server]:
    yield from _serving(_Aws, kept)


def _serving(kind: type[_Quiet], kept: Mapping[str, Any]) -> Iterator[Server]:
    asked: list[str] = []
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (kind,), {"kept": kept, "asked": asked}))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{http.server_port}", asked)
    finally:
        http.shutdown()
        thread.join(5)
        http.server_close()
