"""Workers of a Dask cluster: lines are held near the nodes, and by as many machines as it takes.

Everything goes by way of the scheduler, so the engine need reach nothing else. A worker is lost when it answers no
more; Dask itself keeps nothing of ours and repeats nothing: claims on the nodes are the guard.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable
from itertools import count
from typing import Any, TypeVar

from orchestrator.model.errors import OrchestratorError, UserError
from orchestrator.transport import desk
from orchestrator.transport.base import Address, Limits
from orchestrator.transport.calls import Call, Packer, Start, packed, unpacked
from orchestrator.transport.crew import Lines, chosen
from orchestrator.transport.link import Link, Lost

try:
    import dask.config
    import distributed
except ImportError as error:
    raise UserError(
        "--engine dask://… needs the library distributed",
        evidence=str(error),
        hint="pip install 'mac-orchestrator[scale]'; from a clone: pip install '.[scale]'",
    ) from error

T = TypeVar("T")
POLL_S = 5.0
"""How long a question for news may wait at the worker."""
ANSWER_S = 20.0
"""How long the way there and back may take beyond that, before the worker is taken for lost."""
END_S = 10.0


class Cluster(Lines):
    """crew.Crew of the workers behind the scheduler at ``address`` (host:port)."""

    def __init__(self, address: str, run_id: str, limits: Limits) -> None:
        super().__init__()
        self._address = f"{_scheme(address)}://{address}"
        self._run_id = run_id
        self._limits = limits
        self._client: Any = None
        self._seats: dict[str, Seat] = {}
        self._names = count(1)
        self._hiring = asyncio.Lock()

    async def begin(self) -> None:
        """Join the cluster. Raises UserError where that cannot be, or where it has no worker for us."""
        for name in ("distributed", "tornado", *logging.root.manager.loggerDict):
            if name.partition(".")[0] in ("distributed", "tornado"):  # what they tell of lost workers, we tell
                logging.getLogger(name).setLevel(logging.CRITICAL)  # each: Dask gives them levels of their own
        client: Any = distributed.Client
        try:
            self._client = await client(self._address, asynchronous=True, timeout=self._limits.connect_s)
        except (OSError, TimeoutError) as error:
            hint = "is the scheduler up, and is this its address?"
            raise UserError(f"no Dask scheduler at {self._address}", evidence=str(error), hint=hint) from error
        refused = await self._hire()
        if not self._seats:
            await self.close()
            raise UserError(
                f"the cluster at {self._address} has no worker that can be used",
                evidence="; ".join(refused) or "it has no workers at all",
                hint=f"each needs mac-orchestrator {desk.ours()[0]} and Python {desk.ours()[1]}",
            )

    async def worker(self, address: Address) -> Link:
        async with self._hiring:
            if any(seat.link.is_lost for seat in self._seats.values()):
                self._seats = {name: seat for name, seat in self._seats.items() if not seat.link.is_lost}
                await self._hire()
        return chosen((seat.link for seat in self._seats.values()), address.region)

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            leaving = [seat.leave() for seat in self._seats.values()]
            await asyncio.wait([asyncio.ensure_future(asyncio.gather(*leaving, return_exceptions=True))], timeout=END_S)
            await asyncio.wait([asyncio.ensure_future(client.close())], timeout=END_S)

    async def _hire(self) -> list[str]:
        """Take up every worker that is not ours yet; returns why others could not be."""
        met = await _settled(self._client.run(desk.greet, on_error="return"), ANSWER_S)
        if not isinstance(met, dict):
            return [str(met)]
        new = {worker: each for worker, each in met.items() if worker not in self._seats}
        able = {worker: each for worker, each in new.items() if getattr(each, "speech", None) == desk.ours()}
        start = packed(Start(self._run_id, self._limits, len(self._seats) + len(able)))
        for worker, greeting in able.items():
            seat = Seat(self._client, worker, f"{self._run_id}.{next(self._names)}", greeting.labels)
            if await seat.begin(start):
                self._seats[worker] = seat
        return [f"{worker}: {each!r}" for worker, each in new.items() if worker not in able]


class Seat:
    """Our desk at one worker, and the two errands that never rest: what goes there, and what comes from there."""

    def __init__(self, client: Any, worker: str, name: str, labels: frozenset[str]) -> None:
        self._client = client
        self._worker = worker
        self._name = name
        self._calls: list[bytes] = []
        self._packer = Packer()
        self._called = asyncio.Event()
        self._errands: list[asyncio.Task[None]] = []
        self.link = Link(worker, self._post, labels)

    async def begin(self, start: bytes) -> bool:
        if isinstance(await self._there(desk.sit, start), OrchestratorError):
            return False
        self._errands = [asyncio.create_task(self._giving()), asyncio.create_task(self._taking())]
        return True

    async def leave(self) -> None:
        for errand in self._errands:
            errand.cancel()
        if not self.link.is_lost:
            await self._there(desk.leave)

    def _post(self, call: Call) -> None:
        self._calls.append(self._packer.packed(call))
        self._called.set()

    async def _giving(self) -> None:
        loop, gave_s = asyncio.get_running_loop(), 0.0
        while not self.link.is_lost:
            await self._called.wait()
            await asyncio.sleep(gave_s + desk.pace_s(len(self.link.lines)) - loop.time())
            gave_s = loop.time()
            self._called.clear()
            calls, self._calls = self._calls, []
            self._check(await self._there(desk.give, calls))

    async def _taking(self) -> None:
        while not self.link.is_lost:
            said = self._check(await self._there(desk.take, POLL_S))
            for message in said or []:
                self.link.take(unpacked(message))

    async def _there(self, function: Any, *words: object) -> Any:
        """What ``function`` returns at the worker, or Lost."""
        asked = self._client.run(function, self._name, *words, workers=[self._worker])
        found = await _settled(asked, POLL_S + ANSWER_S)
        return found[self._worker] if isinstance(found, dict) else found

    def _check(self, found: Any) -> Any:
        if isinstance(found, OrchestratorError):
            self.link.lose(found)
            return None
        if found is None or found is False:
            self.link.lose(Lost(f"{self._worker} had given us up"))
        return found


async def _settled(asked: Awaitable[T], limit_s: float) -> T | Lost:
    """What ``asked`` comes to; whatever goes wrong on the way, the worker is of no use to us."""
    work = asyncio.ensure_future(asked)
    try:
        done, _ = await asyncio.wait({work}, timeout=limit_s)
    finally:
        work.cancel()
    if not done:
        return Lost(f"no answer within {limit_s:g} s")
    if work.cancelled():
        return Lost("the connection to the scheduler ended")
    error = work.exception()
    return work.result() if error is None else Lost(f"{type(error).__name__}: {error}")


def _scheme(address: str) -> str:
    """``tls`` where Dask's own configuration names a certificate authority. Raises UserError for a way in the clear to
    another machine: passwords of nodes would travel on it."""
    if dask.config.get("distributed.comm.tls.ca-file", None):
        return "tls"
    host = address.rpartition(":")[0]
    if host != "localhost" and not _is_loopback(host.strip("[]")):
        raise UserError(
            f"the way to the Dask scheduler at {address} is not encrypted, and secrets travel on it",
            hint="set distributed.comm.tls in Dask's configuration (ca-file, and the client's cert and key)",
        )
    return "tcp"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
