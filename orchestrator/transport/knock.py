"""The TCP connection to a host, on its way before there is an SSH library to use it.

Importing asyncssh takes as long as half a round trip to a far Mac, and the round trip that opens a TCP connection needs
no asyncssh. So the one happens during the other.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from orchestrator.transport.base import Address, Limits
from orchestrator.transport.hops import hops_of
from orchestrator.transport.ramp import Ramp

_LEADS = re.compile(
    rb"^\s*(address_?family|bind\w+|canonical\w+|hostname|include|match|port|proxy\w+)\b", re.IGNORECASE | re.MULTILINE
)
"""Words of ssh_config(5) after which a connection may go another way than to the host and port that are known here."""


class Knock:
    """A turn of the ramp at the first server on the way to ``address``, and the TCP connection to it.

    Whoever has begun it must ``end`` it. Raises Unreachable for an address that cannot be used.
    """

    def __init__(self, address: Address, limits: Limits, ramp: Ramp) -> None:
        self.hops = hops_of(address)
        self._address = address
        self._limits = limits
        self._ramp = ramp
        self._turn = AsyncExitStack()
        self._line: asyncio.Task[socket.socket] | None = None

    async def begin(self) -> None:
        """Wait for the turn. To an address in figures the first packet has left then."""
        host, port = self.hops[0].host, self.hops[0].port or 22
        try:
            await self._turn.enter_async_context(self._ramp.turn(host, port, is_bastion=len(self.hops) > 1))
            if not any(map(_LEADS.search, _configurations(self._address))):
                self._line = asyncio.ensure_future(_connected(host, port, self._limits.connect_s))
            await asyncio.sleep(0)  # the connection is begun, and
            await asyncio.sleep(0)  # so are those of the others that knock at this moment
        except BaseException:
            await self.end()
            raise

    async def line(self) -> socket.socket | None:
        """The connection, the first time; None where asyncssh has to make its own. Raises OSError."""
        line, self._line = self._line, None
        return await line if line is not None else None

    async def end(self) -> None:
        """Leave the turn to others; a connection that was not asked for is closed."""
        line, self._line = self._line, None
        if line is not None:
            line.cancel()
            for each in await asyncio.gather(line, return_exceptions=True):
                if isinstance(each, socket.socket):
                    each.close()
        await self._turn.aclose()


def _configurations(address: Address) -> Iterator[bytes]:
    """What the files hold that asyncssh will read for ``address``."""
    for name in address.ssh_config or ("~/.ssh/config",):
        try:
            yield Path(name).expanduser().read_bytes()
        except OSError:
            continue


async def _connected(host: str, port: int, limit_s: float) -> socket.socket:
    """A connection to the first address of ``host`` that takes one. Raises OSError; TimeoutError where none answers."""
    loop = asyncio.get_running_loop()
    refused: OSError | None = None
    async with asyncio.timeout(limit_s):
        for family, kind, protocol, _, where in _figures(host, port) or await loop.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            line = socket.socket(family, kind, protocol)
            try:
                line.setblocking(False)
                await loop.sock_connect(line, where)
            except OSError as error:
                line.close()
                refused = error
            except BaseException:
                line.close()
                raise
            else:
                return line
    raise refused or OSError(f"{host} has no address")


def _figures(host: str, port: int) -> list[Any]:
    """What getaddrinfo says of an address in figures, which needs no name server and so no thread; else nothing."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return []
