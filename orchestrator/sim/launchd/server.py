"""
The launchd process of one simulated Mac: `python -I -S server.py MAC_DIR MAX_AGE_S [SSHD_CONFIG]`.

It says "ready" on stdout, answers launchctl on a unix socket, and owns everything the Mac runs. It ends, with all of
it, on SIGTERM, when its stdin closes (whoever started it is gone), or after MAX_AGE_S.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from orchestrator.sim.launchd.machine import Launchd
from orchestrator.sim.launchd.verbs import Caller, answer
from orchestrator.sim.tools.base import Mac

_TICK_S = 0.5
_REQUEST_BYTES = 1 << 20


async def _serve(launchd: Launchd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One launchctl: a JSON line in, a JSON object out."""
    try:
        request = json.loads(await reader.readline())
        await launchd.refresh()
        caller = Caller(request["uid"], request["manager"], request["folder"])
        result = await answer(launchd, request["argv"], caller)
        writer.write(json.dumps({"out": result.out, "err": result.err, "code": result.code}).encode())
        await writer.drain()
    except (ConnectionError, json.JSONDecodeError):
        pass
    finally:
        writer.close()


async def _ends(launchd: Launchd, max_age_s: float) -> None:
    """Wait until the Mac is to be switched off, looking after its faults meanwhile."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    loop.add_reader(0, lambda: None if os.read(0, 4096) else ended.set())
    until_s = time.monotonic() + max_age_s
    while not ended.is_set() and time.monotonic() < until_s:
        try:
            await asyncio.wait_for(ended.wait(), _TICK_S)
        except TimeoutError:
            await launchd.refresh()
    loop.remove_reader(0)


async def run(mac_dir: Path, max_age_s: float, sshd_config: str | None) -> None:
    """Be the launchd of the Mac until it ends."""
    launchd = Launchd(mac_dir)
    socket = Path(Mac(str(mac_dir)).facts["socket"])
    socket.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(
        lambda reader, writer: _serve(launchd, reader, writer), str(socket), limit=_REQUEST_BYTES
    )
    socket.chmod(0o600)
    sshd = await _start_sshd(mac_dir, sshd_config) if sshd_config else None
    launchd.start()
    try:
        print("ready", flush=True)
        await _ends(launchd, max_age_s)
    finally:
        server.close()
        if sshd and sshd.returncode is None:
            sshd.terminate()
            await sshd.wait()
        await launchd.stop()
        socket.unlink(missing_ok=True)
        if socket.parent != mac_dir / "run":
            socket.parent.rmdir()


async def _start_sshd(mac_dir: Path, config: str) -> asyncio.subprocess.Process:
    """OpenSSH's server as a child, so that it ends with the Mac; its log is run/sshd.log."""
    with (mac_dir / "run" / "sshd.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            "/usr/sbin/sshd", "-D", "-e", "-f", config, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None))
