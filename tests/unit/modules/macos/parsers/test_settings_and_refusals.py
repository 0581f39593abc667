"""Identity, settings, updates, network, and refusals."""

import pytest

from tests.unit.modules.macos.parsers.told import told


def test_versions() -> None:
    assert told("sw-vers", "27.0\n")["numbers"] == [27, 0]
    assert told("sw-vers", "ProductName: macOS\nProductVersion: beta\n")["numbers"] is None
    assert told("sw-vers", "hm\n")["status"] == "unknown"
    assert told("systemversion-plist", "<plist><dict/></plist>")["status"] == "unknown"


@pytest.mark.parametrize(
    ("release", "major"), [("26.0.0", 27), ("25.5.0", 26), ("24.6.0", 15), ("22.1.0", 13), ("x", None)]
)
def test_darwin_and_macos(release: str, major: int | None) -> None:
    text = f"Darwin host {release} Darwin Kernel Version {release}: date; root:xnu-1/RELEASE arm64\n"
    assert told("uname-a", text)["macos_major"] == major
    assert told("uname-a", "Linux\n")["status"] == "unknown"


def test_sysctl() -> None:
    result = told("sysctl-identity", "hw.memsize: 7\n", stderr="sysctl: unknown oid 'hw.nope'\n", code=1)
    assert (result["values"], result["unknown_names"]) == ({"hw.memsize": 7}, ["hw.nope"])
    assert told("sysctl-identity", "hm\n")["status"] == "unknown"
    assert told("sysctl-hw-model", "Mac16,10\n17179869184\n")["values"] == ["Mac16,10", 17179869184]
    assert told("sysctl-hw-model", "nothing like it\n")["status"] == "unknown"
    assert told("sysctl-hw-model")["status"] == "unknown"


def test_users_and_groups_with_blanks() -> None:
    result = told("id", "uid=502(u) gid=20(staff) groups=20(staff),700(EXAMPLE\\Domain Users),80(admin),99\n")
    assert [group["name"] for group in result["groups"]] == ["staff", "EXAMPLE\\Domain Users", "admin", None]
    assert result["admin"] is True
    assert told("id", stderr="id: nobody2: no such user\n", code=1)["status"] == "absent"


def test_the_plain_hardware_report_hides_the_machine() -> None:
    text = (
        "Hardware:\n\n    Hardware Overview:\n\n      Model Identifier: Mac16,10\n      Chip: Apple M4\n"
        "      Total Number of Cores: 10 (4 performance and 6 efficiency)\n      Memory: 16 GB\n"
        "      Serial Number (system): ABC123\n      Hardware UUID: 11-22\n      Provisioning UDID: 33-44\n"
    )
    result = told("system-profiler-hardware", text)
    assert (result["model"], result["processors"], result["memory_bytes"]) == ("Mac16,10", [10, 4, 6], 16 * 1024**3)
    assert not any(secret in str(result) for secret in ("ABC123", "11-22", "33-44"))
    json_text = (
        '{"SPHardwareDataType": [{"machine_model": "Mac15,9", "number_processors": "proc 12:8:4", '
        '"serial_number": 7, "x": [NaN, 1e999]}]}'
    )
    result = told("system-profiler-hardware", json_text)
    assert (result["processors"], result["fields"]["serial_number"]) == ([12, 8, 4], "redacted")
    assert told("system-profiler-hardware", "[" * 100_000)["status"] == "unknown"


def test_systemsetup() -> None:
    noisy = (
        "2026-09-01 10:00:00.1 systemsetup[12:34] ### Error:-99 File:x.m Line:379\nsetremotelogin: Remote Login: Off\n"
    )
    assert told("systemsetup", noisy)["settings"] == {"Remote Login": False}
    assert told("systemsetup", "Sleep: Computer sleeps Never\n")["sleep_s"] == {"computer": 0}
    assert told("systemsetup", "Time Zone: (null)\nand more\n") == {
        "status": "known",
        "settings": {"Time Zone": None},
        "sleep_s": {},
        "unsupported": [],
        "extra": ["and more"],
    }
    access = told(
        "systemsetup", "setremotelogin: Turning Remote Login on or off requires Full Disk Access privileges.\n"
    )
    assert access["status"] == "not permitted"
    assert told("systemsetup", "hm\n")["status"] == "unknown"


