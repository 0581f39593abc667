"""Clock, processes, memory, disks, power, logins: odd values and their units."""

import pytest

from tests.unit.modules.macos.parsers.told import told


@pytest.mark.parametrize(
    ("text", "offset", "clock"),
    [
        ("+0.5 +/- 0.1 t", 0.5, "behind"),
        ("-1234.25 +/- 2 t 2001:db8::1", -1234.25, "ahead"),
        ("0.000000 +/- 0.1 t", 0.0, "equal"),
        ("2026-09-01 10:00:00.1 (+0100) +0.5 +/- 0.1 t 192.0.2.1 s2 no-leap", 0.5, "behind"),
    ],
)
def test_the_offset_is_what_must_be_added(text: str, offset: float, clock: str) -> None:
    result = told("sntp", text)
    assert (result["offset_s"], result["local_clock"]) == (offset, clock)


def test_numbers_of_a_failed_exchange_are_not_given() -> None:
    result = told(
        "sntp", "+9.5 +/- 0.1 t\n", stderr="sntp: Exchange failed: Kiss of death\nsntp: Clock select failed\n", code=69
    )
    assert (result["status"], result["offset_s"], result["reason"]) == ("failed", None, "Kiss of death")
    assert told("sntp", "+9.5 +/- 0.1 t\n", code=69)["offset_s"] is None
    retried = told("sntp", "+9.5 +/- 0.1 t\n", stderr="sntp: Exchange failed: Timeout\n")
    assert (retried["offset_s"], retried["failed_exchanges"]) == (9.5, 1)
    assert told("sntp", "hm")["status"] == "unknown"


@pytest.mark.parametrize(
    ("text", "seconds", "nanoseconds", "percent_n"),
    [
        ("1700000000", 1700000000, None, None),
        ("1700000000.N", 1700000000, None, False),
        ("1700000000.5", 1700000000, 500_000_000, True),
        ("1700000000.1234567899", 1700000000, 123_456_789, True),
    ],
)
def test_the_time_in_every_form(text: str, seconds: int, nanoseconds: int | None, percent_n: bool | None) -> None:
    result = told("date", text + "\n")
    assert (result["seconds"], result["nanoseconds"], result["percent_n"]) == (seconds, nanoseconds, percent_n)
    assert told("date", "Sat Nov 21\n")["status"] == "unknown"


def test_ps_with_lstart_and_short_rows() -> None:
    text = "  PID STARTED  ELAPSED UID COMMAND\n    7 Sat Nov 21 01:20:10 2026 1-02:03:04 501 a b\nbroken\n"
    result = told("ps", text)
    assert result["processes"] == [
        {"pid": 7, "started": "Sat Nov 21 01:20:10 2026", "elapsed_s": 93784.0, "uid": 501, "command": "a b"}
    ]
    assert result["extra"] == ["broken"]
    assert (
        told("ps", "UID PID PPID C STIME TTY TIME CMD\n501 9 1 0 9:00AM ?? 0:00.10 /bin/x y\n")["processes"][0][
            "command"
        ]
        == "/bin/x y"
    )
    assert told("ps", code=1)["processes"] == []
    assert told("ps", "ps: illegal option\n", code=1)["status"] == "failed"
    assert told("ps", "  PID COMMAND\n    x y\n")["processes"] == []


def test_df_in_blocks_and_powers_of_ten() -> None:
    text = (
        "Filesystem 512-blocks Used Available Capacity iused ifree %iused Mounted on\n"
        "map auto_home 0 0 0 100% 0 0 - /System/Volumes/Data home\n"
        "/dev/disk3s1s1 100 50 50 50% 5 10 33% /\nodd row\n"
    )
    result = told("df-h", text)
    assert result["filesystems"][0]["device"] == "map auto_home"
    assert result["filesystems"][0]["mount_point"] == "/System/Volumes/Data home"
    assert result["filesystems"][1]["size_bytes"] == 51200
    assert (result["rounded"], result["extra"]) == (False, ["odd row"])
    ten = told("df-h", "Filesystem Size Used Avail Capacity Mounted on\n/dev/disk1 1.5T 2G 3G 1% /\n")["filesystems"][0]
    assert (ten["size_bytes"], ten["used_bytes"], ten["inodes_used"]) == (1_500_000_000_000, 2_000_000_000, None)
    assert told("df-h", stderr="df: /x: No such file or directory\n", code=1)["status"] == "absent"


