"""
`netstat`: sockets, with their processes where -v was given.

Columns by version: to 12 `rhiwat shiwat pid epid state options`; 13 and 14 add six after options; 15 puts `rxbytes
txbytes` in front; 26 replaces `pid epid` by `process:pid`, the name cut at 16 characters and free to hold blanks.
Header and rows do not line up, so rows are read from the right and the header is only asked for titles.
"""

import re

from orchestrator.modules.macos.parsers.addresses import dotted, family
from orchestrator.modules.macos.parsers.output import Output, Parsed, known, otherwise
from orchestrator.modules.macos.parsers.values import integer

_PROTOCOL = re.compile(r"(?:tcp|udp|icm|div|ip|vsock|mptcp)[a-z]{0,3}(?:46|4|6)?")
_STATE = re.compile(r"[A-Z][A-Z0-9_]{3,}")
_ROW = re.compile(
    r"\s*(?:([0-9a-f]{8,16})\s+(?:([0-9a-f]{1,8})\s+)?)?(\S+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)(?:\s+(.*))?"
)
_COUNTERS = re.compile(r"(?:(\d+)\s+(\d+)\s+)?(\d+)\s+(\d+)\s+")
# pid and epid, or name:pid; then the socket's state and options in hexadecimal, which every layout prints.
_OWNER = re.compile(r"(?:(.*):(\d+)|(?<![:\d])(\d+)\s+(\d+))\s+(?:0x)?[0-9a-f]{4,8}\s+(?:0x)?[0-9a-f]{8}(?:\s|$)")
_NAME_WIDTH = 16


def parse_netstat(output: Output) -> Parsed:
    """
    `sockets`: proto, family (ipv4, ipv6, dual), local, foreign, state, queues in bytes, pid, process.

    pid is None without -v, and 0 where netstat prints 0 (no process holds it any more, or the kernel).
    `process_cut` is True when the name fills its column. Rows of other kinds of socket are counted in `other_rows`
    by the title above them. `listening` has the TCP sockets in LISTEN once more, by index.
    """
    sockets: list[Parsed] = []
    other: dict[str, int] = {}
    extra: list[str] = []
    title = ""
    for line in output.rows:
        if line.startswith(("Active ", "Registered ")):
            title = line.strip()
        elif socket := _socket(line):
            sockets.append(socket)
        elif not _is_heading(line):
            if title and "Internet" not in title:
                other[title] = other.get(title, 0) + 1
            else:
                extra.append(line.strip())
    if not sockets and not title and not any(_is_heading(line) for line in output.rows):
        return otherwise(output)
    listening = [index for index, socket in enumerate(sockets) if socket["state"] == "LISTEN"]
    return known(sockets=sockets, listening=listening, other_rows=other, extra=extra)


def _is_heading(line: str) -> bool:
    return bool(re.search(r"Recv-Q|\bunit\b.*\bname\b", line)) or line.split()[:1] in (["Proto"], ["Address"])


def _socket(line: str) -> Parsed | None:
    match = _ROW.fullmatch(line)
    if not match or not _PROTOCOL.fullmatch(match[3]) or "." not in match[6] or "." not in match[7]:
        return None
    rest = (match[8] or "").strip()
    first, _, after = rest.partition(" ")
    state = first if _STATE.fullmatch(first) else None
    return {
        "proto": match[3],
        "family": family(match[3]),
        "recv_queue_bytes": integer(match[4]),
        "send_queue_bytes": integer(match[5]),
        "local": dotted(match[6], narrow=bool(match[1])),
        "foreign": dotted(match[7], narrow=bool(match[1])),
        "state": state,
        **_owner((after if state else rest).strip()),
    }


def _owner(rest: str) -> Parsed:
    """Byte counters and process from what stands after the state; `verbatim` is set when that is of a new form."""
    result: Parsed = {"received_bytes": None, "sent_bytes": None, "pid": None, "process": None, "process_cut": None}
    counters = _four_counters(rest)
    if not rest or not counters:
        return {**result, "verbatim": rest} if rest else result
    match = _OWNER.match(rest, counters.end())
    if not match:
        return {**result, "verbatim": rest}
    name = match[1] or None
    return {
        "received_bytes": integer(counters[1]),
        "sent_bytes": integer(counters[2]),
        "pid": integer(match[2] or match[3]),
        "process": name,
        "process_cut": None if name is None else len(name) >= _NAME_WIDTH,
    }


def _four_counters(rest: str) -> re.Match[str] | None:
    """The two or four numbers before the owner: four unless only two leave room for `pid epid`."""
    counters = _COUNTERS.match(rest)
    if counters and counters[1] and not _OWNER.match(rest, counters.end()):
        return re.compile(r"()()(\d+)\s+(\d+)\s+").match(rest)
    return counters
