"""launchctl: hands its arguments to the Mac's launchd and prints what that answers."""

from __future__ import annotations

import json
import os
import socket
import sys

from orchestrator.sim.tools.base import Mac, Refusal

_ANSWER_LIMIT_S = 150.0


def launchctl(mac: Mac, argv: list[str]) -> int:
    if argv[:1] == ["asuser"]:
        return _asuser(mac, argv[1:])
    request = {
        "argv": argv,
        "uid": mac.uid,
        "manager": "System" if mac.is_root else os.environ.get("SIM_MANAGER", "Background"),
        "folder": os.getcwd(),
    }
    answer = json.loads(_exchange(mac.facts["socket"], json.dumps(request).encode() + b"\n"))
    sys.stdout.write(answer["out"])
    sys.stdout.flush()
    sys.stderr.write(answer["err"])
    return int(answer["code"])


def _exchange(path: str, request: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_ANSWER_LIMIT_S)
        try:
            line.connect(path)
            line.sendall(request)
            parts = []
            while part := line.recv(1 << 16):
                parts.append(part)
        except OSError as error:
            raise Refusal(1, f"launchctl: the simulated launchd does not answer: {error}") from error
    return b"".join(parts)


def _asuser(mac: Mac, words: list[str]) -> int:
    """Run a command in a user's bootstrap namespace: still as root, still in the caller's security session."""
    if not mac.is_root:
        raise Refusal(1, "Could not switch to audit session 0x186a3: 1: Operation not permitted")
    environment = {**os.environ, "SIM_MANAGER": "Aqua", "SIM_SESSION": mac.session}
    os.execvpe(words[1], words[1:], environment)
