"""Whom we talk to, and who we are: host keys, logins and bastions against a real sshd, by both libraries."""

import asyncio
import dataclasses
import socket
from pathlib import Path

import pytest

from orchestrator.model.errors import AccessDenied, HostError, IdentityError, Unreachable
from orchestrator.model.events import Said
from orchestrator.model.program import Run
from orchestrator.model.secrets import Secret
from orchestrator.transport.base import Address, Limits
from orchestrator.transport.trust import TrustStore, UnknownKey
from tests.contract.conftest import Machine
from tests.contract.sshd import Sshd, make_key

pytestmark = pytest.mark.needs_sshd


@pytest.fixture(params=["ssh", "fabric"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


def attempt(kind: str, address: Address, tmp: Path) -> Machine:
    """One task; raises what it raises."""
    machine = Machine(kind, dataclasses.replace(address, tmp=str(tmp)), tmp)

    async def whole() -> None:
        try:
            assert (await machine.connect(limits=Limits(connect_s=5)).run("k", Run(main=":"), timeout_s=20)).rc == 0
        finally:
            await machine.close()

    asyncio.run(whole())
    return machine


def refusal(kind: str, address: Address, tmp: Path) -> HostError:
    with pytest.raises(HostError) as caught:
        attempt(kind, address, tmp)
    return caught.value


def test_unknown_key_is_refused_with_its_fingerprint(kind: str, sshd: Sshd, tmp_path: Path, store: Path) -> None:
    error = refusal(kind, sshd.address(known_hosts=(str(store),)), tmp_path)
    assert isinstance(error, UnknownKey)
    assert error.key.fingerprint.startswith("SHA256:") and error.key.fingerprint in (error.evidence or "")
    assert error.key.fingerprint not in (error.hint or ""), "whoever copies the hint has compared nothing"
    TrustStore(store).add("127.0.0.1", sshd.port, error.key)
    assert store.stat().st_mode & 0o777 == 0o600
    attempt(kind, sshd.address(known_hosts=(str(store),)), tmp_path)


def test_changed_key_names_both_and_the_line(kind: str, sshd: Sshd, tmp_path: Path, store: Path) -> None:
    store.write_text(f"# comment\n[127.0.0.1]:{sshd.port} {make_key(tmp_path / 'other')}\n")
    error = refusal(kind, sshd.address(known_hosts=(str(store),)), tmp_path)
    assert type(error) is IdentityError
    assert str(error).count("SHA256:") >= 2 and f"{store}:2" in str(error)
    warned = attempt(kind, sshd.address(known_hosts=(str(store),), host_key_checking=False), tmp_path)
    assert any(isinstance(event, Said) and "not checked" in event.text for event in warned.events)


def test_key_of_another_type_is_a_changed_identity(kind: str, sshd: Sshd, tmp_path: Path, store: Path) -> None:
    store.write_text(f"[127.0.0.1]:{sshd.port} {make_key(tmp_path / 'other', 'ecdsa')}\n")
    assert isinstance(refusal(kind, sshd.address(known_hosts=(str(store),)), tmp_path), IdentityError)


def test_revoked_key_is_refused(kind: str, sshd: Sshd, tmp_path: Path, store: Path) -> None:
    line = sshd.known_hosts.read_text()
    store.write_text(f"{line}@revoked {line}")
    assert isinstance(refusal(kind, sshd.address(known_hosts=(str(store),)), tmp_path), IdentityError)


def test_accept_new_records_and_off_only_warns(kind: str, sshd: Sshd, tmp_path: Path, store: Path) -> None:
    new = sshd.address(known_hosts=(str(store),), options=(("stricthostkeychecking", "accept-new"),))
    off = sshd.address(known_hosts=(str(store),), host_key_checking=False)
    assert any("not checked" in str(event) for event in attempt(kind, off, tmp_path).events)
    assert not store.exists()
    assert any("trusted from now on" in str(event) for event in attempt(kind, new, tmp_path).events)
    again = attempt(kind, sshd.address(known_hosts=(str(store),)), tmp_path)
    assert not any(isinstance(event, Said) for event in again.events), "no warning any more"


def test_wrong_key_and_password_are_denied(kind: str, sshd: Sshd, tmp_path: Path) -> None:
    make_key(tmp_path / "stranger")
    error = refusal(kind, sshd.address(key_files=(str(tmp_path / "stranger"),)), tmp_path)
    assert isinstance(error, AccessDenied) and "ansible_user" in (error.hint or "")
    assert kind == "fabric" or (error.said or "").startswith(f"{sshd.user}@127.0.0.1: Permission denied (publickey")
    wrong = sshd.address(key_files=(), password=Secret("canary-17"))
    error = refusal(kind, wrong, tmp_path)
    assert isinstance(error, AccessDenied) and "canary-17" not in str(error)
    error = refusal(kind, sshd.address(key_files=(str(tmp_path / "absent"),)), tmp_path)
    assert isinstance(error, AccessDenied | Unreachable) and "absent" in str(error)


def test_through_a_bastion(kind: str, sshd: Sshd, tmp_path: Path) -> None:
    jump = f"{sshd.user}@127.0.0.1:{sshd.port}"
    attempt(kind, sshd.address(jump=jump), tmp_path)
    attempt(kind, sshd.address(jump=f"{jump},{jump}"), tmp_path)


@pytest.mark.parametrize("changes", [{"host": "-oProxyCommand=x"}, {"user": "a;b"}, {"jump": "a b:c"}, {"jump": "-x"}])
def test_names_that_could_be_taken_for_something_else(sshd: Sshd, tmp_path: Path, changes: dict[str, str]) -> None:
    error = refusal("ssh", sshd.address(**changes), tmp_path)
    assert isinstance(error, Unreachable) and "cannot be used" in error.message


def test_name_that_is_not_known(kind: str, sshd: Sshd, tmp_path: Path) -> None:
    error = refusal(kind, sshd.address(host="no-such-host.invalid"), tmp_path)
    assert isinstance(error, Unreachable) and "is not known" in error.message


def test_server_that_is_no_ssh(kind: str, sshd: Sshd, tmp_path: Path) -> None:
    async def whole() -> None:
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        machine = Machine(kind, sshd.address(port=port), tmp_path)
        with pytest.raises(Unreachable, match="hung up before it greeted") as caught:
            await machine.connect().run("k", Run(main=":"), timeout_s=20)
        assert "penalising" in (caught.value.hint or "")
        server.close()
        await server.wait_closed()

    asyncio.run(whole())


def test_server_that_says_nothing(kind: str, sshd: Sshd, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        machine = Machine(kind, sshd.address(port=silent.getsockname()[1]), tmp_path)
        with pytest.raises(Unreachable, match="does not answer"):
            asyncio.run(machine.connect(limits=Limits(connect_s=1)).run("k", Run(main=":"), timeout_s=20))
    assert "Traceback" not in capfd.readouterr().err
