"""Filters of ansible.utils that reckon with IP addresses, networks and hardware addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.planning.filters.addresses import asked, beside
from orchestrator.planning.filters.nets import Net, address, listed, parsed

MOST_ADDRESSES: Final = 1 << 20
"""How many addresses ``usable_range`` lists at most."""


def _net(value: Any) -> Net | None:
    """The network that ``value`` says, host part and all; None where it is none."""
    said = asked(str(value)) if value else None
    return None if said is None else said.net


def _valid(value: Any, *, alone: bool = True) -> Net:
    """The address ``value``, ``alone``: without a prefix. Raises TemplateError."""
    try:
        if not (alone and "/" in str(value)):
            return parsed(str(value))
    except ValueError:
        pass
    raise TemplateError(f"You must pass a valid IP address; {value} is invalid")


def ipsubnet(value: Any, query: Any = "", index: Any = None) -> Any:
    """A network's subnets of ``query`` bits: how many, or the one at ``index``; an address's networks of that size; or
    the rank of a subnet in the network ``query``."""
    net = _net(value)
    if net is None:
        return False
    net = Net(net.version, net.first, net.prefix)
    if not query:
        return str(net)
    if not str(query).isdigit():
        return _rank(net, str(query))
    bits = int(query)
    if bits > net.width:
        return False
    if net.size == 1:
        return _around(net, bits, 0 if index is None else int(index))
    if index is not None:
        return _subnet(net, bits, int(index))
    if bits < net.prefix:
        raise TemplateError(f"Requested subnet size of {bits} is invalid")
    return str(2 ** (bits - net.prefix))


def _around(host: Net, bits: int, index: int) -> Any:
    if index > host.width + 1 - index or index < bits - host.width:
        return False
    prefix = range(bits, host.width)[index]
    return str(Net(host.version, Net(host.version, host.value, prefix).first, prefix))


def _subnet(net: Net, bits: int, index: int) -> Any:
    subnets: float = 2 ** (bits - net.prefix)
    place = index + subnets if index < 0 else index
    if not 0 <= place < subnets:
        return False
    return str(Net(net.version, net.value + (int(place) << (net.width - bits)), bits))


def _rank(net: Net, query: str) -> str:
    around = _net(query)
    if around is None:
        raise TemplateError(f"You must pass a valid subnet or IP address; {query} is invalid")
    outside, inside = net.width - around.prefix, net.width - net.prefix
    if net.value >> outside != around.value >> outside or outside < inside:
        raise TemplateError(f"{net} is not in the subnet {Net(around.version, around.first, around.prefix)}")
    return str((net.value & ((1 << outside) - 1)) // (1 << inside) + 1)


def nthhost(value: Any, query: Any = "") -> Any:
    """The address at that number of a network, from its end where it is negative; False where there is none."""
    net = _net(value)
    if net is None or query == "":
        return False
    try:
        nth = int(query)
    except ValueError:
        return False
    if nth >= net.size:
        return False
    if nth < -net.size:
        raise TemplateError("index out range for address range size!")
    return net.nth(nth)


def next_nth_usable(value: Any, offset: Any) -> Any:
    """The address so many behind, if a host of the network may have it."""
    net, steps = _net(value), int(offset)
    return False if net is None else beside(net, steps)


def previous_nth_usable(value: Any, offset: Any) -> Any:
    """The address so many before, if a host of the network may have it."""
    return next_nth_usable(value, -int(offset))


def ipmath(value: Any, amount: Any) -> str:
    """The address that lies ``amount`` behind (below zero: before)."""
    net = _valid(value, alone=False)
    return net.text(net.value + int(amount))


def _span(value: Any) -> tuple[int, int]:
    """The first and last address of a network; of one of two addresses, twice the first."""
    net = _net(value)
    if net is None:
        return 0, 0
    return net.first, net.last if net.size > 2 else net.first


def _usable(value: Any) -> tuple[int, int]:
    net = _net(value)
    if net is None:
        return 0, 0
    return net.usable() if net.size > 1 else (net.value, net.value)


def _within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] <= outer[1] and outer[0] <= inner[1] <= outer[1]


def network_in_network(value: Any, test: Any) -> bool:
    """Whether all of ``test`` lies in the network ``value``."""
    return _within(_span(test), _span(value))


def network_in_usable(value: Any, test: Any) -> bool:
    """Whether all of ``test`` lies among the addresses that hosts of ``value`` may have."""
    return _within(_span(test), _usable(value))


def reduce_on_network(value: Any, network: Any) -> list[Any]:
    """What of a list lies in the network."""
    outer = _span(network)
    return [each for each in listed(value) if _within(_span(each), outer)]


def cidr_merge(value: Any, action: str = "merge") -> Any:
    """The fewest networks that are those of a list together; with ``span``, the smallest that holds them all."""
    if not isinstance(value, Iterable):
        raise TemplateError(f"cidr_merge: expected iterable, got {value!r}")
    if action not in ("merge", "span"):
        raise TemplateError(f"cidr_merge: invalid action '{action}'")
    try:
        nets = [parsed(str(each)) for each in listed(value)]
    except ValueError as error:
        raise TemplateError(f"cidr_merge: {error}") from error
    return _merged(nets) if action == "merge" else _spanning(nets)


def _merged(nets: list[Net]) -> list[str]:
    """What touches is one range, given as its networks; what stands alone stays as it was written."""
    runs: list[list[Net]] = []
    for net in sorted(nets, key=lambda net: (net.version, net.last, net.first), reverse=True):
        if runs and runs[-1][0].version == net.version and min(each.first for each in runs[-1]) - 1 <= net.last:
            runs[-1].append(net)
        else:
            runs.append([net])
    return [text for run in reversed(runs) for text in _networks(run)]


def _networks(run: list[Net]) -> list[str]:
    if len(run) == 1:
        return [str(run[0])]
    low, high = (address(run[0].version, each) for each in (min(net.first for net in run), run[0].last))
    return list(map(str, ipaddress.summarize_address_range(low, high)))


def _spanning(nets: list[Net]) -> str | None:
    if len(nets) < 2:
        return str(nets[0]) if nets else None
    order = sorted(nets, key=lambda net: (net.version, net.first, net.prefix, net.value))
    low, high = order[0], order[-1]
    if low.version != high.version:
        raise TemplateError("cidr_merge: IP sequence cannot contain both IPv4 and IPv6!")
    value, prefix = high.last, high.prefix
    while prefix > 0 and value > low.first:
        prefix -= 1
        value &= -(1 << (high.width - prefix))
    return str(Net(high.version, value, prefix))


def ip4_hex(arg: Any, delimiter: str = "") -> str:
    """An IPv4 address in hexadecimal digits."""
    net = _valid(arg)
    if net.version != 4:
        raise TemplateError(f"You must pass a valid IP address; {arg} is invalid")
    return delimiter.join(f"{octet:02x}" for octet in net.value.to_bytes(4, "big"))


def ipcut(value: Any, amount: Any) -> str:
    """The first bits of an address, or, where ``amount`` is below zero, the last."""
    net, count = _valid(value), int(amount)
    bits = f"{net.value:0{net.width}b}"
    part = bits[count:] if count < 0 else bits[:count]
    step, form, sign = (16, "x", ":") if net.version == 6 else (8, "d", ".")
    return sign.join(f"{int(part[start : start + step], 2):{form}}" for start in range(0, len(part), step))


def ipv6form(value: Any, format: str) -> str:
    """An IPv6 address written out (``expand``), shortened (``compress``), or without zeros in front (``x509``)."""
    net = _valid(value)
    found = address(net.version, net.value)
    if format == "x509" and net.version == 6:
        return ":".join(f"{net.value >> shift & 0xFFFF:x}" for shift in range(112, -1, -16))
    if format not in ("expand", "compress"):
        raise TemplateError(f"value of format must be one of: compress, expand, x509, got: {format}")
    return found.exploded if format == "expand" else found.compressed


def usable_range(ip: Any) -> dict[str, Any]:
    """All addresses of a network, and how many they are."""
    try:
        network = ipaddress.ip_network(str(ip))
    except ValueError as error:
        raise TemplateError(f"Error while using plugin 'usable_range': {error}") from error
    if network.num_addresses > MOST_ADDRESSES:
        raise TemplateError(f"{ip} has {network.num_addresses} addresses", hint=f"at most {MOST_ADDRESSES} are listed")
    return {"usable_ips": list(map(str, network)), "number_of_ips": network.num_addresses}


_MACS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        *(sign.join(["([0-9a-f]{1,2})"] * 6) for sign in ":-"),
        *(sign.join(["([0-9a-f]{1,4})"] * 3) for sign in (":", "-", r"\.")),
        *(sign.join(["([0-9a-f]{5,6})"] * 2) for sign in "-:"),
        "([0-9a-f]{11,12})",
    )
)
_FORMS: Final[Mapping[str, tuple[int, str, str]]] = {
    "bare": (48, "012X", ""),
    "cisco": (16, "04x", "."),
    "eui48": (8, "02X", "-"),
    "win": (8, "02X", "-"),
    "linux": (8, "02x", ":"),
    "unix": (8, "x", ":"),
    **dict.fromkeys(("pgsql", "postgresql", "psql"), (24, "06x", ":")),
}
"""How many bits a word has, how it is written, and what stands between words."""


def _hardware(value: Any) -> int | None:
    """The number of a hardware address of 48 bits; None where ``value`` is none."""
    for form in _MACS:
        if match := form.fullmatch(str(value)):
            bits = 48 // len(match.groups())
            return sum(int(word, 16) << (48 - bits * (place + 1)) for place, word in enumerate(match.groups()))
    return int(value) if str(value).isdigit() and int(value) < 1 << 48 else None


def hwaddr(value: Any, query: str = "", alias: str = "hwaddr") -> Any:
    """A hardware address in the form that ``query`` names; None where it is none and nothing is asked."""
    number = _hardware(value)
    if number is None and query not in ("", "bool"):
        raise TemplateError(f"{alias}: not a hardware address: {value}")
    if query in ("", "bool", "int"):
        return None if number is None else {"": str(value), "bool": True, "int": number}[query]
    if query not in _FORMS or number is None:
        raise TemplateError(f"{alias}: unknown filter type: {query}")
    bits, form, sign = _FORMS[query]
    words = (number >> shift & ((1 << bits) - 1) for shift in range(48 - bits, -1, -bits))
    return sign.join(f"{word:{form}}" for word in words)


def macaddr(value: Any, query: str = "") -> Any:
    """As ``hwaddr``."""
    return hwaddr(value, query, "macaddr")


def slaac(value: Any, query: Any = "") -> Any:
    """The address that a host with this hardware address gives itself in an IPv6 network."""
    net, number = _net(value), _hardware(query)
    if net is None or net.version != 6 or number is None:
        return False
    identifier = (number >> 24 << 40 | 0xFFFE << 24 | number & 0xFFFFFF) ^ 1 << 57
    return net.text(net.first + identifier)


_ALL: Final[tuple[Callable[..., Any], ...]] = (
    cidr_merge, hwaddr, ip4_hex, ipcut, ipmath, ipsubnet, ipv6form, macaddr, network_in_network, network_in_usable,
    next_nth_usable, nthhost, previous_nth_usable, reduce_on_network, slaac, usable_range,
)  # fmt: skip

NETWORKS: Final[Mapping[str, Callable[..., Any]]] = {f"ansible.utils.{each.__name__}": each for each in _ALL}
