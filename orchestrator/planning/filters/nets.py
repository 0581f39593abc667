"""An IP address within its network, read from text and written as such, for the filters of ansible.utils.

An address with a prefix keeps its host part (``10.0.0.5/24``), unlike a network of Python's own.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any, Final

from orchestrator.model.frozen import frozen

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
WIDTHS: Final = {4: 32, 6: 128}


@frozen
class Net:
    """An address ``value`` in a network of ``prefix`` bits."""

    version: int
    value: int
    prefix: int

    @property
    def width(self) -> int:
        return WIDTHS[self.version]

    @property
    def size(self) -> int:
        return 1 << (self.width - self.prefix)

    @property
    def first(self) -> int:
        return self.value & -self.size

    @property
    def last(self) -> int:
        return self.first + self.size - 1

    @property
    def is_host(self) -> bool:
        """Whether its address is another than the network's own."""
        return self.value != self.first

    def text(self, value: int | None = None) -> str:
        """``value``, or its own address, as an address of its version. Raises OverflowError where it is none."""
        return written(self.version, self.value if value is None else value)

    def nth(self, number: int) -> str:
        """The address at that number of the network, from its end where it is negative. Raises OverflowError."""
        return self.text(number + (self.first if number >= 0 else self.last + 1))

    def usable(self) -> tuple[int, int]:
        """The first and last address that hosts may have."""
        edge = 0 if self.size == 2 else 1
        return self.first + edge, self.last - edge

    def holds(self, other: Net) -> bool:
        return self.version == other.version and self.first <= other.first and other.last <= self.last

    def __str__(self) -> str:
        return f"{self.text()}/{self.prefix}"


def address(version: int, value: int) -> Address:
    """Raises ValueError where the value is none of that version."""
    return ipaddress.IPv4Address(value) if version == 4 else ipaddress.IPv6Address(value)


def written(version: int, value: int) -> str:
    """The address of that number as C libraries write it: with a tail as of IPv4, where it stands for such a one."""
    family, width = (socket.AF_INET, 4) if version == 4 else (socket.AF_INET6, 16)
    return socket.inet_ntop(family, value.to_bytes(width, "big"))


def bare(value: int) -> str:
    """The address of that number, which is of IPv4 where it fits there (so do queries for addresses beside others)."""
    return numbered(value).text()


def parsed(text: str) -> Net:
    """The network that ``text`` says: an address, with a prefix, netmask or hostmask if it likes. Raises ValueError."""
    host, slash, mask = text.partition("/")
    if "%" in host:
        raise ValueError(f"{text!r} names an interface")
    found = ipaddress.ip_address(host)
    width = WIDTHS[found.version]
    prefix = _prefix(mask, width) if slash else width
    return Net(found.version, int(found), prefix)


def _prefix(mask: str, width: int) -> int:
    if re.fullmatch(r"\s*\d+\s*", mask):
        prefix = int(mask)
    else:
        bits = int(ipaddress.ip_address(mask))
        ones = (1 << width) - 1
        inverse = bits ^ ones
        if inverse & (inverse + 1) == 0:
            prefix = width - inverse.bit_length()
        elif bits & (bits + 1) == 0:
            prefix = width - bits.bit_length()
        else:
            raise ValueError(f"{mask!r} is no mask")
    if not 0 <= prefix <= width:
        raise ValueError(f"{mask!r} is no prefix")
    return prefix


def numbered(value: int, prefix: int | None = None, version: int | None = None) -> Net:
    """The address of that number: of IPv4, where it fits there. Raises ValueError."""
    for each in (4, 6) if version is None else (version,):
        width = WIDTHS[each]
        if 0 <= value < 1 << width and (prefix is None or 0 <= prefix <= width):
            return Net(each, value, width if prefix is None else prefix)
    raise ValueError(f"{value} is no address")


def listed(value: Any) -> list[Any]:
    """The items of a list, or of a text with commas between them."""
    return value.split(",") if isinstance(value, str) else list(value)


def nets(words: str) -> tuple[Net, ...]:
    return tuple(map(parsed, words.split()))