def test_defaults() -> None:
    assert told("defaults-read", "007\n")["value"] == "007"
    assert told("defaults-read", '(\n    "a b",\n    3\n)\n')["value"] == ["a b", 3]
    assert told("defaults-read", '{\n    Key = "\\U00e9\\n\\351";\n    Open = {\n')["value"] == {
        "Key": "é\né",
        "Open": {},
    }
    assert told("defaults-read", stderr="Domain com.example does not exist\n", code=1)["status"] == "absent"
    assert told("defaults-read", code=1)["status"] == "unknown"
    assert told("defaults-read", "(" * 5000)["status"] == "known"


def test_dscl() -> None:
    record = told(
        "dscl-read", "RealName:\n Test User\ndsAttrTypeNative:x: a b\nShadowHashData: hunter2\nJPEGPhoto:\n ffd8\n"
    )
    assert record["record"] == {"RealName": ["Test User"], "dsAttrTypeNative:x": ["a", "b"]}
    assert record["dropped"] == ["JPEGPhoto", "ShadowHashData"]
    assert told("dscl-read", "No such key: Nope\n")["status"] == "absent"
    assert (
        told("dscl-read", stderr="<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n", code=40)["status"]
        == "not permitted"
    )
    assert (
        told("dscl-read", stderr="<dscl_cmd> DS Error: -14091 (eDSAttributeNotFound2)\n", code=1)["status"] == "absent"
    )
    assert told("dscl-read", stderr="<dscl_cmd> DS Error: -14007 (eDSOperationFailed)\n", code=1)["status"] == "failed"
    assert told("dscl-read")["status"] == "unknown"


def test_updates() -> None:
    assert told("softwareupdate", "Automatic check is off\n")["automatic_check"] is False
    assert told("softwareupdate", "hm\n")["status"] == "unknown"
    old = told("softwareupdate-list", "* macOS Mojave-10.14\n\tmacOS Mojave ( ), 123K [recommended] [restart]\n")[
        "updates"
    ][0]
    assert (old["label"], old["restart"], old["text"]) == (
        "macOS Mojave-10.14",
        None,
        "macOS Mojave ( ), 123K [recommended] [restart]",
    )
    new = told("softwareupdate-list", "* Label: x\n\tTitle: X, Version: 1, Size: 1GB, Deferred: NO, \n")["updates"][0]
    assert (new["size_bytes"], new["extra"]) == (1024**3, {"Deferred": "NO"})
    assert (
        told("softwareupdate-list", "Can't connect to the Apple Software Update server, because\n")["status"]
        == "failed"
    )
    assert told("softwareupdate-list", "hm\n")["status"] == "unknown"


def test_network() -> None:
    assert (
        told("route-get-default", stderr="route: writing to routing socket: not in table\n", code=1)["status"]
        == "absent"
    )
    assert told("route-get-default", "hm\n")["status"] == "unknown"
    assert told("route-get-default", "destination: x\n")["metrics"] == {}
    assert told("scutil-dns", "No DNS configuration available\n")["status"] == "absent"
    assert told("scutil-dns", "hm\n")["status"] == "unknown"
    dns = told("scutil-dns", "DNS configuration\nresolver #1\n  novelty : 3\n")
    assert dns["resolvers"][0]["extra"] == {"novelty": "3"}
    assert told("curl", "<html>\n") == {"status": "known", "code": 0}
    assert told("curl", code=28)["meaning"] == "timed out"
    assert told("curl", code=None)["status"] == "unknown"
    assert told("ssh-preboot", "hello\n") | {"reason": ""} == {
        "status": "unknown",
        "reason": "",
        "text": "hello",
        "locked": None,
    }


def test_refusals() -> None:
    assert told("ls-home", "a\nb c\n")["names"] == ["a", "b c"]
    assert told("ls-home")["names"] == []
    assert told("ls-home", stderr="ls: /x: No such file or directory\n", code=1)["status"] == "absent"
    assert told("ls-home", code=1)["status"] == "unknown"
    assert told("sudo")["status"] == "known"
    assert told("sudo", stderr="tester is not in the sudoers file.\n", code=1)["obstacle"] == "not in sudoers"
    assert told("sudo", stderr="sudo: unknown user\n", code=1)["status"] == "failed"
    assert told("osascript", "42\n")["answer"] == "42"
    assert told("osascript", stderr="0:5: execution error: It broke. (-2700)\n", code=1)["status"] == "failed"
    assert told("osascript", code=1)["status"] == "unknown"
    assert told("xcode-stub", "Python 3.9.6\n")["developer_tools"] is True
    assert told("xcode-stub", stderr="xcode-select: error: no developer tools\n", code=2)["dialog_opened"] is False
    assert told("xcode-stub", code=None)["status"] == "unknown"
    assert told("browser-log", "hm\n")["status"] == "unknown"
