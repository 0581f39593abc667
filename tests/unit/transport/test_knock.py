"""A connection that is on its way before anybody can use it, and what becomes of it when nobody does."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from orchestrator.model.errors import TurnedAway
from orchestrator.transport import ssh
from orchestrator.transport.base import Address, Limits
from orchestrator.transport.knock import Knock
from orchestrator.transport.ramp import Ramp


def knocked(
    tmp_path: Path, config: str, then: Callable[[Knock], Awaitable[None]], host: str = "127.0.0.1"
) -> list[int]:
    """How many bytes each connection brought that a server saw while ``then`` had the knock at its door."""
    (tmp_path / "config").write_text(config)
    seen: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(len(await reader.read()))
        writer.close()
        await writer.wait_closed()

    async def twice(port: int) -> None:
        address = Address(name="mac", host=host, port=port, ssh_config=(str(tmp_path / "config"),))
        ramp = Ramp(per_address=1)
        for _ in range(2):  # whoever ends leaves the turn to the next
            knock = Knock(address, Limits(connect_s=5.0), ramp)
            await knock.begin()
            try:
                await then(knock)
            finally:
                await knock.end()
        async with asyncio.timeout(20):
            while len(asyncio.all_tasks()) > 1:
                await asyncio.sleep(0.01)

    async def whole() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            await twice(server.sockets[0].getsockname()[1])

    asyncio.run(whole())
    return seen


async def use(knock: Knock) -> None:
    line = await knock.line()
    assert line is not None and await knock.line() is None, "it is given once"
    await asyncio.get_running_loop().sock_sendall(line, b"hello")
    line.close()


async def wait(knock: Knock) -> None:
    await asyncio.sleep(0.2)


async def leave(knock: Knock) -> None:
    assert await knock.line() is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_line_is_there_when_it_is_asked_for(tmp_path: Path, host: str) -> None:
    assert knocked(tmp_path, "Host *\n  AddKeysToAgent yes\n  User me\n", use, host) == [5, 5]


def test_a_line_that_nobody_took_is_closed(tmp_path: Path) -> None:
    assert knocked(tmp_path, "", wait) == [0, 0]


@pytest.mark.parametrize(
    "word", ["HostName 10.0.0.1", "\tport=22", "ProxyJump a", "proxycommand nc", "Match all", "Include x"]
)
def test_what_may_lead_elsewhere_is_left_to_the_library(tmp_path: Path, word: str) -> None:
    assert knocked(tmp_path, f"Host *\n{word}\n", leave) == []


def test_nobody_at_home_is_told_to_whoever_wants_the_line() -> None:
    async def whole() -> None:
        knock = Knock(Address(name="mac", host="127.0.0.1", port=1, ssh_config=("/dev/null",)), Limits(), Ramp())
        await knock.begin()
        with pytest.raises(ConnectionRefusedError):
            await knock.line()
        await knock.end()

    asyncio.run(whole())


def test_a_name_that_nobody_knows_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r".+"):
        knocked(tmp_path, "", use, "no-such-host.invalid")


def test_who_hangs_up_while_we_are_busy_is_one_who_turns_away(tmp_path: Path) -> None:
    """The answer and the end of the line are both there when we look: the system then tells the connection as reset."""
    (tmp_path / "config").write_text("")

    async def whole(server: socket.socket) -> None:
        port = server.getsockname()[1]
        address = Address(name="mac", host="127.0.0.1", port=port, ssh_config=(str(tmp_path / "config"),))
        limits = Limits(connect_s=5.0)
        knock = Knock(address, limits, Ramp())
        await knock.begin()
        line, _ = server.accept()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # its end is a reset
        line.close()
        with pytest.raises(TurnedAway, match="hung up before it greeted"):
            await ssh.dial(address, limits, Ramp(), begun=knock)

    with socket.create_server(("127.0.0.1", 0)) as server:
        asyncio.run(whole(server))
