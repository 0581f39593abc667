"""The TCP sockets of this Mac's processes, read from the host's kernel tables."""

from __future__ import annotations

import os
import re
import socket
import struct

from orchestrator.sim.tools.base import Mac
from orchestrator.sim.tools.processes import Process, processes

_STATES = {1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RCVD", 4: "FIN_WAIT_1", 5: "FIN_WAIT_2", 6: "TIME_WAIT",
           7: "CLOSED", 8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING"}  # fmt: skip


class TcpSocket:
    """One socket as one process holds it; addresses as text, "*" for any."""

    def __init__(self, process: Process, descriptor: int, version: int, inode: int, fields: list[str]) -> None:
        self.process, self.descriptor, self.version, self.inode = process, descriptor, version, inode
        self.address, self.port = _endpoint(fields[1])
        self.peer, self.peer_port = _endpoint(fields[2])
        self.state = _STATES.get(int(fields[3], 16), "CLOSED")


def _endpoint(text: str) -> tuple[str, int]:
    """Address and port of the kernel's hexadecimal form, whose words are in host byte order."""
    address, port = text.split(":")
    words = [int(address[at : at + 8], 16) for at in range(0, len(address), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    if not any(packed):
        return "*", int(port, 16)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed), int(port, 16)


def tcp_sockets(mac: Mac) -> list[TcpSocket]:
    """Sockets by process and descriptor; root sees every one, a user those of the Mac's user too: it is one Mac."""
    rows = {}
    for version, name in ((4, "tcp"), (6, "tcp6")):
        try:
            with open(f"/proc/net/{name}", encoding="ascii") as file:
                lines = file.read().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            rows[int(fields[9])] = (version, fields)
    found = []
    for process in processes(mac):
        for descriptor, inode in _inodes(process.pid):
            if inode in rows:
                version, fields = rows[inode]
                found.append(TcpSocket(process, descriptor, version, inode, fields))
    return found


def _inodes(pid: int) -> list[tuple[int, int]]:
    """Descriptor and socket inode of each socket of a process."""
    found = []
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            link = os.readlink(f"/proc/{pid}/fd/{name}")
            if match := re.fullmatch(r"socket:\[(\d+)\]", link):
                found.append((int(name), int(match[1])))
    except OSError:
        pass
    return sorted(found)
