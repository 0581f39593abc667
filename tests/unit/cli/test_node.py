"""``orch node``: which keys are trusted, and a new one only in place of the old."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.transport.known_hosts import entries_of
from orchestrator.transport.trust import fingerprint
from tests.contract.sshd import Sshd, make_key, start_sshd
from tests.unit.cli.conftest import Orch

pytestmark = pytest.mark.needs_sshd


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    server = start_sshd(tmp_path_factory.mktemp("sshd"))
    yield server
    server.end()


@pytest.fixture
def at(sshd: Sshd) -> str:
    return f"127.0.0.1:{sshd.port}"


@pytest.fixture
def shown(sshd: Sshd) -> str:
    """The fingerprint of the key that the server has."""
    return fingerprint(entries_of(sshd.known_hosts)[0].blob)


@pytest.fixture
def store(here: Path) -> Path:
    path = here.parent / "config/orch/known_hosts"
    path.parent.mkdir(parents=True)
    return path


def test_a_key_is_listed_once_however_often_it_is_trusted(orch: Orch, at: str, shown: str, store: Path) -> None:
    assert "is trusted from now on" in orch("node", "trust", at, "--fingerprint", shown)[1]
    assert "is trusted already" in orch("node", "trust", at, "--fingerprint", shown)[1]
    assert "is trusted already" in orch("node", "trust", at)[1]
    assert len(entries_of(store)) == 1


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_another_key_is_refused_whatever_its_type(
    orch: Orch, at: str, shown: str, store: Path, tmp_path: Path, kind: str
) -> None:
    host, port = at.split(":")
    store.write_text(before := f"[{host}]:{port} {make_key(tmp_path / 'old', kind)}\n")
    old = fingerprint(entries_of(store)[0].blob)
    for words in (["--fingerprint", shown], []):
        found, _, err = orch("node", "trust", at, *words)
        assert (found, old in err, shown in err, f"orch node rekey {at} --reason" in err) == (4, True, True, True), err
        assert store.read_text() == before
    found, out, err = orch("node", "rekey", at, "--reason", "imaged  anew\n4711", "--fingerprint", shown)
    assert (found, err) == (0, "") and "1 old key forgotten" in out
    assert out.rstrip().endswith(shown)
    (entry,) = entries_of(store)
    assert fingerprint(entry.blob) == shown
    listed = orch("node", "list", at)[1]
    assert listed.startswith(f"[{host}]:{port}  ssh-ed25519 {shown}  hardware not seen yet  rekeyed 20")
    assert listed.endswith(": imaged anew 4711\n")


def test_the_same_name_at_another_port_is_another_machine(
    orch: Orch, at: str, shown: str, store: Path, tmp_path: Path
) -> None:
    """One address of a provider leads to many Macs, each by a port of its own."""
    key = make_key(tmp_path / "neighbour")
    store.write_text(f"127.0.0.1 {key}\n[127.0.0.1]:1 {key}\n")
    assert orch("node", "trust", at, "--fingerprint", shown)[0] == 0
    assert len(entries_of(store)) == 3


def test_a_key_that_ssh_s_own_files_trust_counts(
    orch: Orch, at: str, shown: str, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    host, port = at.split(":")
    (tmp_path / ".ssh").mkdir()
    file = tmp_path / ".ssh/known_hosts"
    file.write_text(f"# mine\n[{host}]:{port} {make_key(tmp_path / 'old')}\n")
    found, _, err = orch("node", "trust", at, "--fingerprint", shown)
    assert (found, f"{file}:2" in err, f"take that line out of {file}, and: orch node rekey {at}" in err) == (
        4,
        True,
        True,
    )
    found, out, err = orch("node", "rekey", at, "--fingerprint", shown, "--reason", "imaged anew")
    assert found == 0 and "no old key was known" in out
    assert "[WARNING]" in err and "still trusted by another key" in err and f"line 2 out of {file}" in err


def test_a_revoked_key_is_refused_whatever_the_reason(orch: Orch, sshd: Sshd, at: str, shown: str, store: Path) -> None:
    store.write_text(before := f"@revoked {sshd.known_hosts.read_text()}")
    for words in (["trust", at], ["rekey", at, "--reason", "found again"]):
        found, _, err = orch("node", *words, "--fingerprint", shown)
        assert (found, f"the key of {at} was revoked" in err, store.read_text()) == (4, True, before)


def test_what_is_not_trusted_cannot_be_forgotten(orch: Orch, at: str, shown: str, store: Path) -> None:
    orch("node", "trust", at, "--fingerprint", shown)
    assert orch("node", "forget", at)[1] == f"1 key of {at} forgotten\n"
    found, _, err = orch("node", "forget", at)
    assert (found, f"{store} holds no key of {at}" in err) == (1, True)


def test_rekey_wants_a_reason_and_the_right_fingerprint(orch: Orch, at: str, shown: str, store: Path) -> None:
    orch("node", "trust", at, "--fingerprint", shown)
    before = store.read_text()
    assert orch("node", "rekey", at, "--fingerprint", shown)[0] == 1
    assert "nothing was trusted" in orch("node", "rekey", at, "--reason", "why")[2]
    assert orch("node", "rekey", at, "--reason", "why", "--fingerprint", "SHA256:other")[0] == 4
    assert orch("node", "trust", at, "--fingerprint", "SHA256:other")[0] == 4
    assert store.read_text() == before


@pytest.mark.parametrize("host", ["", ":22", "[]:22"])
def test_no_host_at_all_is_said(orch: Orch, host: str) -> None:
    found, _, err = orch("node", "trust", host)
    assert (found, "names no host" in err, "write HOST or HOST:PORT" in err) == (1, True, True)


def test_a_name_of_the_inventory_is_no_address(orch: Orch) -> None:
    found, _, err = orch("node", "trust", "n1.invalid")
    assert (found, "an address is wanted here" in err) == (4, True)
