"""Addresses and masks of networks, as modules write them."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

VALID_MASKS = [2**8 - 2**bits for bits in range(9)]


def is_netmask(val: Any) -> bool:
    """Whether ``val`` is a mask in dotted form."""
    parts = str(val).split(".")
    return len(parts) == 4 and all(part.isdigit() and int(part) in VALID_MASKS for part in parts)


def is_masklen(val: Any) -> bool:
    """Whether ``val`` is a number of bits."""
    try:
        return 0 <= int(val) <= 32
    except ValueError:
        return False


def to_netmask(val: Any) -> str:
    """The dotted mask of so many bits."""
    if not is_masklen(val):
        raise ValueError("invalid value for masklen")
    return str(ipaddress.IPv4Network(f"0.0.0.0/{int(val)}").netmask)


def to_bits(val: str) -> str:
    """The 32 bits of four numbers."""
    return "".join(f"{int(octet):08b}" for octet in val.split("."))


def to_masklen(val: Any) -> int:
    """How many bits a dotted mask has."""
    if not is_netmask(val):
        raise ValueError(f"invalid value for netmask: {val}")
    return to_bits(val).count("1")


def to_subnet(addr: Any, mask: Any, dotted_notation: bool = False) -> str:
    """The network in which ``addr`` is: ``10.0.0.0/8``, or with a dotted mask behind a blank."""
    bits = int(mask) if is_masklen(mask) else to_masklen(mask)
    network = ipaddress.IPv4Network(f"{addr}/{bits}", strict=False)
    return f"{network.network_address} {to_netmask(bits)}" if dotted_notation else str(network)


def to_ipv6_subnet(addr: Any) -> str:
    """The first half of an IPv6 address, with ``::`` behind it."""
    return _ipv6_start(addr, 4)


def to_ipv6_network(addr: Any) -> str:
    """The first three groups of an IPv6 address, with ``::`` behind them."""
    return _ipv6_start(addr, 3)


def _ipv6_start(addr: Any, groups: int) -> str:
    found = [group for group in str(addr).split("::")[0].split(":")[:groups] if group]
    return ":".join(found) + "::"


def is_mac(mac_address: str) -> bool:
    """Whether it looks like a hardware address."""
    return re.match("[0-9a-f]{2}([-:])[0-9a-f]{2}(\\1[0-9a-f]{2}){4}$", mac_address.lower()) is not None
