"""Who may listen where: layouts of sockets against manifests, without a node."""

from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.modules.macos.listeners import Entry, ListenersArgs, judge, strangers
from orchestrator.modules.macos.parsers import Output
from orchestrator.modules.macos.probing import Answer
from orchestrator.modules.macos.sockets import Listener, View, view

V4 = Listener("127.0.0.1", 18789, "ipv4", 50, "node")
V6 = Listener("::1", 18789, "ipv6", 50, "node")
WILD = Listener("*", 18789, "dual", 60, "nc")
LAN = Listener("192.168.1.5", 18789, "ipv4", 50, "node")
PARENTS = {50: 40, 40: 1, 60: 1, 70: 1}
GROUPS = {50: 40, 70: 40}


def verdict(rows: list[Listener], *entries: dict[str, Any], blind: str | None = None) -> str:
    manifest = [Entry.model_validate({"port": 18789, **entry}) for entry in entries or ({},)]
    seen = View(tuple(rows), blind, PARENTS, GROUPS)
    listening = [one for one in manifest if one.state == "listening"]
    return judge(manifest[0], listening, seen, {"gateway": 40, "stopped": None}).word


@pytest.mark.parametrize(
    ("rows", "entry", "word"),
    [
        ([V4], {}, "ok"),
        ([V4, V6], {}, "ok"),
        ([], {}, "missing"),
        ([WILD], {}, "wrong address"),
        ([V4, WILD], {}, "wrong address"),
        ([LAN], {}, "wrong address"),
        ([LAN], {"address": "192.168.1.5"}, "ok"),
        ([LAN], {"address": "any"}, "ok"),
        ([WILD], {"address": "wildcard"}, "ok"),
        ([V4], {"address": "wildcard"}, "wrong address"),
        ([V6], {"family": "ipv4"}, "wrong address"),
        ([V4], {"process": "node"}, "ok"),
        ([V4], {"process": "openclaw"}, "wrong owner"),
        ([V4], {"job": "gateway"}, "ok"),
        ([Listener("127.0.0.1", 18789, "ipv4", 70, "node")], {"job": "gateway"}, "ok"),
        ([Listener("127.0.0.1", 18789, "ipv4", 60, "nc")], {"job": "gateway"}, "wrong owner"),
        ([V4], {"job": "stopped"}, "wrong owner"),
        ([Listener("127.0.0.1", 18789, "ipv4")], {"job": "gateway"}, "unseen"),
        ([], {"state": "closed"}, "ok"),
        ([V4], {"state": "closed"}, "not closed"),
    ],
)
def test_verdicts(rows: list[Listener], entry: dict[str, Any], word: str) -> None:
    assert verdict(rows, entry) == word


def test_two_entries_may_share_a_port() -> None:
    assert verdict([V4, LAN], {}, {"address": "192.168.1.5"}) == "ok"
    assert verdict([V4], {"address": "192.168.1.5"}, {}) == "missing"


def test_what_could_not_be_seen_is_neither_closed_nor_missing() -> None:
    assert verdict([], {"state": "closed"}, blind="netstat: refused") == "unseen"
    assert verdict([], {}, blind="netstat: refused") == "unseen"
    assert verdict([V4], {"state": "closed"}, blind="netstat: refused") == "not closed"


@pytest.mark.parametrize(("others", "ports"), [("allow", []), ("deny_wildcard", [22]), ("deny", [22, 5000])])
def test_ports_that_nobody_named(others: str, ports: list[int]) -> None:
    rows = (V4, Listener("*", 22, "dual", 1, "launchd"), Listener("127.0.0.1", 5000, "ipv4", 9, "x"))
    args = ListenersArgs.model_validate({"manifest": [{"port": 18789}], "others": others})
    assert [one.port for one in strangers(args, View(rows))] == ports


@pytest.mark.parametrize("entry", [{"port": 0}, {"port": 80, "address": "here"}, {"port": 22, "outside": "open"}])
def test_senseless_entries_are_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Entry.model_validate(entry)


NETSTAT = (
    "Active Internet connections (including servers)\n"
    "tcp4       0      0  127.0.0.1.18789        *.*                    LISTEN       131072  131072     50      0 "
    "00100 00000006 0000000000000001 00000000 00000900      1      0 000001\n"
    "tcp6       0      0  fe80::1234:5678.5000   *.*                    LISTEN       131072  131072     50      0 "
    "00100 00000006 0000000000000001 00000000 00000900      1      0 000001\n"
)
LSOF = (
    "p50\ncnode\nLadmin\nf3\nPTCP\nn127.0.0.1:18789\nTST=LISTEN\n"
    "f4\ntIPv6\nPTCP\nn[fe80::1234:5678:9abc]:5000\nTST=LISTEN\n"
)
PS = "  PID  PPID  PGID USER             COMM\n   50     1    50 admin            /usr/local/bin/node\n"


def answer(text: str, rc: int = 0, err: str = "") -> Answer:
    return Answer("x", Output(text, err, rc))


def test_netstat_lsof_and_ps_make_one_view() -> None:
    seen = view({"sockets": answer(NETSTAT), "lsof": answer(LSOF), "ps": answer(PS)})
    assert seen.blind is None
    assert seen.on(18789) == (Listener("127.0.0.1", 18789, "ipv4", 50, "node"),)
    assert seen.on(5000)[0].address == "fe80::1234:5678:9abc"
    assert seen.descends(50, 50) and seen.descends(50, 1) and not seen.descends(None, 1) and not seen.descends(50, 7)
    assert str(seen.on(18789)[0]) == "127.0.0.1:18789 ipv4 node (50)"


def test_without_netstat_only_our_own_processes_can_be_seen() -> None:
    seen = view({"sockets": answer("", 1, "netstat: Operation not permitted"), "lsof": answer(LSOF), "ps": answer(PS)})
    assert seen.blind and "own processes only" in seen.blind
    assert len(seen.listeners) == 2
    nothing = view({})
    assert nothing.listeners == () and nothing.blind
