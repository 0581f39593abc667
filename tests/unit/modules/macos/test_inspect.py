"""A rented Mac on arrival and departure: what is told of a former tenant's things, of ours, and of what nobody saw."""

import pytest

from orchestrator.modules.macos.inspect import KINDS, Inspection, inspection
from orchestrator.modules.macos.parsers import Output
from orchestrator.modules.macos.probing import Answer

CLEAN: dict[str, tuple[str, str, int]] = {
    "authorized_keys": ("256 SHA256:abc operator@desk (ED25519)\n", "", 0),
    "root_keys": ("", "", 0),
    "user_agents": ("ai.openclaw.gateway.plist\n", "", 0),
    "agents": ("com.apple.x.plist\n", "", 0),
    "daemons": ("com.apple.y.plist\n", "", 0),
    "profiles": ("There are no configuration profiles installed for user 'admin'\n", "", 0),
    "sudoers": ("", "", 0),
    "users": ("_mbsetupuser 248\nadmin 501\ndaemon 1\nnobody -2\nroot 0\n", "", 0),
    "login_items": ("", "sfltool: dumpbtm requires root\n", 1),
    "crontab": ("", "crontab: no crontab for admin\n", 1),
    "remains": ("", "", 0),
    "gone": ("", "", 0),
}
ALLOW = ["users:admin", "authorized_keys:* operator@desk", "user_agents:ai.openclaw.*"]


def seen(**changed: tuple[str, str, int]) -> Inspection:
    return inspection({name: Answer(name, Output(*text)) for name, text in {**CLEAN, **changed}.items()})


def test_a_clean_mac_has_no_findings_and_says_what_it_did_not_see() -> None:
    found = seen()
    assert found.findings(ALLOW, {}) == []
    assert found.unseen == {"login_items": "login_items: sfltool: dumpbtm requires root"}
    assert set(CLEAN) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "answer", "name"),
    [
        ("authorized_keys", ("2048 SHA256:xyz former tenant@x (RSA)\n", "", 0), "SHA256:xyz former tenant@x"),
        ("user_agents", ("com.former.agent.plist\n", "", 0), "com.former.agent.plist"),
        ("agents", ("com.vendor.helper.plist\n", "", 0), "com.vendor.helper.plist"),
        ("daemons", ("com.vendor.daemon.plist\ncom.apple.z.plist\n", "", 0), "com.vendor.daemon.plist"),
        ("sudoers", ("90-former\n", "", 0), "90-former"),
        ("users", ("admin 501\nformer 502\n", "", 0), "former"),
        ("login_items", ("   Name:   Former Sync \n", "", 0), "Former Sync"),
        ("crontab", ("# a comment\n@hourly /tmp/x\n", "", 0), "@hourly /tmp/x"),
        ("remains", ("/tmp/.orch-501-abc\n", "", 0), "/tmp/.orch-501-abc"),
        ("gone", ("/Users/admin/.openclaw\n", "", 0), "/Users/admin/.openclaw"),
    ],
)
def test_a_leftover_is_a_finding(kind: str, answer: tuple[str, str, int], name: str) -> None:
    assert seen(**{kind: answer}).findings(ALLOW, {}) == [(kind, name)]


def test_what_was_there_before_is_no_finding_but_our_remains_always_are() -> None:
    found = seen(users=("admin 501\nvendor 502\n", "", 0), remains=("/tmp/.orch-x\n", "", 0))
    before = {"users": ["admin", "vendor"], "remains": ["/tmp/.orch-x"]}
    assert found.findings(ALLOW, before) == [("remains", "/tmp/.orch-x")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_unseen_and_never_clean(kind: str) -> None:
    found = seen(**{kind: ("", "Operation not permitted\n", 1)})
    assert kind in found.unseen and kind not in found.items


def test_what_took_too_long_is_unseen() -> None:
    found = inspection({"users": Answer("dscl", Output("", "", None), late=True)})
    assert found.unseen["users"] == "dscl: no answer within the limit"
