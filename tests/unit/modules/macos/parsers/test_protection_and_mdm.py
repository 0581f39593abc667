"""SIP, Gatekeeper, FileVault, firewall, boot policy, profiles, mdmclient."""

import pytest

from tests.unit.modules.macos.parsers.told import told


def test_sip_words() -> None:
    internal = told("csrutil-status", "System Integrity Protection status: enabled (Apple Internal).\n")
    assert (internal["sip"], internal["note"]) == ("enabled", "Apple Internal")
    assert told("csrutil-status", "System Integrity Protection status: unknown.\n")["status"] == "unknown"
    assert told("csrutil-status", "hm\n")["status"] == "unknown"


@pytest.mark.parametrize(
    ("slug", "text", "field", "value"),
    [
        ("spctl-status", "assessments disabled\n", "gatekeeper", False),
        ("fdesetup-status", "true\n", "filevault", True),
        ("fdesetup-status", "FileVault is Off, but will be enabled after the next restart.\n", "filevault", False),
        ("socketfilterfw-getglobalstate", "Firewall is blocking all. (State = 2)\n", "firewall", "blocks all incoming"),
        ("socketfilterfw-getglobalstate", "Firewall is enabled.\n", "firewall", "on"),
        ("socketfilterfw-getblockall", "Block all DISABLED! \n", "blocks_all", False),
        ("socketfilterfw-getblockall", "Firewall has block all state set to enabled.\n", "blocks_all", True),
        ("socketfilterfw-getstealthmode", "Stealth mode enabled\n", "stealth", True),
    ],
)
def test_sentences_of_several_versions(slug: str, text: str, field: str, value: object) -> None:
    assert told(slug, text)[field] == value
    assert told(slug, "gibberish\n")["status"] == "unknown"


def test_a_pending_filevault_change_is_noted() -> None:
    text = "FileVault is On.\nDecryption in progress: Paused\nVolume /dev/disk1s1 is odd\n"
    result = told("fdesetup-status", text)
    assert result["progress"] == {"direction": "decrypting", "percent": None, "waiting": "paused"}
    assert result["notes"] == ["Volume /dev/disk1s1 is odd"]


def test_boot_policies() -> None:
    text = "Local policy for volume group 1:\nUnique Chip ID (ECID): 0x1234\nSecurity Mode:   Full    (smb0): absent\n"
    assert told("bputil", text)["policies"][0]["values"] == {
        "Unique Chip ID": "redacted",
        "Security Mode": "Full    (smb0): absent",
    }
    assert told("bputil", "nothing\n")["status"] == "unknown"
    assert told("system-profiler-ibridge", "Controller:\n")["status"] == "unknown"


@pytest.mark.parametrize(
    ("word", "mdm"), [("No", "no"), ("Yes", "yes"), ("Yes (User Approved)", "user approved"), ("Perhaps", None)]
)
def test_enrollment_has_three_states(word: str, mdm: str | None) -> None:
    result = told("profiles-status", f"MDM enrollment: {word}\nMDM server: mdm.example.com/x?token=hunter2\nNew: 1\n")
    assert (result["mdm"], result["mdm_text"], result["dep"]) == (mdm, word, None)
    assert (result["server_host"], result["extra"]) == ("mdm.example.com", ["New"])
    assert "hunter2" not in str(result)
    assert told("profiles-status", "hm\n")["status"] == "unknown"
    assert told("profiles-status", "Enrolled via DEP: No\nMDM server: https://[bad\n")["server_host"] is None


def test_profiles_as_text() -> None:
    text = (
        "_computerlevel[1] attribute: profileIdentifier: com.example.a\n"
        "_computerlevel[1] attribute: name: First\n"
        "tester[1] attribute: profileIdentifier: com.example.b\n"
        "There are 2 configuration profiles installed\n"
    )
    profiles = told("profiles-list", text)["profiles"]
    assert [(p["owner"], p["identifier"]) for p in profiles] == [
        ("_computerlevel", "com.example.a"),
        ("tester", "com.example.b"),
    ]
    assert told("profiles-list", "There are no configuration profiles installed on this system\n")["profiles"] == []
    assert told("profiles-list", "profiles tool requires root privileges\n", code=1)["status"] == "not permitted"
    assert told("profiles-list-xml", "There are no configuration profiles installed\n")["profiles"] == []


def test_profile_payloads_keep_settings_and_lose_secrets() -> None:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>u</key><array><dict>'
        "<key>ProfileIdentifier</key><string>p</string><key>ProfileNovelty</key><integer>3</integer>"
        "<key>ProfileItems</key><array><dict><key>PayloadContent</key><dict>"
        "<key>Password</key><string>hunter2</string><key>When</key><date>2026-09-01T10:00:00Z</date>"
        "<key>Blob</key><data>AAAA</data><key>Size</key><real>1.5</real><key>Hidden</key><false/>"
        "</dict></dict></array></dict></array></dict></plist>\n"
    )
    profile = told("profiles-list", text)["profiles"][0]
    assert profile["extra"] == {"ProfileNovelty": 3}
    assert profile["payloads"][0]["settings"] == {
        "Password": "redacted",
        "When": "2026-09-01T10:00:00",
        "Blob": {"data_bytes": 3},
        "Size": 1.5,
        "Hidden": False,
    }
    assert told("profiles-list-xml", '<?xml version="1.0"?><plist><dict>broken</plist>')["status"] == "unknown"


def test_the_enrollment_record_of_apple() -> None:
    found = told(
        "profiles-show-enrollment",
        'Device Enrollment configuration:\n{\n    AllowPairing = 1;\n    ConfigurationURL = "https://x";\n}\n',
    )
    assert (found["enrollable"], found["configuration"]["AllowPairing"]) == (True, 1)
    assert told("profiles-show-enrollment", "(null)\n")["enrollable"] is None


def test_mdmclient_without_an_answer() -> None:
    assert told("mdmclient", "Agent response: (null)\n")["agent"] is None
    assert told("mdmclient", stderr="mdmclient must be run as root\n", code=1)["status"] == "not permitted"
