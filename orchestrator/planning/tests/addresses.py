"""The tests of ansible.utils: what an address or a network is, and where it lies."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.planning.filters.nets import listed

MAC: Final = re.compile(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|([0-9a-f]{4}\.){2}[0-9a-f]{4}$|[0-9a-f]{12}$", re.IGNORECASE)


def _yes(judge: Callable[..., Any]) -> Callable[..., bool]:
    """``judge`` as a test: what cannot be read as an address is a no."""

    def test(*values: Any) -> bool:
        try:
            return bool(judge(*map(str, values)))
        except ValueError:
            return False

    return test


def _lies_in(inner: str, outer: str) -> bool:
    one, other = ipaddress.ip_network(inner), ipaddress.ip_network(outer)
    within = (other.network_address, other.broadcast_address)
    return (
        one.version == other.version
        and int(within[0]) <= int(one.network_address)
        and int(one.broadcast_address) <= int(within[1])
    )


in_network = _yes(_lies_in)


def in_any_network(ip: Any, networks: Any) -> bool:
    """Whether ``ip`` lies in one of a list of networks, or in several."""
    return any(in_network(ip, each) for each in listed(networks))


def in_one_network(ip: Any, networks: Any) -> bool:
    """Whether ``ip`` lies in just one of a list of networks."""
    return [in_network(ip, each) for each in listed(networks)].count(True) == 1


def resolvable(host: Any) -> bool:
    """Whether this machine finds an address for a name, or a name for an address."""
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return _is_found(socket.getaddrinfo, str(host), None)
    return _is_found(socket.gethostbyaddr, str(host))


def _is_found(ask: Callable[..., Any], *words: Any) -> bool:
    try:
        ask(*words)
    except OSError:
        return False
    return True


def _of(attribute: str) -> Callable[..., bool]:
    return _yes(lambda ip: getattr(ipaddress.ip_address(ip), attribute, None))


_TESTS: Final[Mapping[str, Callable[..., Any]]] = {
    "in_any_network": in_any_network,
    "in_network": in_network,
    "in_one_network": in_one_network,
    "ip": _yes(lambda ip: ipaddress.ip_network(ip) is not None),
    "ip_address": _yes(lambda ip: ipaddress.ip_address(ip) is not None),
    "ipv4": _yes(lambda ip: ipaddress.ip_network(ip).version == 4),
    "ipv4_address": _yes(lambda ip: ipaddress.ip_address(ip).version == 4),
    "ipv4_hostmask": _yes(lambda mask: str(ipaddress.ip_network(f"10.0.0.0/{mask}").hostmask) == mask),
    "ipv4_netmask": _yes(lambda mask: str(ipaddress.ip_network(f"10.0.0.0/{mask}").netmask) == mask),
    "ipv6": _yes(lambda ip: ipaddress.ip_network(ip).version == 6),
    "ipv6_address": _yes(lambda ip: ipaddress.ip_address(ip).version == 6),
    "ipv6_ipv4_mapped": _of("ipv4_mapped"),
    "ipv6_sixtofour": _of("sixtofour"),
    "ipv6_teredo": _of("teredo"),
    "loopback": _of("is_loopback"),
    "mac": _yes(MAC.match),
    "multicast": _of("is_multicast"),
    "private": _of("is_private"),
    "public": _of("is_global"),
    "reserved": _of("is_reserved"),
    "resolvable": resolvable,
    "subnet_of": in_network,
    "supernet_of": _yes(lambda outer, inner: _lies_in(inner, outer)),
    "unspecified": _of("is_unspecified"),
}

ADDRESS_TESTS: Final[Mapping[str, Callable[..., Any]]] = {
    f"ansible.utils.{name}": test for name, test in _TESTS.items()
}
