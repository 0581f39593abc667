"""A peer falls silent in each phase of a line; ``python -m tests.chaos.silence [--keep]`` times how soon that is told.

Silent is what a pulled cable is: nothing passes any more, and nobody says so. Limits are the defaults.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from orchestrator.model.errors import HostError
from orchestrator.model.events import ConnectionLost, Event
from orchestrator.model.program import Run, Script
from orchestrator.transport.base import Address
from orchestrator.transport.open import connect
from tests.chaos.cutting import IN, OUT, SWALLOW, Harm, Proxy, proxied
from tests.chaos.figures import keep
from tests.contract.sshd import Sshd, start_sshd

KINDS = ("ssh", "fabric")
PHASES = ("connect", "handshake", "login", "idle", "task")
MOST_S = 30.0
HANGS_S = 60.0
IDLE_S = 5.0
"""So long after the silence began, somebody asks again."""
HARMS = {"handshake": (IN, 10), "login": (OUT, 2300)}
"""sshd greets with some forty bytes; behind 2.3 KB the keys are exchanged. A second, more patient line fares alike."""
TOOLS = Script("tools", "rest() { sleep 100; }")


@contextmanager
def deaf() -> Iterator[int]:
    """A port whose queue of connections is full: the kernel answers nobody any more."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield int(server.getsockname()[1])


async def named_s(kind: str, phase: str, address: Address, proxy: Proxy | None) -> tuple[float, str]:
    """Seconds from the silence's beginning until it is told, and in which words."""
    lost: asyncio.Queue[str] = asyncio.Queue()

    def hear(event: Event) -> None:
        if isinstance(event, ConnectionLost):
            lost.put_nowait(event.reason)

    connection = connect(address, kind, run_id=f"{kind}-{phase}", on_event=hear)

    async def ask() -> None:
        program = Run(main="rest" if phase == "task" else ":", scripts=(TOOLS,))
        try:
            await connection.run("again", program, timeout_s=200)
        except HostError as error:
            lost.put_nowait(error.message)
        except BaseException as error:
            lost.put_nowait(f"NOT TOLD: {error!r}")
            raise

    try:
        if phase in ("idle", "task"):
            assert (await connection.run("first", Run(main=":"), timeout_s=60)).rc == 0
        asking = asyncio.ensure_future(ask()) if phase == "task" else None
        await asyncio.sleep(2.0 if asking else 0.0)
        began = time.monotonic()
        if asking or phase == "idle":
            assert proxy is not None
            await asyncio.to_thread(proxy.strike, SWALLOW)
            await asyncio.sleep(0 if asking else IDLE_S)
        asking = asking or asyncio.ensure_future(ask())
        try:
            words = await asyncio.wait_for(lost.get(), HANGS_S)
        except TimeoutError:
            words = "NOT TOLD"
        spent_s = time.monotonic() - began
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return spent_s, words
    finally:
        await connection.reset()


async def all_named(sshd: Sshd, home: Path) -> dict[str, tuple[float, str]]:
    """What each kind of line tells in each phase, all of them at the same time: they only wait."""
    with ExitStack() as stack:
        attempts = {}
        for kind in KINDS:
            for phase in PHASES:
                proxy = None
                if phase == "connect":
                    port = stack.enter_context(deaf())
                else:
                    harms = [Harm(line, *HARMS[phase], SWALLOW) for line in range(3) if phase in HARMS]
                    proxy = stack.enter_context(proxied(sshd.port, *harms))
                    port = proxy.port
                key = sshd.known_hosts.read_text().split(" ", 1)[1]
                known = home / f"{kind}-{phase}"
                known.write_text(f"[127.0.0.1]:{port} {key}")
                address = sshd.address(port=port, known_hosts=(str(known),), tmp=str(home))
                attempts[f"{kind}, {phase}"] = named_s(kind, phase, address, proxy)
        found = await asyncio.gather(*attempts.values())
        return dict(zip(attempts, found, strict=True))


def main(words: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as home:
        sshd = start_sshd(Path(home, "sshd"))
        try:
            found = asyncio.run(all_named(sshd, Path(home)))
        finally:
            sshd.end()
    for what, (spent_s, said) in found.items():
        print(f"{what}: {spent_s:.1f} s: {said}")
    figures = {what: round(spent_s, 1) for what, (spent_s, _) in found.items()}
    print(json.dumps(figures))
    late = sum(spent_s > MOST_S + 1 or "NOT TOLD" in said for spent_s, said in found.values())
    if "--keep" in words:
        keep("silence", **figures, wrong=late)
    return 1 if late else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
