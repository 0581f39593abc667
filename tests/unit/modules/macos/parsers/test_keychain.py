"""`security`: exit statuses, sentences, and the secret that stays inside."""

import pytest

from tests.unit.modules.macos.parsers.told import told

ITEM = """keychain: "/Users/u/Library/Keychains/login.keychain-db"
version: 512
class: "genp"
attributes:
    0x00000007 <blob>="Gateway token"
    "acct"<blob>="operator"
    "cdat"<timedate>=0x32303236303930313130303030305A00  "20260901100000Z\\000"
    "gena"<blob>="hunter2"
    "svce"<blob>="gateway"
"""


def test_the_secret_never_gets_out() -> None:
    assert told("security-find-generic-password", "hunter2\n")["found"] is True
    item = told("security-find-generic-password", ITEM, stderr='password: "hunter2"\n')
    assert item["item"]["account"] == "operator"
    assert (item["item"]["service"], item["item"]["title"]) == ("gateway", "Gateway token")
    for result in (
        item,
        told("security-find-generic-password", "hunter2\n"),
        told("security-unlock-keychain", "hunter2", code=9),
    ):
        assert "hunter2" not in str(result)


@pytest.mark.parametrize(
    ("code", "text", "status", "found"),
    [
        (44, "", "absent", False),
        (152, "", "not permitted", None),
        (36, "", "not permitted", None),
        (51, "", "failed", None),
        (2, "usage", "failed", None),
        (None, "", "unknown", None),
        (
            1,
            "security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.",
            "absent",
            False,
        ),
    ],
)
def test_only_44_means_missing(code: int | None, text: str, status: str, found: bool | None) -> None:
    result = told("security-find-generic-password", stderr=text, code=code)
    assert (result["status"], result["found"]) == (status, found)


def test_silent_commands() -> None:
    assert told("security-create-keychain")["done"] is True
    assert told("security-create-keychain", code=None)["done"] is None
    assert told("security-set-key-partition-list", 'keychain: "x" a lot of attributes')["done"] is True
    wrong = told("security-unlock-keychain", code=51)
    assert (wrong["reason"], wrong["error"]["os_status"]) == ("wrong password", -25293)


def test_lock_settings_without_a_timeout_word_and_with_new_words() -> None:
    info = told("security-show-keychain-info", stderr='Keychain "/k" lock-on-sleep brand-new\n')
    assert (info["lock_on_sleep"], info["no_timeout"], info["timeout_s"], info["extra"]) == (
        True,
        None,
        None,
        "brand-new",
    )
    assert told("security-show-keychain-info", stderr="hm\n")["status"] == "unknown"
    assert told("security-show-keychain-info", code=152)["locked"] is True
    assert told("security-show-keychain-info", code=50)["locked"] is None


def test_lists_and_trust() -> None:
    assert told("security-list-keychains")["keychains"] == []
    assert told("security-list-keychains", code=37)["status"] == "absent"
    assert told("security-list-keychains", "odd\n")["status"] == "unknown"
    trust = told(
        "security-dump-trust-settings",
        "Number of trusted certs = 1\nCert 0: Example CA\n   Number of trust settings : 1\n",
    )
    assert trust["certificates"] == ["Example CA"]
    assert told("security-dump-trust-settings", code=1)["status"] == "unknown"


def test_batches_and_explanations() -> None:
    assert told("security-interactive") == {"status": "known", "failures": []}
    batch = told("security-interactive", stderr="a: returned -25300\nb: returned -1\n", code=255)
    assert [failure["os_status"] for failure in batch["failures"]] == [-25300, -1]
    assert batch["reason"] == "a command failed"
    assert told("security-interactive", code=44)["status"] == "absent"
    assert told("security-error", "Error: 0x00000000 0 No error.\n", code=1)["errors"][0]["exit_code"] == 0
    assert told("security-error", "nonsense\n", code=1)["status"] == "failed"
