"""Forms that no recording of ours has: other versions and locales, single values, other streams."""

from typing import Any

import pytest

from orchestrator.modules.macos.parsers import Output, parse

CASES = [
    ("sw-vers", "25F71\n", {"version": None, "build": "25F71"}),
    ("sw-vers", "(a)\n", {"version": None, "extra": "(a)"}),
    ("sw-vers", "ProductName:\tMac OS X\nProductVersion:\t10.14.6\nBuildVersion:\t18G103\n", {"numbers": [10, 14, 6]}),
    ("sysctl-identity", "{ sec = 1789196391, usec = 979990 } Fri Sep 11 08:19:51 2026\n", {"values": {}}),
    (
        "csrutil-status",
        "System Integrity Protection status: enabled (Custom Configuration).\n\n"
        "Configuration:\n\tKext Signing: disabled\n",
        {"sip": "custom", "configuration": {"kext_signing": False}},
    ),
    ("csrutil-status", "System Integrity Protection status: enabled (Apple Internal).\n", {"sip": "enabled"}),
    (
        "socketfilterfw-getblockall",
        "Firewall is set to block all non-essential incoming connections\n",
        {"blocks_all": True},
    ),
    ("socketfilterfw-getblockall", "Firewall has block all state set to disabled.\n", {"blocks_all": False}),
    ("who", "admin    console  11 Sep. 08:12 \n", {"console_user": "admin"}),
    ("who", "admin    console  9 sept. 08:12 \n", {"console_user": "admin"}),
    ("who", "admin    console  5 März 08:12 \n", {"console_user": "admin"}),
    ("uptime", "9:03PM  up 1 day, 1 min, 0 users, load averages: 3,36 1,83 0,83\n", {"up_s": 86460, "users": 0}),
    ("last", "utx.log begins Fri Sep 11 08:11:01 CEST 2026\n", {"begins": "Fri Sep 11 08:11:01 CEST 2026"}),
    ("systemsetup", "Computer Sleep: after 10 minutes\n", {"sleep_s": {"computer": 600}, "settings": {}}),
    ("systemsetup", "Hard Disk Sleep: Never\n", {"sleep_s": {"disk": 0}}),
    ("date", "1700000000,123456\n", {"seconds": 1700000000, "nanoseconds": 123456000}),
]


@pytest.mark.parametrize(("slug", "text", "told"), CASES)
def test_a_variant_is_known(slug: str, text: str, told: dict[str, Any]) -> None:
    read = parse(slug, Output(text, "", 0))
    assert read["status"] == "known"
    assert {name: read[name] for name in told} == told


def test_a_reboot_has_no_line() -> None:
    text = "reboot time                 Fri Sep 11 08:11\nadmin ttys000  Mon Sep 15 09:37   still logged in\n"
    assert [entry["line"] for entry in parse("last", Output(text, "", 0))["entries"]] == [None, "ttys000"]


@pytest.mark.parametrize("exit_code", [1, None])
@pytest.mark.parametrize(
    ("slug", "text", "status"),
    [
        ("id", "id: nobody2: no such user\n", "absent"),
        ("osascript", "0:5: syntax error: A identifier can’t go after this identifier. (-2740)\n", "failed"),
        (
            "xcode-stub",
            "xcrun: error: invalid active developer path (/Library/Developer/CommandLineTools), missing xcrun\n",
            "absent",
        ),
    ],
)
def test_a_complaint_is_no_answer_on_either_stream(slug: str, text: str, status: str, exit_code: int | None) -> None:
    assert parse(slug, Output(text, "", exit_code))["status"] == status
    assert parse(slug, Output("", text, exit_code))["status"] == status


def test_kickstart_tells_the_pid_on_either_stream() -> None:
    assert parse("launchctl-kickstart", Output("4711\n", "", 37))["pid"] == 4711
    assert parse("launchctl-kickstart", Output("", "4711\n", 37))["pid"] == 4711
