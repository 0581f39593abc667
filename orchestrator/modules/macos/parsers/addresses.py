"""Socket addresses as netstat (`host.port`) and lsof (`host:port`) print them."""

import ipaddress

from orchestrator.modules.macos.parsers.output import Parsed
from orchestrator.modules.macos.parsers.values import integer

# netstat cuts host names at 16 and, with -A, the whole address at 18 characters (network_cmds, inet.c: inetprint).
_HOST_WIDTH = 16
_A_WIDTH = 18


def dotted(text: str, *, narrow: bool = False) -> Parsed:
    """
    `127.0.0.1.80`, `*.*`, `fe80::1%lo0.5353`: split at the last dot.

    `complete` is False when netstat certainly cut it, None when it may have. With `narrow` (netstat -A) an address
    as wide as its column may have lost digits of its port: the port is then None; the text as printed is kept.
    """
    host, _, port = text.rpartition(".")
    if narrow and len(text) >= _A_WIDTH:
        return address(host, None, text, complete=_complete_host(host) and None)
    return address(host, port, text, complete=_complete_host(host))


def coloned(text: str) -> Parsed:
    """`*:22`, `[::1]:18789`, `localhost:ssh` (a service name: port None, kept in `text`)."""
    host, _, port = text.rpartition(":")
    return address(host.removeprefix("[").removesuffix("]"), port, text, complete=True)


def address(host: str, port: str | None, text: str, *, complete: bool | None) -> Parsed:
    """One end of a socket. `host` "*" is any address; `port` is None for any port and for one that is not known."""
    return {"host": host, "port": integer(port), "text": text, "complete": complete}


def _complete_host(host: str) -> bool | None:
    if ":" not in host or len(host) < _HOST_WIDTH:
        return True
    try:
        ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return False
    return None if len(host) == _HOST_WIDTH else True


def family(protocol: str) -> str | None:
    """ipv4, ipv6 or dual (a socket that takes both), from netstat's `tcp4`, `udp6`, `tcp46`."""
    digits = protocol.lstrip("abcdefghijklmnopqrstuvwxyz")
    return {"4": "ipv4", "6": "ipv6", "46": "dual"}.get(digits)