def test_memory_in_other_forms() -> None:
    text = (
        "The system has 8589934592 (524288 pages with a page size of 16384).\n\n"
        "Stats: \nPages free: 5 \nSystem-wide memory free percentage: 7%\n"
    )
    result = told("memory-pressure", text)
    assert (result["page_size_bytes"], result["free_percent"], result["counts"]) == (16384, 7, {"Pages free": 5})
    assert told("memory-pressure", "hm")["status"] == "unknown"
    assert told("top-physmem", "PhysMem: 15G used (2G wired), 100M unused.\n")["parts"] == {"wired": 2 * 1024**3}
    assert told("top-physmem", "hm")["status"] == "unknown"
    assert told("vm-stat", 'Pages free: 7.\n"Tagged pages": 3.\n')["bytes"] == {}
    assert told("vm-stat", "hm")["status"] == "unknown"
    assert told("sysctl-swapusage", "total = 1G\n")["status"] == "unknown"
    assert told("sysctl-swapusage", "vm.swapusage: total = 0.00M used = 0.00M free = 0.00M\n")["encrypted"] is False


def test_power_settings_and_assertions() -> None:
    text = " SleepDisabled 1\n sleep 0 (imposed by 12)\n"
    result = told("pmset-g", text)
    assert (result["sleep_disabled"], result["timers_s"]["sleep"], result["notes"]) == (
        True,
        0,
        {"sleep": "imposed by 12"},
    )
    assert told("pmset-g", "hm\n")["status"] == "unknown"
    listing = (
        "2026-09-01 10:00:00 +0200 \nAssertion status system-wide:\n   PreventUserIdleSystemSleep    1\n"
        'Listed by owning process:\n   pid 9(x): [0x1] 00:00:10 NoIdleSleepAssertion named: "a" \n'
        "\tTimeout will fire in 3 secs Action=TimeoutActionRelease\nNo kernel assertions.\n"
    )
    found = told("pmset-g-assertions", listing)
    assert found["totals"] == {"PreventUserIdleSystemSleep": 1}
    assert found["assertions"][0]["details"] == ["Timeout will fire in 3 secs Action=TimeoutActionRelease"]
    assert told("pmset-g-assertions", "hm\n")["status"] == "unknown"


@pytest.mark.parametrize(
    ("up", "up_s"),
    [("5 mins", 300), ("1 day, 2 mins", 86520), ("3:23", 12180), ("45 secs", 45), ("2 hrs", 7200), ("ages", None)],
)
def test_uptime_words(up: str, up_s: int | None) -> None:
    result = told("uptime", f"10:15  up {up}, 1 user, load averages: 1,63 0.65 0.44\n")
    assert (result["up_s"], result["users"], result["load"]) == (up_s, 1, [1.63, 0.65, 0.44])


def test_logins() -> None:
    who = told("who", "tester ttys001 Mar  1 15:18 (192.0.2.7)\n")
    assert (who["sessions"][0]["host"], who["console_user"]) == ("192.0.2.7", None)
    assert told("who")["sessions"] == []
    assert told("who", "???\n")["status"] == "unknown"
    last = told("last", "tester ttys001 192.0.2.7 Fri Feb 28 14:45 - crash (1+02:03)\nreboot time Fri Feb 28 14:44\n")
    assert last["entries"][0] | {"since": ""} == {
        "user": "tester",
        "line": "ttys001",
        "host": "192.0.2.7",
        "since": "",
        "until": "crash",
        "lasted_s": 93780,
        "still_in": False,
    }
    assert told("last", "hm\n")["status"] == "unknown"
    assert told("w", "hm\n")["status"] == "unknown"
    assert told("w", "USER TTY FROM LOGIN@ IDLE WHAT\nshort row\n")["extra"] == ["short row"]
