"""Stores that a program opens. `age` is the real one where it is installed; `op`, `security` and `sops` are stand-ins
that take the command lines their makers document, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from orchestrator.model.errors import SecretError
from orchestrator.model.secrets import Secret
from orchestrator.secrets.providers import AgeProvider, KeychainProvider, OnePasswordProvider
from orchestrator.secrets.refs import Ref, parse
from orchestrator.secrets.resolver import Resolver
from orchestrator.secrets.vault import Key, Vault

OP = """case "$*" in
"read --no-newline op://prod/gateway/token") printf from-op ;;
"read --no-newline --account team op://prod/gateway/token") printf of-the-team ;;
*) echo "[ERROR] isn't an item" >&2; exit 1 ;;
esac"""
SECURITY = """case "$*" in
"find-generic-password -s orch -a gateway -w") echo from-keychain ;;
"find-generic-password -s orch -a gateway -w /Users/me/ci.keychain-db") echo from-ci ;;
*) echo "security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain." >&2; exit 44 ;;
esac"""
SOPS = """case "$*" in
'decrypt --extract ["gateway"]["token"] keys.yaml') printf from-sops ;;
'decrypt whole.txt') printf whole ;;
*) echo "component not found" >&2; exit 1 ;;
esac"""


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("op", OP), ("security", SECURITY), ("sops", SOPS)):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("op://prod/gateway/token", "from-op"),
        ({"source": "op", "provider": "team", "id": "op://prod/gateway/token"}, "of-the-team"),
        ("keychain:orch/gateway", "from-keychain"),
        ({"source": "keychain", "provider": "ci", "id": "orch/gateway"}, "from-ci"),
        ("sops:keys.yaml#/gateway/token", "from-sops"),
        ("sops:whole.txt", "whole"),
    ],
)
def test_each_store_is_asked_in_its_makers_words(written: object, value: str) -> None:
    providers = {
        "team": OnePasswordProvider(source="op", account="team"),
        "ci": KeychainProvider(source="keychain", path="/Users/me/ci.keychain-db"),
    }
    assert Resolver(providers).resolve(parse(written)) == Secret(value)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("op://prod/other/token", "isn't an item"),
        ("keychain:orch/other", "could not be found"),
        ("keychain:orch", "keychain:SERVICE/ACCOUNT"),
        ("sops:keys.yaml#/none", "component not found"),
        ("age:file.age", "needs an identity"),
    ],
)
def test_what_a_store_does_not_give_is_told(written: str, message: str) -> None:
    with pytest.raises(SecretError, match=message):
        Resolver().resolve(parse(written))


def test_a_program_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SecretError, match="`op`, signed in"):
        Resolver().resolve(parse("op://prod/gateway/token"))


@pytest.mark.skipif(not shutil.which("age-keygen"), reason="needs age: apt-get install age")
def test_age_opens_its_files(tmp_path: Path) -> None:
    identity, sealed = tmp_path / "identity", tmp_path / "token.age"
    made = subprocess.run(["age-keygen", "-o", str(identity)], capture_output=True, text=True, timeout=20, check=True)
    recipient = made.stderr.rpartition(" ")[2].strip()
    subprocess.run(["age", "-r", recipient, "-o", str(sealed)], input=b"from age\n", timeout=20, check=True)
    providers = {"mine": AgeProvider(source="age", identity=str(identity))}
    assert Resolver(providers).resolve(Ref("age", str(sealed), "mine")) == Secret("from age")


def test_ansible_vault_files_whole_and_by_pointer(tmp_path: Path) -> None:
    vault = Vault([Key("default", Secret("pass"))])
    file = tmp_path / "keys.yml"
    file.write_bytes(vault.seal(b"gateway:\n  token: from a vault file\n"))
    resolver = Resolver(open_vault=vault.open)
    assert resolver.resolve(parse(f"ansible-vault:{file}#/gateway/token")) == Secret("from a vault file")
    assert "gateway:" in resolver.resolve(parse(f"ansible-vault:{file}")).reveal()
    with pytest.raises(SecretError, match="did you mean token"):
        resolver.resolve(parse(f"ansible-vault:{file}#/gateway/tokn"))
    with pytest.raises(SecretError, match="no vault secrets found"):
        Resolver().resolve(parse(f"ansible-vault:{file}"))
