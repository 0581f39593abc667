"""The hasty handshake against a real sshd: how few round trips it takes, and that it trusts nobody sooner."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import time
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from orchestrator.model.errors import AccessDenied, IdentityError
from orchestrator.model.program import Run
from orchestrator.transport import handshake
from orchestrator.transport.base import Address, Limits
from orchestrator.transport.ramp import Ramp
from orchestrator.transport.ssh import dial
from tests.bench.line import Line, line
from tests.contract.conftest import Machine
from tests.contract.sshd import Sshd, make_key

pytestmark = pytest.mark.needs_sshd
RTT_S = 0.08


def task_over(address: Address, between: Line, tmp: Path) -> None:
    """One task over the line; raises what it raises."""
    known = tmp / "known_hosts"
    known.write_text(Path(address.known_hosts[0]).read_text().replace(f"]:{address.port} ", f"]:{between.port} "))
    here = dataclasses.replace(address, port=between.port, known_hosts=(str(known),), tmp=str(tmp))
    machine = Machine("ssh", here, tmp)

    async def whole() -> None:
        connection = machine.connect(limits=Limits(connect_s=5))
        try:
            assert (await connection.run("k", Run(main=":", repeatable=True), timeout_s=20)).rc == 0
        finally:
            await connection.close()

    asyncio.run(whole())


def flights(address: Address, tmp: Path) -> int:
    with line(address.port, RTT_S) as between:
        task_over(address, between, tmp)
        assert len(between.counts) == 1
        return between.flights


def test_the_first_result_costs_four_flights_and_the_end_two(sshd: Sshd, tmp_path: Path) -> None:
    assert min(flights(sshd.address(), tmp_path) for _ in range(3)) <= 6


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_other_kinds_of_keys_sign_at_once_too(sshd: Sshd, tmp_path: Path, kind: str) -> None:
    public = make_key(tmp_path / "key", kind)
    allowed = sshd.home / "authorized_keys"
    before = allowed.read_text()
    allowed.write_text(f"{before}{public}\n")
    try:
        assert min(flights(sshd.address(key_files=(str(tmp_path / "key"),)), tmp_path) for _ in range(3)) <= 6
    finally:
        allowed.write_text(before)


@pytest.mark.parametrize(("config", "cipher"), [("", "aes256-gcm@openssh.com"), ("Ciphers aes128-ctr\n", "aes128-ctr")])
def test_the_cipher_is_the_quick_one_unless_the_user_chose(
    sshd: Sshd, tmp_path: Path, config: str, cipher: str
) -> None:
    (tmp_path / "config").write_text(config)

    async def whole() -> str:
        front = await dial(sshd.address(ssh_config=(str(tmp_path / "config"),)), Limits(), Ramp())
        try:
            await front.joining
            return str(front.connections[-1].get_extra_info("send_cipher"))
        finally:
            await front.close()

    assert asyncio.run(whole()) == cipher


def test_two_keys_are_tried_one_after_the_other(sshd: Sshd, tmp_path: Path) -> None:
    make_key(tmp_path / "wrong")
    assert flights(sshd.address(key_files=(str(tmp_path / "wrong"), sshd.key_file)), tmp_path) > 6


def test_a_refused_key_ends_with_a_refusal(sshd: Sshd, tmp_path: Path) -> None:
    make_key(tmp_path / "wrong")
    with pytest.raises(AccessDenied):
        flights(sshd.address(key_files=(str(tmp_path / "wrong"),)), tmp_path)


def test_nothing_is_said_to_a_host_that_is_not_trusted(sshd: Sshd, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other")
    (tmp_path / "known").write_text(f"[127.0.0.1]:{sshd.port} {other}\n")
    with line(sshd.port, RTT_S) as between:
        with pytest.raises(IdentityError):
            task_over(sshd.address(known_hosts=(str(tmp_path / "known"),)), between, tmp_path)
        assert between.flights <= 3  # version and KEXINIT, our half of the key exchange, good-bye
        assert between.up_bytes < 3000


def test_where_the_one_key_file_is_refused_the_agent_is_asked(
    sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The channel that went ahead of the refused login is opened anew."""
    (tmp_path / ".ssh").mkdir()
    make_key(tmp_path / ".ssh" / "id_ed25519")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(tmp_path / "agent")], stdout=subprocess.DEVNULL)
    try:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
        while not (tmp_path / "agent").exists() and agent.poll() is None:
            time.sleep(0.02)
        subprocess.run(["ssh-add", "-q", sshd.key_file], check=True, timeout=10)
        assert flights(sshd.address(key_files=()), tmp_path) > 6
    finally:
        agent.terminate()
        agent.wait(5)


def test_a_server_that_will_not_be_hurried_is_asked_again_slowly(sshd: Sshd, tmp_path: Path) -> None:
    """One that greets and hangs up on whoever says more than its own name."""

    async def hop(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        told = await near.readline()
        try:
            async with asyncio.timeout(0.3):
                await near.read(1)
            back.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        except TimeoutError:
            far, forth = await asyncio.open_connection("127.0.0.1", sshd.port)
            forth.write(told)
            served.append(asyncio.gather(pump(near, forth), pump(far, back)))
            return
        back.close()

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
        sink.close()

    async def whole() -> None:
        server = await asyncio.start_server(hop, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        known = tmp_path / "known_hosts"
        known.write_text(sshd.known_hosts.read_text().replace(f"]:{sshd.port} ", f"]:{port} "))
        machine = Machine("ssh", sshd.address(port=port, known_hosts=(str(known),), tmp=str(tmp_path)), tmp_path)
        try:
            assert (await machine.connect().run("k", Run(main=":"), timeout_s=20)).rc == 0
        finally:
            await machine.close()
            server.close()
            await asyncio.gather(*served, return_exceptions=True)

    served: list[asyncio.Future[Any]] = []
    asyncio.run(whole())
    assert len(served) == 1


def test_a_version_that_was_not_tried_stays_as_it_is(
    sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncssh, "__version__", "9.9.9")
    assert flights(sshd.address(), tmp_path) > 8


def test_the_versions_named_are_those_we_depend_on() -> None:
    assert asyncssh.__version__.startswith(handshake.TRIED), "try the handshake with this version, then name it"
