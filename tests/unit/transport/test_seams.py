"""The small parts: hops, ramp, limits, the fake, and making a connection by name."""

import asyncio
import ctypes.util
import socket
from collections.abc import AsyncIterator

import pytest

from orchestrator.model.errors import AccessDenied, InventoryError, LimitExceeded, TaskFailed, Unreachable
from orchestrator.model.program import Reply, Run
from orchestrator.model.secrets import Secret
from orchestrator.transport import loader
from orchestrator.transport.base import Address, Connection
from orchestrator.transport.fake import FakeConnection
from orchestrator.transport.hops import Hop, hops_of
from orchestrator.transport.limit import within
from orchestrator.transport.open import connect
from orchestrator.transport.ramp import Ramp
from orchestrator.transport.refusals import denied, unreachable


def test_hops_in_their_order() -> None:
    secret = Secret("x")
    address = Address(name="mac", host="10.0.0.7", port=2222, user="me", password=secret, jump="a@b:1, [::1]:2,c")
    assert hops_of(address) == [Hop("b", 1, "a"), Hop("::1", 2), Hop("c"), Hop("10.0.0.7", 2222, "me", secret)]
    assert hops_of(Address(name="mac")) == [Hop("mac")], "user and port are left to ~/.ssh/config"


def test_ramp_lets_few_in_at_once() -> None:
    async def whole() -> tuple[int, int]:
        ramp, now, most = Ramp(per_address=3, overall=5), {"a": 0, "b": 0}, [0, 0]

        async def knock(host: str) -> None:
            async with ramp.turn(host, 22):
                now[host] += 1
                most[0], most[1] = max(most[0], *now.values()), max(most[1], sum(now.values()))
                await asyncio.sleep(0.001)
                now[host] -= 1

        await asyncio.gather(*(knock(host) for host in "ab" * 20))
        return most[0], most[1]

    assert asyncio.run(whole()) == (3, 5)


def test_limit_names_itself_and_leaves_other_timeouts_alone() -> None:
    async def late() -> None:
        async with within(0.01, "nothing came", AccessDenied, "a hint"):
            await asyncio.sleep(5)

    async def other() -> None:
        async with within(5, "nothing came", LimitExceeded):
            raise TimeoutError("not ours")

    with pytest.raises(AccessDenied, match=r"nothing came within 0\.01 s") as caught:
        asyncio.run(late())
    assert caught.value.hint == "a hint"
    with pytest.raises(TimeoutError, match="not ours"):
        asyncio.run(other())


def test_fake_is_a_connection_that_answers_each_key_once() -> None:
    async def whole() -> None:
        fake = FakeConnection(lambda key, program: Reply(0, key.encode()))
        connection: Connection = fake
        for _ in range(2):
            assert (await connection.run("k", Run(main=":"), timeout_s=1)).stdout == b"k"
        assert len(fake.ran) == 1
        await connection.forget("k")
        await connection.upload(pieces(), "/a")
        assert [chunk async for chunk in connection.download("/a")] == [b"onetwo"]
        with pytest.raises(TaskFailed):
            _ = [chunk async for chunk in connection.download("/b")]
        await connection.reset()
        await connection.close()
        assert fake.is_closed

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    asyncio.run(whole())


def test_connect_dials_nothing_and_refuses_unknown_kinds() -> None:
    connection = connect(Address(name="mac", host="no-such-host.invalid"), run_id="r")
    asyncio.run(connection.close())
    with pytest.raises(InventoryError, match="winrm") as caught:
        connect(Address(name="mac"), "winrm", run_id="r")
    assert "ssh" in (caught.value.hint or "")


def test_silence_is_no_refusal() -> None:
    assert "does not answer" in unreachable(TimeoutError(), Hop("mac")).message
    assert isinstance(unreachable(OSError("x"), Hop("mac")), Unreachable)


def test_refusals_are_also_told_as_ssh_does() -> None:
    silent, refused = unreachable(TimeoutError(), Hop("mac")), unreachable(ConnectionRefusedError(), Hop("mac", 2222))
    assert silent.said == "ssh: connect to host mac port 22: Connection timed out"
    assert refused.said == "ssh: connect to host mac port 2222: Connection refused"
    unknown = unreachable(socket.gaierror(-2, "Name or service not known"), Hop("mac"))
    assert unknown.said == "ssh: Could not resolve hostname mac: Name or service not known"
    shut_out = denied(Hop("mac"), "Permission denied for user ann on host 10.0.0.1", "publickey,password")
    assert shut_out.said == "ann@10.0.0.1: Permission denied (publickey,password)."
    assert denied(Hop("mac", user="ann"), "no").said is None


@pytest.mark.skipif(not loader.CACHE.exists(), reason="this loader keeps no list")
def test_libraries_are_found_in_the_loader_s_list() -> None:
    cache = b"\0/lib/libc.so.6\0/usr/lib/libnone-such.so.1.2\0/lib/libnone-such-dev.so\0"
    assert loader.listed("c", cache) == "libc.so.6"
    assert loader.listed("none-such", cache) is None, "listed, and not for this processor"
    assert loader.listed("none", cache) is None and loader.listed("none-such-dev", cache) is None


def test_asking_the_loader_ends_with_the_block() -> None:
    before = ctypes.util.find_library
    with loader.asked_directly():
        assert ctypes.util.find_library("no-such-library") is None
    assert ctypes.util.find_library is before
