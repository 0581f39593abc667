"""
netstat: `-an` and `-anv`, with `-p tcp`, in the column layout of the Mac's release.

Layouts are recorded for 13–14, 15 and 26; 27 is taken to be as 26. The byte counters, buffers, options and flags are
constants of a recording: only protocol, addresses, state and process are true.
"""

from __future__ import annotations

from orchestrator.sim.tools.base import Mac
from orchestrator.sim.tools.sockets import TcpSocket, tcp_sockets

_TAIL = "00100 00000006 {gen:016x} 00000000 00000900      1      0 000001"
_PLAIN = "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)    "
_HEADS = {
    13: _PLAIN + "  rhiwat  shiwat    pid   epid state  options           gencnt    flags   flags1 usscnt rtncnt fltrs",
    15: _PLAIN
    + "    rxbytes    txbytes  rhiwat  shiwat    pid   epid  state  options           gencnt    flags   flags1"
    " usecnt rtncnt  fltrs",
    26: "Proto Recv-Q Send-Q  Local Address                                 Foreign Address"
    "                               (state)          rxbytes      txbytes  rhiwat  shiwat          process:pid"
    "    state  options           gencnt    flags   flags1 usecnt rtncnt fltrs",
}


def netstat(mac: Mac, argv: list[str]) -> int:
    letters = "".join(word[1:] for word in argv if word.startswith("-"))
    family = 26 if mac.major >= 26 else 15 if mac.major == 15 else 13
    print("Active Internet connections (including servers)")
    print(_HEADS[family] if "v" in letters else _PLAIN)
    # A socket that several processes hold is one row; the one who opened it first is named.
    seen = set()
    for row in tcp_sockets(mac):
        if row.inode in seen or ("a" not in letters and row.state == "LISTEN"):
            continue
        seen.add(row.inode)
        print(_row(row, family) if "v" in letters else _short(row))
    return 0


def _ends(row: TcpSocket) -> tuple[str, str, str]:
    """Protocol and both ends as `host.port`; long IPv6 addresses are cut, as without -W."""
    # A dual-stack wildcard listener is tcp46 on a Mac; Linux has it in the IPv6 table.
    proto = "tcp46" if row.version == 6 and row.address == "*" else f"tcp{row.version}"
    local = f"{row.address[:15]}.{row.port}"
    peer = f"{row.peer[:15]}.{row.peer_port or '*'}"
    return proto, local, peer


def _short(row: TcpSocket) -> str:
    proto, local, peer = _ends(row)
    return f"{proto:<5}      0      0  {local:<22} {peer:<22} {row.state:<11}"


def _row(row: TcpSocket, family: int) -> str:
    proto, local, peer = _ends(row)
    tail = _TAIL.format(gen=row.inode)
    start = f"{proto:<5}      0      0  {local:<22} {peer:<22} "
    if family == 13:
        return f"{start}{row.state:<11}  131072  131072 {row.process.pid:6}      0 {tail}"
    counters = f"{0:13} {0:12}  131072  131072"
    if family == 15:
        return f"{start}{row.state:<11} {0:10} {0:10}  131072  131072 {row.process.pid:6}      0 {tail}"
    name = row.process.name[:16]
    return f"{start}{row.state:<11}{counters} {name:>16}:{row.process.pid:<6} {tail}"
