"""``ansible.utils.ipaddr`` and what asks it: what an IP address or network is, or has, under many names.

Sources: the collection's guide "ipaddr filter" (ansible.utils 6.0), and for what is reachable from everywhere the
registries of special-purpose addresses at IANA, as of 2024.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.model.frozen import frozen
from orchestrator.planning.filters.nets import Net, address, bare, nets, numbered, parsed

MAPPED: Final = 0xFFFF << 32
"""Where IPv4 lies within IPv6."""
_LOOPBACK: Final = nets("127.0.0.0/8 ::1/128")
_MULTICAST: Final = nets("224.0.0.0/4 ff00::/8")
_LINK_LOCAL: Final = nets("169.254.0.0/16 fe80::/10")
_NOT_GLOBAL: Final = nets(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
    "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
    "::/128 ::1/128 ::ffff:0:0/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7 fe80::/10"
)
_YET_GLOBAL: Final = nets(
    "192.0.0.9/32 192.0.0.10/32 2001:1::1/128 2001:1::2/128 2001:3::/32 2001:4:112::/48 2001:20::/28 2001:30::/28"
)


def _in(net: Net, nets: tuple[Net, ...]) -> bool:
    host = Net(net.version, net.value, net.width)
    return any(each.holds(host) for each in nets)


def _is_global(net: Net) -> bool:
    return not _in(net, _NOT_GLOBAL) or _in(net, _YET_GLOBAL)


def _is_public(net: Net) -> bool:
    inverse = net.value ^ ((1 << net.width) - 1)
    is_mask = any(bits & (bits + 1) == 0 for bits in (net.value, inverse))
    return _is_global(net) and not is_mask and not _in(net, _LOOPBACK + _MULTICAST)


@frozen
class Asked:
    """One value that was asked about: what it says, as it was written, and whether with a prefix."""

    net: Net
    value: Any
    is_network: bool

    def network(self) -> Net:
        """Its network. Raises TemplateError where it was written as an address."""
        if not self.is_network:
            raise TemplateError("Not a network address")
        return self.net

    def if_true(self, verdict: bool) -> Any:
        return self.value if verdict else None


def _ip(asked: Asked) -> Any:
    net = asked.net
    return net.text() if net.size <= 2 or net.is_host or net.version == 6 else None


def _host_and_prefix(asked: Asked) -> Any:
    net = asked.net
    return False if net.size > 2 and net.value in (net.first, net.last) else str(net)


def _host(asked: Asked) -> Any:
    net = asked.net
    return str(net) if net.size <= 2 or net.is_host else None


def _of_a_network(form: Callable[[Net], str]) -> Callable[[Asked], Any]:
    return lambda asked: form(asked.net) if asked.net.size == 2 or asked.net.is_host else None


def _first_usable(asked: Asked) -> Any:
    net = asked.network()
    return bare(net.usable()[0]) if net.size > 1 else None


def _last_usable(asked: Asked) -> Any:
    net = asked.network()
    return bare(net.usable()[1]) if net.size > 1 else None


def _range_usable(asked: Asked) -> Any:
    net = asked.network()
    return "-".join(map(bare, net.usable())) if net.size > 1 else None


def beside(net: Net, offset: int) -> str | None:
    """The address so many behind that of ``net``, if a host of its network may have it."""
    if net.size == 1:
        return None
    first, last = net.usable()
    return bare(net.value + offset) if first <= net.value + offset <= last else None


def _peer(asked: Asked) -> Any:
    net = asked.network()
    if net.size == 2:
        return bare(net.value ^ 1)
    if net.size != 4:
        raise TemplateError("Not a point-to-point network")
    for place, name in ((0, "Network"), (3, "Broadcast")):
        if net.value % 4 == place:
            raise TemplateError(f"{name} address of /30 has no peer")
    return bare(net.value ^ 3)


def _six_to_four(asked: Asked) -> Any:
    net = asked.net
    if net.version == 6:
        return asked.if_true(net.value >> 112 == 0x2002 and (net.is_host or not asked.is_network)) or False
    if (net.size > 1 and not net.is_host) or (_is_global(net) and not _is_public(net)):
        return False
    return (
        f"2002:{net.value >> 24:02x}{net.value >> 16 & 255:02x}:{net.value >> 8 & 255:02x}{net.value & 255:02x}::1/48"
    )


def _as_ipv4(asked: Asked) -> Any:
    net = asked.net
    if net.version == 4:
        return asked.value
    host = net.value - MAPPED if net.value > 0xFFFFFFFF else net.value
    fits = 0 <= host <= 0xFFFFFFFF and net.prefix >= 96
    return str(Net(4, host, net.prefix - 96)) if fits else False


def _as_ipv6(asked: Asked) -> Any:
    net = asked.net
    return str(Net(6, net.value + MAPPED, net.prefix + 96)) if net.version == 4 else asked.value


def _wrapped(asked: Asked) -> Any:
    net = asked.net
    if net.version == 4:
        return asked.value
    return f"[{net.text()}]/{net.prefix}" if asked.is_network else f"[{net.text()}]"


def _type(asked: Asked) -> str:
    return "address" if asked.net.size == 1 or asked.net.is_host else "network"


def _hostmask(asked: Asked) -> str:
    return asked.net.text(asked.net.size - 1)


def _netmask(net: Net) -> str:
    return net.text((1 << net.width) - net.size)


def _network(asked: Asked) -> str:
    return asked.net.text(asked.net.first)


def _subnet(asked: Asked) -> str:
    return f"{_network(asked)}/{asked.net.prefix}"


_HOST_AND_NETMASK: Final = _of_a_network(lambda net: f"{net.text()} {_netmask(net)}")
QUERIES: Final[Mapping[str, Callable[[Asked], Any]]] = {
    "": lambda asked: str(asked.net) if asked.is_network else asked.net.text(),
    "6to4": _six_to_four,
    "address": _ip,
    "ip": _ip,
    **dict.fromkeys(("address/prefix", "gateway", "gw", "host/prefix", "hostnet", "router"), _host_and_prefix),
    "bool": lambda asked: True,
    "broadcast": lambda asked: asked.net.text(asked.net.last) if asked.net.size > 2 else None,
    "cidr": lambda asked: str(asked.net),
    "first_usable": _first_usable,
    "host": _host,
    "hostmask": _hostmask,
    "wildcard": _hostmask,
    "int": lambda asked: f"{asked.net.value}/{asked.net.prefix}" if asked.is_network else asked.net.value,
    "ip/prefix": _of_a_network(str),
    "ip_netmask": _HOST_AND_NETMASK,
    "ipv4": _as_ipv4,
    "ipv6": _as_ipv6,
    "last_usable": _last_usable,
    "link-local": lambda asked: asked.if_true(_in(asked.net, _LINK_LOCAL)),
    "lo": lambda asked: asked.if_true(_in(asked.net, _LOOPBACK)),
    "loopback": lambda asked: asked.if_true(_in(asked.net, _LOOPBACK)),
    "multicast": lambda asked: asked.if_true(any(each.holds(asked.net) for each in _MULTICAST)),
    "net": lambda asked: str(asked.net) if asked.net.size > 1 and not asked.net.is_host else None,
    "netmask": lambda asked: _netmask(asked.net),
    "network": _network,
    "network_id": _network,
    "network/prefix": _subnet,
    "subnet": _subnet,
    "network_netmask": lambda asked: f"{_network(asked)} {_netmask(asked.net)}",
    "network_wildcard": lambda asked: f"{_network(asked)} {_hostmask(asked)}",
    "next_usable": lambda asked: beside(asked.network(), 1),
    "previous_usable": lambda asked: beside(asked.network(), -1),
    "peer": _peer,
    "prefix": lambda asked: asked.net.prefix,
    "private": lambda asked: asked.if_true(not _is_global(asked.net)),
    "public": lambda asked: asked.if_true(_is_public(asked.net)),
    "range_usable": _range_usable,
    "revdns": lambda asked: f"{address(asked.net.version, asked.net.value).reverse_pointer}.",
    "size": lambda asked: asked.net.size,
    "size_usable": lambda asked: {1: 0, 2: 2}.get(asked.net.size, asked.net.size - 2),
    "type": _type,
    "unicast": lambda asked: asked.if_true(not any(each.holds(asked.net) for each in _MULTICAST)),
    "version": lambda asked: asked.net.version,
    "wrap": _wrapped,
}


def asked(value: Any, version: int | None = None) -> Asked | None:
    """What ``value`` – a text, or a number – says; None where it is no address."""
    try:
        if (text := str(value)).isdigit():
            return Asked(net := numbered(int(text), None, version), str(net), False)
        try:
            return Asked(parsed(text), value, "/" in text)
        except ValueError:
            number, _, prefix = text.partition("/")
            return Asked(net := numbered(int(number), int(prefix)), str(net), True)
    except ValueError:
        return None


def ipaddr(value: Any, query: Any = "", version: Any = None, alias: str = "ipaddr") -> Any:
    """What ``query`` asks of an address: its name, a network that is to hold it, or a number within its network.

    A list gives the answers of its items that are true. False where ``value`` is no address of that version.
    Raises TemplateError for a query that nobody knows."""
    if not isinstance(value, str | list | tuple | int):
        raise TemplateError(f"Unrecognized type <{type(value)}> for ipaddr filter <value>")
    return answer(value, str(query), int(version) if version else None, alias)


def answer(value: Any, query: str, version: int | None, alias: str) -> Any:
    if isinstance(value, list | tuple):
        return [each for each in (answer(item, query, version, "ipaddr") for item in value) if each]
    if not value or value is True:
        return False
    said = asked(value, version)
    if said is None or (version and said.net.version != version):
        return False
    if query in QUERIES:
        return QUERIES[query](said)
    if not query.isdigit() and (range_asked := asked(query)) is not None:
        return said.value if range_asked.net.holds(said.net) else None
    return _nth(said, query, alias)


def _nth(said: Asked, query: str, alias: str) -> Any:
    """The address at that number of the network, from its end where it is negative."""
    net = said.net
    try:
        float(query)
    except ValueError:
        raise TemplateError(f"{alias}: unknown filter type: {query}") from None
    if net.size == 1:
        return str(net) if said.is_network else net.text()
    nth = int(query) if re.fullmatch(r"-?\d+", query) else net.size
    if not -net.size <= nth < net.size:
        return False
    return f"{net.nth(nth)}/{net.prefix}"


def ipv4(value: Any, query: Any = "") -> Any:
    """What ``query`` asks of an IPv4 address; False where it is none."""
    return ipaddr(value, query, 4, "ipv4")


def ipv6(value: Any, query: Any = "") -> Any:
    """What ``query`` asks of an IPv6 address; False where it is none."""
    return ipaddr(value, query, 6, "ipv6")


def ipwrap(value: Any, *_ignored: Any, query: Any = "") -> Any:
    """IPv6 addresses – one, or those in a list – in brackets; all else as it is. A query without a name is ignored."""
    if isinstance(value, list | tuple):
        return [_wrap_if(each, str(query)) for each in value]
    if not isinstance(value, str):
        raise TemplateError(f"Unrecognized type <{type(value)}> for ipwrap filter <value>")
    return _wrap_if(value, str(query))


def _wrap_if(value: Any, query: str) -> Any:
    try:
        found = answer(value, query, None, "ipwrap")
        return answer(found, "wrap", None, "ipwrap") if found else value
    except TemplateError:
        return value


ADDRESSES: Final[Mapping[str, Callable[..., Any]]] = {
    f"ansible.utils.{each.__name__}": each for each in (ipaddr, ipv4, ipv6, ipwrap)
}
