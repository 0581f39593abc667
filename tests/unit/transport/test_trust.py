"""Trust as OpenSSH's files say it."""

import base64
import hashlib
import hmac
from pathlib import Path

import pytest

from orchestrator.model.errors import IdentityError
from orchestrator.transport.base import Address
from orchestrator.transport.trust import (
    HostKey,
    TrustStore,
    UnknownKey,
    algorithms_for,
    fingerprint,
    policy_of,
    trust_of,
)

KEY, OTHER = HostKey("ssh-ed25519", b"one key"), HostKey("ssh-ed25519", b"another key")
BASE64 = base64.b64encode(KEY.blob).decode()


def hashed(name: str) -> str:
    salt = b"0123456789abcdef0123"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("hosts", "host", "port", "is_known"),
    [
        ("mac1", "mac1", 22, True),
        ("MAC1,other", "Mac1", 22, True),
        ("mac?.example.com", "mac2.example.com", 22, True),
        ("*.example.com,!mac2.example.com", "mac2.example.com", 22, False),
        ("[mac1]:2222", "mac1", 2222, True),
        ("[mac1]:2222", "mac1", 22, False),
        ("mac1", "mac1", 2222, True),
        (hashed("mac1"), "mac1", 22, True),
        (hashed("mac2"), "mac1", 22, False),
        ("|1|not base64", "mac1", 22, False),
    ],
)
def test_which_line_speaks_of_which_host(tmp_path: Path, hosts: str, host: str, port: int, is_known: bool) -> None:
    store = tmp_path / "known_hosts"
    store.write_text(f"\n# remark\n{hosts} ssh-ed25519 {BASE64} comment\nnonsense\nmac1 ssh-rsa not-base64\n")
    trust = TrustStore(store)
    if is_known:
        trust.check(host, port, KEY)
        with pytest.raises(IdentityError, match="another machine, or an attack") as caught:
            trust.check(host, port, OTHER)
        assert f"{store}:3" in str(caught.value)
    else:
        with pytest.raises(UnknownKey):
            trust.check(host, port, KEY)


def test_what_is_written_meanwhile_is_seen_and_lines_keep_their_order(tmp_path: Path) -> None:
    store = tmp_path / "known_hosts"
    store.write_text("".join(f"mac{number},m{number} ssh-ed25519 {BASE64}\n" for number in range(2000)))
    trust = TrustStore(store)
    assert [entry.line for entry in trust.known("mac1999")] == [2000]
    with store.open("a") as file:
        file.write(f"mac* ssh-rsa {BASE64}\nm1999 ssh-rsa {BASE64}\n")
    assert [entry.line for entry in trust.known("mac1999", 22, "m1999")] == [2000, 2001, 2002]


@pytest.mark.parametrize(
    ("host", "port", "at"),
    [("mac1", 22, "mac1"), ("mac1", 2222, "mac1:2222"), ("::1", 22, "::1"), ("::1", 9, "[::1]:9")],
)
def test_the_next_step_names_the_host_as_it_is_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, port: int, at: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    trust = trust_of(Address(name="inventory's name"))
    trust.add(host, port, KEY)
    with pytest.raises(IdentityError) as changed:
        trust.check(host, port, OTHER)
    assert changed.value.message.startswith(f"{at} shows another key")
    assert f"orch node rekey {at} --reason" in (changed.value.hint or "")
    with pytest.raises(UnknownKey) as unknown:
        trust.check(f"{host}9", port, KEY)
    assert f"orch node trust {at.replace(host, host + '9')} --fingerprint" in (unknown.value.hint or "")


def test_a_file_that_the_inventory_names_is_mended_by_hand(tmp_path: Path) -> None:
    """trust and rekey write to our own store, which is not asked where another file is named."""
    store = tmp_path / "named"
    trust = trust_of(Address(name="mac1", known_hosts=(str(store),)))
    with pytest.raises(UnknownKey, match=f"add the key that you were told to {store}, which"):
        trust.check("mac1", 22, KEY)
    trust.add("mac1", 22, KEY)
    with pytest.raises(IdentityError, match=f"in place of that line of {store}"):
        trust.check("mac1", 22, OTHER)


def test_only_keys_of_the_same_host_and_port_stand_in_the_way(tmp_path: Path) -> None:
    trust = TrustStore(tmp_path / "known_hosts")
    trust.add("mac1", 22, KEY)
    assert trust.is_trusted("mac1", 22, KEY)
    assert not trust.is_trusted("mac1", 2222, OTHER)
    for other in (OTHER, HostKey("ecdsa-sha2-nistp256", b"a key of another type")):
        with pytest.raises(IdentityError, match="another machine, or an attack"):
            trust.is_trusted("mac1", 22, other)
    trust.store.write_text(f"@revoked mac1 ssh-ed25519 {BASE64}\n")
    with pytest.raises(IdentityError, match="revoked"):
        trust.is_trusted("mac1", 22, KEY)


def test_a_key_is_listed_once_and_keeps_its_remark(tmp_path: Path) -> None:
    trust = TrustStore(tmp_path / "known_hosts")
    trust.add("mac1", 22, KEY, comment="rekeyed: imaged\nanew")
    trust.add("mac1", 22, KEY)
    (entry,) = trust.known("mac1")
    assert entry.comment == "rekeyed: imaged anew"


def test_address_counts_where_the_name_is_not_known(tmp_path: Path) -> None:
    store = tmp_path / "known_hosts"
    store.write_text(f"10.0.0.7 ssh-ed25519 {BASE64}\n")
    TrustStore(store).check("mac1", 22, KEY, "10.0.0.7")


def test_add_and_remove_touch_our_store_only(tmp_path: Path) -> None:
    users, store = tmp_path / "users", tmp_path / "deep" / "known_hosts"
    users.write_text(f"mac2 ssh-ed25519 {BASE64}\n")
    trust = TrustStore(store, [users])
    trust.add("mac1", 2222, KEY)
    trust.add("mac3", 22, KEY)
    trust.check("mac1", 2222, KEY)
    assert store.stat().st_mode & 0o777 == 0o600
    assert (trust.remove("mac1", 2222), trust.remove("mac1", 2222), trust.remove("mac2")) == (1, 0, 0)
    assert store.read_text() == f"mac3 ssh-ed25519 {BASE64}\n"
    assert users.read_text().startswith("mac2")


def test_fingerprint_is_openssh_s() -> None:
    """ssh-keygen -lf of this key, as GitHub publishes it for github.com (ed25519)."""
    blob = base64.b64decode("AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl")
    assert fingerprint(blob) == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"


def test_known_types_are_asked_for_first(tmp_path: Path) -> None:
    store = tmp_path / "known_hosts"
    store.write_text(f"mac1 ssh-rsa {BASE64}\n")
    assert algorithms_for(TrustStore(store).known("mac1"))[:2] == ["rsa-sha2-512", "rsa-sha2-256"]
    assert algorithms_for([])[0] == "ssh-ed25519"


@pytest.mark.parametrize(
    ("checking", "option", "name"),
    [(True, None, "strict"), (False, None, "off"), (True, "accept-new", "accept-new"), (True, "no", "off")],
)
def test_policy_by_ansible_s_and_openssh_s_words(checking: bool, option: str | None, name: str) -> None:
    options = () if option is None else (("StrictHostKeyChecking", option),)
    address = Address(name="mac1", host_key_checking=checking, options=options, known_hosts=("/nowhere",))
    assert policy_of(address).name == name


def test_default_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert trust_of(Address(name="mac1")).store == tmp_path / "orch" / "known_hosts"
