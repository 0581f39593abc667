"""
lsof for TCP sockets: -nP, -iTCP[@ADDRESS][:PORT], -sTCP:STATE, -a, -p, -u, -t, +c, and the field forms of -F.

Recorded: the table of 26 (command cut at 9, blanks as \\x20), -F pcLPn, an empty answer with exit 1. Without root
real lsof shows only the caller's processes, and so does this one. Unrecorded: anything but -i.
"""

from __future__ import annotations

import re

from orchestrator.sim.tools.base import Mac, Refusal
from orchestrator.sim.tools.sockets import TcpSocket, tcp_sockets


class _Query:
    """What the arguments select and how it is printed."""

    def __init__(self, argv: list[str]) -> None:
        self.state: str | None = None
        self.port: int | None = None
        self.pids: set[int] | None = None
        self.fields: str | None = None
        self.terse = False
        self.width = 9
        words = list(argv)
        while words:
            word = words.pop(0)
            flag, value = word[:2], word[2:]
            if flag in ("-s", "-p", "-u", "+c") and not value:
                value = words.pop(0) if words else ""
            if flag == "-F":
                if not value and words and re.fullmatch(r"[pcLPnTfutdgR0x]+", words[0]):
                    value = words.pop(0)
                self.fields = value or "pcLPnTf"
            elif flag == "-s":
                self.state = value.partition(":")[2] or None
            elif flag == "-p":
                self.pids = {int(part) for part in value.split(",") if part.lstrip("^").isdigit()}
            elif flag == "-i":
                self.port = int(value.rpartition(":")[2]) if ":" in value else None
            elif flag == "+c":
                self.width = int(value) or 1 << 10
            elif flag == "-t":
                self.terse = True
            elif not word.startswith("-"):
                raise Refusal(1, f"lsof: status error on {word}: only network files are simulated")

    def selects(self, mac: Mac, row: TcpSocket) -> bool:
        return (
            (mac.is_root or row.process.uid == mac.uid)
            and (self.state is None or row.state == self.state)
            and (self.port is None or self.port in (row.port, row.peer_port))
            and (self.pids is None or row.process.pid in self.pids)
        )


def lsof(mac: Mac, argv: list[str]) -> int:
    query = _Query(argv)
    rows = [row for row in tcp_sockets(mac) if query.selects(mac, row)]
    if query.terse:
        print("".join(f"{pid}\n" for pid in sorted({row.process.pid for row in rows})), end="")
    elif query.fields is not None:
        _fields(mac, rows, query.fields)
    elif rows:
        _table(mac, rows, query.width)
    return 0 if rows else 1


def _name(row: TcpSocket) -> str:
    local = _bracketed(row.address, row.port)
    return local if row.state == "LISTEN" else f"{local}->{_bracketed(row.peer, row.peer_port)}"


def _bracketed(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _user(mac: Mac, row: TcpSocket) -> str:
    return mac.users().get(row.process.uid, str(row.process.uid))


def _fields(mac: Mac, rows: list[TcpSocket], wanted: str) -> None:
    pid = None
    for row in rows:
        if row.process.pid != pid:
            pid = row.process.pid
            print(f"p{pid}")
            _say(wanted, {"c": row.process.name, "L": _user(mac, row), "u": str(row.process.uid)})
        print(f"f{row.descriptor}")
        _say(wanted, {"t": f"IPv{row.version}", "P": "TCP", "n": _name(row)})
        if "T" in wanted:
            print(f"TST={row.state}\nTQR=0\nTQS=0")


def _say(wanted: str, values: dict[str, str]) -> None:
    for letter, value in values.items():
        if letter in wanted:
            print(f"{letter}{value}")


def _table(mac: Mac, rows: list[TcpSocket], width: int) -> None:
    cells = [("COMMAND", "PID", "USER", "FD", "TYPE", "DEVICE", "SIZE/OFF", "NODE", "NAME")]
    for row in rows:
        command = row.process.name.replace(" ", "\\x20")[:width]
        cells.append((command, str(row.process.pid), _user(mac, row), f"{row.descriptor}u", f"IPv{row.version}",
                      f"0x{row.inode:016x}", "0t0", "TCP", f"{_name(row)} ({row.state})"))  # fmt: skip
    widths = [max(len(line[at]) for line in cells) for at in range(8)]
    for line in cells:
        start = line[0].ljust(widths[0]) + " " + " ".join(line[at].rjust(widths[at]) for at in range(1, 8))
        print(f"{start} {line[8]}")
