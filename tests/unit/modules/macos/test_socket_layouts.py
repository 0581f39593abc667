"""48 layouts of sockets: twelve ways to listen × four owners; each verdict is right, none "loopback" by mistake."""

from itertools import product

import pytest

from orchestrator.modules.macos.listeners import Entry, judge
from orchestrator.modules.macos.parsers import Output
from orchestrator.modules.macos.probing import Answer
from orchestrator.modules.macos.sockets import view

PORT, GATEWAY = 18789, 40
TAIL = "00180 00000006 0 0 00000900 1 0 0"
LISTENING = {
    "v4 loopback": [("tcp4", "127.0.0.1")],
    "v6 loopback": [("tcp6", "::1")],
    "both loopbacks": [("tcp4", "127.0.0.1"), ("tcp6", "::1")],
    "another loopback": [("tcp4", "127.0.0.2")],
    "v4 wildcard": [("tcp4", "*")],
    "v6 wildcard": [("tcp6", "*")],
    "dual wildcard": [("tcp46", "*")],
    "loopback beside a wildcard": [("tcp4", "127.0.0.1"), ("tcp46", "*")],
    "LAN": [("tcp4", "192.168.1.5")],
    "tailnet": [("tcp4", "100.101.102.103")],
    "link-local, cut": [("tcp6", "fe80::1234:5678%")],
    "UDP only": [("udp4", "127.0.0.1")],
}
OWNERS = {"itself": (40, "openclaw"), "a child": (50, "node"), "a tunnel": (60, "sshd"), "unseen": (0, "")}
LOOPBACK = {"v4 loopback", "v6 loopback", "both loopbacks", "another loopback"}


def netstat(rows: list[tuple[str, str]], pid: int, process: str) -> str:
    lines = ["Active Internet connections (including servers)"]
    for family, host in rows:
        state = "LISTEN" if family.startswith("tcp") else ""
        lines.append(f"{family} 0 0 {host}.{PORT} *.* {state} 0 0 131072 131072 {process}:{pid} {TAIL}")
    lines.append("tcp4 0 0 127.0.0.1.5000 *.* LISTEN 0 0 131072 131072 rapportd:70 " + TAIL)
    return "\n".join(lines) + "\n"


PS = f"  PID  PPID  PGID USER COMM\n{GATEWAY} 1 {GATEWAY} a openclaw\n50 {GATEWAY} 50 a node\n60 1 60 root sshd\n"


def right(listening: str, owner: str) -> str:
    if listening == "UDP only":
        return "missing"
    if listening not in LOOPBACK:
        return "wrong address"
    return {"itself": "ok", "a child": "ok", "a tunnel": "wrong owner", "unseen": "unseen"}[owner]


@pytest.mark.parametrize(("listening", "owner"), list(product(LISTENING, OWNERS)))
def test_the_verdict_on_a_layout_is_right(listening: str, owner: str) -> None:
    pid, process = OWNERS[owner]
    seen = view(
        {
            "sockets": Answer("netstat", Output(netstat(LISTENING[listening], pid, process), "", 0)),
            "lsof": Answer("lsof", Output("", "", 1)),
            "ps": Answer("ps", Output(PS, "", 0)),
        }
    )
    entry = Entry.model_validate({"port": PORT, "address": "loopback", "job": "gateway"})
    assert judge(entry, [entry], seen, {"gateway": GATEWAY}).word == right(listening, owner)
    closed = Entry.model_validate({"port": PORT, "state": "closed"})
    wanted = "ok" if listening == "UDP only" else "not closed"
    assert judge(closed, [], seen, {}).word == wanted


def test_there_are_48_of_them() -> None:
    assert len(LISTENING) * len(OWNERS) == 48
