"""Several simulated Macs, started together and ended together: `async with SimFleet(root, [SimMac("m1")]) as fleet`."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from orchestrator.sim import openssh
from orchestrator.sim.embedded import EmbeddedFront
from orchestrator.sim.keys import ensure_key, known_hosts_line
from orchestrator.sim.layout import boot, lay_out
from orchestrator.sim.mac import MacDir, SimMac
from orchestrator.sim.sweep import sweep

Front = Literal["embedded", "openssh"]
HOST = "127.0.0.1"
OUTSIDE = "127.0.0.2"
"""The address by which a Mac is looked at from outside: what listens on 127.0.0.1 alone is not reached there."""
_START_LIMIT_S = 20.0
_PRODUCT_LIMIT_S = 240.0
"""OpenClaw's gateway listens after ten seconds on an idle machine, after a hundred on a busy one."""
_STOP_LIMIT_S = 10.0
_SERVER = Path(__file__).with_name("launchd") / "server.py"


@dataclass(frozen=True)
class SimNode:
    """How to reach one running Mac. `known_hosts` and `key_file` are files in OpenSSH's own forms."""

    mac: SimMac
    dir: MacDir
    host: str
    port: int
    user: str
    key_file: Path
    known_hosts: Path
    gateway_port: int

    def variables(self) -> dict[str, Any]:
        """Ansible's connection variables for this Mac.

        Who runs this logs in unasked and is left out: called root here, he is still the Mac's user there, not its root.
        """
        return {
            "ansible_host": self.host,
            "ansible_port": self.port,
            **({} if self.user == getpass.getuser() else {"ansible_user": self.user}),
            "ansible_ssh_private_key_file": str(self.key_file),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={self.known_hosts}",
            "gateway_port": self.gateway_port,
            "outside_host": OUTSIDE,
        }


class SimFleet:
    """Simulated Macs below `root`, one directory each; a directory that is laid out already boots as it stands."""

    def __init__(
        self, root: Path, macs: Sequence[SimMac], front: Front = "embedded", max_age_s: float = 3600.0
    ) -> None:
        if len({mac.name for mac in macs}) != len(macs):
            raise ValueError("two simulated Macs have the same name")
        self.root = root.resolve()
        self.nodes: dict[str, SimNode] = {}
        self._macs = macs
        self._front: Front = front
        self._max_age_s = max_age_s
        self._launchds: dict[str, asyncio.subprocess.Process] = {}
        self._fronts: dict[str, EmbeddedFront] = {}

    async def __aenter__(self) -> Self:
        self.root.mkdir(parents=True, exist_ok=True)
        client_key = ensure_key(self.root / "client_key")
        try:
            await asyncio.gather(*(self._start(mac, client_key) for mac in self._macs))
        except BaseException:
            await self._stop_all()
            raise
        self._write_known_hosts()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop_all()

    def __getitem__(self, name: str) -> SimNode:
        return self.nodes[name]

    @property
    def pids(self) -> dict[str, int]:
        """The pid of each Mac's launchd, which owns everything else the Mac runs."""
        return {name: process.pid for name, process in self._launchds.items()}

    def inventory(self) -> dict[str, Any]:
        """The fleet in the shape of an Ansible YAML inventory; all of them are in the group ``macs``."""
        ordered = [mac.name for mac in self._macs if mac.name in self.nodes]
        return {
            "all": {
                "hosts": {name: self.nodes[name].variables() for name in ordered},
                "children": {"macs": {"hosts": dict.fromkeys(ordered)}},
            }
        }

    def drop_connections(self, name: str) -> None:
        """Cut every SSH connection to a Mac of the embedded front; its commands run on."""
        self._fronts[name].drop_connections()

    async def reboot(self, name: str) -> None:
        """End everything on a Mac, its connections included, and boot it again on the same port."""
        node = self.nodes[name]
        await self._stop(name)
        boot(node.mac, node.dir)
        await self._serve(node.mac, node.dir, node.port)

    async def _start(self, mac: SimMac, client_key: str) -> None:
        where = MacDir(self.root / mac.name)
        facts = where.state / "mac.json"
        is_fresh = not facts.exists()
        if is_fresh:
            await asyncio.to_thread(lay_out, mac, where, mac.openclaw.port if mac.openclaw else free_port())
        boot(mac, where)
        keys = where.home / ".ssh" / "authorized_keys"
        if not keys.exists():
            keys.write_text(f"{client_key} simulated Mac\n")
            keys.chmod(0o600)
        port = await self._serve(mac, where, 0)
        user = mac.user if self._front == "embedded" else openssh.login_user()
        gateway_port = int(json.loads(facts.read_text())["gateway_port"])
        if is_fresh and mac.starts_gateway:
            log = where.home / ".openclaw" / "logs" / "gateway.err.log"
            await _accepts(HOST, gateway_port, log, _PRODUCT_LIMIT_S if mac.openclaw else _START_LIMIT_S)
        self.nodes[mac.name] = SimNode(
            mac, where, HOST, port, user, self.root / "client_key", self.root / "known_hosts", gateway_port
        )

    async def _serve(self, mac: SimMac, where: MacDir, port: int) -> int:
        """Start launchd and the front; returns the front's port."""
        host_key = where.run / "ssh_host_ed25519_key"
        ensure_key(host_key)
        config = None
        if self._front == "openssh":
            port = port or free_port()
            config = openssh.write_config(mac, where, HOST, port, host_key)
        self._launchds[mac.name] = await _start_launchd(where, self._max_age_s, config)
        if self._front == "openssh":
            await _accepts(HOST, port, where.run / "sshd.log")
            return port
        front = EmbeddedFront(mac, where, host_key)
        await front.start(HOST, port)
        self._fronts[mac.name] = front
        return front.port

    async def _stop_all(self) -> None:
        await asyncio.gather(*(self._stop(mac.name) for mac in self._macs))

    async def _stop(self, name: str) -> None:
        front = self._fronts.pop(name, None)
        if front:
            await front.stop()
        launchd = self._launchds.pop(name, None)
        if launchd:
            await _stop_launchd(launchd)
            # A launchd that was killed has swept nothing.
            await asyncio.to_thread(sweep, self.root / name)
        if front:
            await front.finished()

    def _write_known_hosts(self) -> None:
        lines = (
            known_hosts_line(node.host, node.port, ensure_key(node.dir.run / "ssh_host_ed25519_key"))
            for node in self.nodes.values()
        )
        (self.root / "known_hosts").write_text("".join(lines))


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def _start_launchd(where: MacDir, max_age_s: float, sshd_config: Path | None) -> asyncio.subprocess.Process:
    """Start a Mac's launchd and wait until it is ready. Its stdin is its lifeline: it ends when we do."""
    with (where.run / "launchd.err").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(_SERVER), str(where.root), str(max_age_s),
            *([str(sshd_config)] if sshd_config else []),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True,
        )  # fmt: skip
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_LIMIT_S)
    except TimeoutError:
        line = b""
    if line != b"ready\n":
        await _stop_launchd(process)
        said = (where.run / "launchd.err").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"the launchd of the simulated Mac at {where.root} did not start: {said}")
    return process


async def _stop_launchd(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _STOP_LIMIT_S)
    except TimeoutError:
        os.kill(process.pid, 9)
        await process.wait()


async def _accepts(host: str, port: int, log: Path, limit_s: float = _START_LIMIT_S) -> None:
    """Wait until a server accepts connections; its log tells why it does not."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + limit_s
    while loop.time() < until_s:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return
    said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise RuntimeError(f"nobody listens on {host}:{port} of a simulated Mac: {said}")
