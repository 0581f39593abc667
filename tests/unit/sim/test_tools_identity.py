"""sw_vers, sysctl, uname, posture, power, clock: against recordings."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.modules.macos.parsers import Output, parse
from orchestrator.sim import faults
from tests.unit.sim.desk import Desk, recording


def keys(text: str) -> list[str]:
    return [line.partition(":")[0] for line in text.splitlines()]


def test_sw_vers_has_the_recorded_form(desk: Desk) -> None:
    said = desk.call("sw_vers")
    assert said.out == recording("sw-vers/26.6.2")
    assert desk.call("sw_vers", "-productVersion").out == "26.6.2\n"
    assert desk.call("sw_vers", "--buildVersion").out == "25G83\n"
    assert desk.call("sw_vers", "--productVersionExtra").out == "\n"
    assert desk.call("sw_vers", "--nonsense").code == 1


def test_sw_vers_of_a_rapid_response_uses_one_tab(desk_of: Callable[[int], Desk]) -> None:
    desk = desk_of(13)
    state = desk.dir.state / "mac.json"
    state.write_text(state.read_text().replace('"extra": ""', '"extra": "(a)"'))
    assert keys(desk.call("sw_vers").out) == keys(recording("sw-vers/rsr-13.3.1-a"))
    assert "ProductVersionExtra:\t(a)" in desk.call("sw_vers").out


@pytest.mark.parametrize(("major", "darwin"), [(13, "22."), (14, "23."), (15, "24."), (26, "25."), (27, "26.")])
def test_darwin_goes_with_the_release(desk_of: Callable[[int], Desk], major: int, darwin: str) -> None:
    desk = desk_of(major)
    assert desk.call("uname", "-r").out.startswith(darwin)
    assert desk.call("sw_vers", "-productVersion").out.startswith(str(major))


def test_uname_a_has_the_recorded_form(desk: Desk) -> None:
    shape = re.sub(r"\S*\d\S*", "N", recording("uname-a/26.5-mini")).split()
    ours = re.sub(r"\S*\d\S*", "N", desk.call("uname", "-a").out).split()
    assert [ours[0], *ours[3:6]] == [shape[0], *shape[3:6]]
    assert desk.call("uname").out == "Darwin\n"
    assert desk.call("uname", "-mr").out == "25.6.0 arm64\n"


def test_sysctl_prints_values_and_names_the_unknown(desk: Desk) -> None:
    assert desk.call("sysctl", "-n", "machdep.cpu.brand_string", "hw.model").out == recording("sysctl-hw-model/vm")
    assert re.fullmatch(r"kern\.boottime: \{ sec = \d+, usec = \d+ \} .*\n", desk.call("sysctl", "kern.boottime").out)
    both = desk.call("sysctl", "-n", "hw.nope", "hw.ncpu")
    assert (both.out, both.err, both.code) == ("4\n", "sysctl: unknown oid 'hw.nope'\n", 1)


def test_names_can_be_read_and_set_by_root(desk: Desk) -> None:
    assert desk.call("scutil", "--get", "ComputerName").out == "mini\n"
    unset = desk.call("scutil", "--get", "HostName")
    assert (unset.code, unset.err) == (1, "HostName: not set\n")
    assert desk.call("scutil", "--set", "HostName", "x").code == 1
    assert desk.root("scutil", "--set", "HostName", "lab.example").code == 0
    assert desk.call("hostname").out == "lab.example\n"
    assert desk.call("hostname", "-s").out == "lab\n"
    assert desk.call("scutil").code == 1


def test_ioreg_names_the_hardware(desk: Desk) -> None:
    assert re.search(
        r'"IOPlatformUUID" = "[0-9A-F-]{36}"', desk.call("ioreg", "-rd1", "-c", "IOPlatformExpertDevice").out
    )


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("csrutil status", "csrutil-status/enabled"),
        ("spctl --status", "spctl-status/enabled"),
        ("fdesetup status", "fdesetup-status/off"),
        ("socketfilterfw --getglobalstate", "socketfilterfw-getglobalstate/disabled"),
        ("socketfilterfw --getblockall", "socketfilterfw-getblockall/off"),
        ("socketfilterfw --getstealthmode", "socketfilterfw-getstealthmode/off"),
        ("profiles status -type enrollment", "profiles-status/not-enrolled"),
        ("softwareupdate --list", "softwareupdate-list/none"),
        ("softwareupdate --list --no-scan", "softwareupdate-list/none-noscan"),
        ("softwareupdate --schedule", "softwareupdate/schedule-on"),
        ("vm_stat", "vm-stat/26.5-16k"),
        ("systemsetup -getremotelogin", "systemsetup/non-admin"),
    ],
)
def test_answers_are_the_recorded_ones(desk: Desk, command: str, name: str) -> None:
    said = desk.call(*command.split())
    assert said.out.strip() == recording(name).strip()
    assert said.code == 0


@pytest.mark.parametrize(
    "command", ["csrutil", "spctl", "fdesetup", "socketfilterfw", "profiles", "softwareupdate", "pmset", "tccutil"]
)
def test_a_bare_tool_explains_itself(desk: Desk, command: str) -> None:
    said = desk.call(command)
    assert said.code != 0
    assert said.err.endswith("\n")


def test_posture_follows_its_settings(desk: Desk) -> None:
    assert desk.call("fdesetup", "isactive").code == 1
    assert desk.call("socketfilterfw", "--setglobalstate", "on").code == 1
    desk.root("socketfilterfw", "--setglobalstate", "on")
    desk.root("socketfilterfw", "--setstealthmode", "on")
    assert desk.call("socketfilterfw", "--getglobalstate").out == recording("socketfilterfw-getglobalstate/enabled")
    assert desk.call("socketfilterfw", "--getstealthmode").out == recording("socketfilterfw-getstealthmode/on")
    state = desk.dir.state / "settings.json"
    text = state.read_text().replace('"mdm": "No"', '"mdm": "Yes (User Approved)"')
    state.write_text(text.replace('"mdm_server": null', '"mdm_server": "https://test.example.com/mdm/apple/mdm"'))
    status = desk.call("profiles", "status", "-type", "enrollment").out
    assert status.strip() == recording("profiles-status/user-approved-with-server").strip()


def test_profiles_show_is_for_root(desk: Desk) -> None:
    as_user, as_root = (call("profiles", "show", "-type", "enrollment") for call in (desk.call, desk.root))
    assert (as_user.err.strip(), as_user.code) == (recording("profiles-show-enrollment/not-root").strip(), 1)
    assert (as_root.err.strip(), as_root.code) == (recording("profiles-show-enrollment/not-dep").strip(), 1)
    assert desk.call("profiles", "list").out.strip() == recording("profiles-list/none-user").strip().replace(
        "rajan", "admin"
    )
    assert desk.root("profiles", "list").out.strip() == recording("profiles-list/none-system").strip()


def test_pmset_rows_have_the_recorded_columns(desk: Desk) -> None:
    recorded = {line.split("  ")[0]: line for line in recording("pmset-g/apple-silicon-no-sleepdisabled").splitlines()}
    for line in desk.call("pmset", "-g").out.splitlines():
        name = line.split("  ")[0]
        assert name in recorded
        assert line[:22] == recorded[name][:22]
    assert recording("pmset-g-assertions/powerd-display-on").strip() in desk.call("pmset", "-g", "assertions").out
    assert "thermal" in desk.call("pmset", "-g", "therm").out
    assert desk.call("pmset", "-a", "sleep", "9").code == 77
    desk.root("pmset", "-a", "sleep", "9")
    assert " sleep                9\n" in desk.call("pmset", "-g").out


def test_memory_pressure_has_the_recorded_words(desk: Desk) -> None:
    def shape(text: str) -> str:
        return re.sub(r"\d+", "N", text).strip()

    assert shape(desk.call("memory_pressure", "-Q").out) == shape(recording("memory-pressure/Q-16g"))


def test_pending_updates_are_listed_in_the_recorded_form(desk: Desk) -> None:
    with_update = {"label": "macOS 26.6.3-25G90", "title": "macOS 26.6.3", "version": "26.6.3", "size_kib": 868648,
                   "restart": True}  # fmt: skip
    state = desk.dir.state / "settings.json"
    state.write_text(
        state.read_text().replace(
            '"updates": []', f'"updates": [{str(with_update).replace(chr(39), chr(34)).replace("True", "true")}]'
        )
    )
    shape = [
        re.sub(r"[\d.]+|Ventura |-\S+", "", line).split() for line in recording("softwareupdate-list/one").splitlines()
    ]
    ours = [re.sub(r"[\d.]+|-\S+", "", line).split() for line in desk.call("softwareupdate", "--list").out.splitlines()]
    assert ours == shape


def test_date_knows_nanoseconds_from_15_4_on(desk_of: Callable[[int], Desk]) -> None:
    old, new = desk_of(14), desk_of(15)
    fixed = ("-r", "1700000000", "+%s.%N")
    assert old.call("date", *fixed).out == recording("reconstructed/date/nanoseconds-before-15.4")
    assert re.fullmatch(r"1700000000\.\d{9}\n", new.call("date", *fixed).out)


def test_date_is_bsd(desk: Desk) -> None:
    assert desk.call("date", "-u", "-r", "0", "+%Y-%m-%dT%H:%M:%SZ").out == "1970-01-01T00:00:00Z\n"
    assert desk.call("date", "-u", "-j", "-f", "%Y-%m-%d %H:%M:%S", "2001-09-09 01:46:40", "+%s").out == "1000000000\n"
    assert desk.call("date", "-j", "-f", "%s", "12", "+%s").out == "12\n"
    assert desk.call("date", "-d", "@0").code == 1
    assert desk.call("date", "-j", "-f", "%Y", "soon").code == 1
    assert desk.call("date", "010101012020").code == 1
    assert desk.call("date", "-r", "/no/such/file").code == 1
    assert abs(int(desk.call("date", "-r", str(desk.home), "+%s").out) - time.time()) < 60
    assert desk.call("date").out.strip()


def test_a_skewed_clock_is_seen_by_date_and_sntp(desk: Desk) -> None:
    faults.switch(desk.dir.root, clock_skew_s=120.5)
    assert 115 < int(desk.call("date", "+%s").out) - time.time() < 125
    assert desk.call("sntp", "-t", "2", "time.apple.com").out == "-120.500000 +/- 0.017541 time.apple.com 17.253.4.45\n"


def test_sntp_answers_and_times_out_as_recorded(desk: Desk) -> None:
    shape = re.compile(r"[-+]\d+\.\d{6} \+/- \d+\.\d{6} time\.apple\.com [\d.]+\n")
    assert shape.fullmatch(recording("sntp/ok-positive"))
    assert shape.fullmatch(desk.call("sntp", "time.apple.com").out)
    assert desk.call("sntp", "-s", "time.apple.com").code == 77
    faults.switch(desk.dir.root, sntp_timeout=True)
    said = desk.call("sntp", "time.apple.com")
    assert (said.out, said.err, said.code) == ("", recording("sntp/timeout"), 69)


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        ("-getusingnetworktime", "getusingnetworktime"),
        ("-getnetworktimeserver", "getnetworktimeserver"),
        ("-gettimezone", "gettimezone"),
        ("-getremotelogin", "getremotelogin-on"),
        ("-getcomputername", "getcomputername"),
        ("-getsleep", "getsleep"),
    ],
)
def test_systemsetup_answers_root_as_recorded(desk: Desk, verb: str, name: str) -> None:
    assert keys(desk.root("systemsetup", verb).out) == keys(recording(f"systemsetup/{name}"))


def test_systemsetup_sets(desk: Desk) -> None:
    desk.root("systemsetup", "-setusingnetworktime", "off")
    desk.root("systemsetup", "-setnetworktimeserver", "time.example.com")
    desk.root("systemsetup", "-settimezone", "Europe/Berlin")
    assert desk.root("systemsetup", "-getusingnetworktime").out == "Network Time: Off\n"
    assert desk.root("systemsetup", "-getnetworktimeserver").out == "Network Time Server: time.example.com\n"
    assert desk.root("systemsetup", "-gettimezone").out == recording("systemsetup/gettimezone")
    assert desk.root("systemsetup", "-nonsense").code == 1


def test_apple_events_are_refused_as_recorded(desk: Desk) -> None:
    said = desk.call("osascript", "-e", 'tell application "Terminal" to quit')
    assert (said.err, said.code) == (recording("osascript/not-authorized").rstrip() + "\n", 1)
    said = desk.call("osascript", "-", stdin='tell application "Finder" to quit')
    assert said.err == recording("osascript/not-authorized-stdin").rstrip() + "\n"
    assert desk.call("osascript", "-e", "1 + 1").code == 1
    assert desk.call("open", "-a", "Safari").code == 1
    assert desk.call("tccutil", "reset", "All").out == "Successfully reset All\n"
    assert "com.example" in desk.call("tccutil", "reset", "All", "com.example").out


def test_developer_tools_are_stubs_and_calls_are_recorded(desk_of: Callable[[int], Desk]) -> None:
    new, old = desk_of(26), desk_of(13)
    said = new.call("python3", "--version")
    assert (said.err, said.code) == (recording("xcode-stub/no-developer-tools").rstrip() + "\n", 1)
    assert old.call("git", "--version").err == recording("xcode-stub/no-developer-tools-older").rstrip() + "\n"
    assert (new.dir.state / "violations.log").read_text() == "python3 --version\n"
    assert new.call("xcode-select", "-p").code == 2


def test_who_uptime_route_and_dns_are_read_by_the_parsers_of_their_recordings(desk: Desk) -> None:
    def read(slug: str, tool: str, *argv: str) -> dict[str, Any]:
        said = desk.call(tool, *argv)
        return parse(slug, Output(said.out, said.err, said.code))

    assert read("who", "who")["console_user"] == desk.mac.user
    assert read("uptime", "uptime")["status"] == "known"
    assert read("route-get-default", "route", "-n", "get", "default")["interface"] == "en0"
    assert len(read("scutil-dns", "scutil", "--dns")["resolvers"]) == 1
    assert desk.call("route", "delete", "default").code == 64
    faults.switch(desk.dir.root, no_gui=True)
    assert read("who", "who").get("console_user") is None
