"""Addresses, networks and hardware addresses as ansible.utils has them. What is expected here was asked of its own
filters, version 6.0."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.model.errors import TemplateError
from orchestrator.planning.filters import FILTERS
from orchestrator.planning.tests import TESTS


def given(name: str, *args: Any, **options: Any) -> Any:
    return FILTERS[f"ansible.utils.{name}"](*args, **options)


@pytest.mark.parametrize(
    ("value", "query", "expected"),
    [
        ("192.168.1.5", "", "192.168.1.5"),
        ("10.0.0.5/24", "", "10.0.0.5/24"),
        ("10.0.0.5/255.255.255.0", "prefix", 24),
        ("10.0.0.5/0.0.0.255", "netmask", "255.255.255.0"),
        ("10.0.0.5/255.0.255.0", "", False),
        ("host.fqdn", "", False),
        ("fe80::1%eth0", "", False),
        ("10.0.0.5/33", "", False),
        ("", "", False),
        (True, "", False),
        ("10.0.0.5/24", "address", "10.0.0.5"),
        ("10.0.0.0/24", "address", None),
        ("10.0.0.5/24", "network", "10.0.0.0"),
        ("10.0.0.5/24", "subnet", "10.0.0.0/24"),
        ("10.0.0.5/24", "network_netmask", "10.0.0.0 255.255.255.0"),
        ("10.0.0.5/24", "network_wildcard", "10.0.0.0 0.0.0.255"),
        ("10.0.0.5/24", "ip_netmask", "10.0.0.5 255.255.255.0"),
        ("10.0.0.5/24", "ip/prefix", "10.0.0.5/24"),
        ("10.0.0.5/24", "broadcast", "10.0.0.255"),
        ("10.0.0.0/31", "broadcast", None),
        ("10.0.0.5/24", "hostmask", "0.0.0.255"),
        ("10.0.0.5/24", "host", "10.0.0.5/24"),
        ("10.0.0.0/24", "host", None),
        ("10.0.0.0/24", "net", "10.0.0.0/24"),
        ("10.0.0.0/24", "gateway", False),
        ("10.0.0.1/24", "gateway", "10.0.0.1/24"),
        ("10.0.0.0/24", "size", 256),
        ("10.0.0.0/24", "size_usable", 254),
        ("10.0.0.0/24", "first_usable", "10.0.0.1"),
        ("10.0.0.0/31", "first_usable", "10.0.0.0"),
        ("10.0.0.0/24", "last_usable", "10.0.0.254"),
        ("10.0.0.0/24", "range_usable", "10.0.0.1-10.0.0.254"),
        ("10.0.0.5/24", "next_usable", "10.0.0.6"),
        ("10.0.0.254/24", "next_usable", None),
        ("10.0.0.5/24", "previous_usable", "10.0.0.4"),
        ("10.0.0.5/30", "peer", "10.0.0.6"),
        ("10.0.0.1/31", "peer", "10.0.0.0"),
        ("192.168.1.5", "int", 3232235781),
        ("10.0.0.5/24", "int", "167772165/24"),
        ("192.168.1.5", "ipv6", "::ffff:192.168.1.5/128"),
        ("::ffff:1.2.3.4", "ipv4", "1.2.3.4/32"),
        ("fe80::1", "ipv4", False),
        ("192.168.1.5", "revdns", "5.1.168.192.in-addr.arpa."),
        ("192.168.1.5", "private", "192.168.1.5"),
        ("192.168.1.5", "public", None),
        ("8.8.8.8", "public", "8.8.8.8"),
        ("127.0.0.1", "loopback", "127.0.0.1"),
        ("169.254.3.4", "link-local", "169.254.3.4"),
        ("224.0.0.1", "multicast", "224.0.0.1"),
        ("224.0.0.1", "unicast", None),
        ("8.8.8.8", "6to4", "2002:0808:0808::1/48"),
        ("2002:c058:6301::1", "6to4", "2002:c058:6301::1"),
        ("10.0.0.0/24", "6to4", False),
        ("fe80::1", "wrap", "[fe80::1]"),
        ("fe80::1/64", "wrap", "[fe80::1]/64"),
        ("10.0.0.1", "wrap", "10.0.0.1"),
        ("10.0.0.0/24", "type", "network"),
        ("10.0.0.5/24", "type", "address"),
        ("::1", "version", 6),
        ("10.1.2.3", "10.0.0.0/8", "10.1.2.3"),
        ("11.1.2.3", "10.0.0.0/8", None),
        ("10.0.0.0/24", "5", "10.0.0.5/24"),
        ("10.0.0.0/24", "-1", "10.0.0.255/24"),
        ("10.0.0.0/24", "300", False),
        ("10.0.0.5", "5", "10.0.0.5"),
        (3232235521, "", "192.168.0.1"),
        ("3232235521/24", "", "192.168.0.1/24"),
        ("42540766412265424405338506004571095040/64", "", "2001:db8:32c:faad::/64"),
        (["10.0.0.1", "x", "::1"], "", ["10.0.0.1", "::1"]),
    ],
)
def test_what_a_query_gives(value: Any, query: str, expected: Any) -> None:
    assert given("ipaddr", value, query) == expected


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("ipv4", ("::1",), False),
        ("ipv6", ("::1", "wrap"), "[::1]"),
        ("ipwrap", ("::1",), "[::1]"),
        ("ipwrap", (["::1", "10.0.0.1", "name"],), ["[::1]", "10.0.0.1", "name"]),
        ("ipsubnet", ("192.168.144.5",), "192.168.144.5/32"),
        ("ipsubnet", ("192.168.0.0/16", 20), "16"),
        ("ipsubnet", ("192.168.0.0/16", 20, 0), "192.168.0.0/20"),
        ("ipsubnet", ("192.168.0.0/16", 20, -1), "192.168.240.0/20"),
        ("ipsubnet", ("192.168.0.0/16", 20, 16), False),
        ("ipsubnet", ("192.168.144.5", 20), "192.168.144.0/20"),
        ("ipsubnet", ("192.168.144.5", 18, 0), "192.168.128.0/18"),
        ("ipsubnet", ("192.168.144.5", 18, -1), "192.168.144.4/31"),
        ("ipsubnet", ("192.168.144.16/30", "192.168.144.0/24"), "5"),
        ("ipsubnet", ("x",), False),
        ("nthhost", ("10.0.0.0/8", 305), "10.0.1.49"),
        ("nthhost", ("10.0.0.0/8", -1), "10.255.255.255"),
        ("nthhost", ("10.0.0.0/24", 256), False),
        ("next_nth_usable", ("192.168.122.1/24", 2), "192.168.122.3"),
        ("previous_nth_usable", ("192.168.122.10/24", 2), "192.168.122.8"),
        ("next_nth_usable", ("192.168.122.254/24", 2), None),
        ("ipmath", ("192.168.1.5", 5), "192.168.1.10"),
        ("ipmath", ("192.168.2.6/24", -10), "192.168.1.252"),
        ("network_in_network", ("192.168.0.0/24", "192.168.0.1"), True),
        ("network_in_network", ("192.168.0.0/24", "10.0.0.1"), False),
        ("network_in_usable", ("192.168.0.0/24", "192.168.0.255"), False),
        ("reduce_on_network", (["192.168.0.34", "10.3.0.3", "192.168.2.34"], "192.168.0.0/24"), ["192.168.0.34"]),
        ("cidr_merge", (["192.168.0.0/17", "192.168.128.0/17", "192.168.128.1"],), ["192.168.0.0/16"]),
        ("cidr_merge", (["10.0.0.1/24", "::1"],), ["10.0.0.1/24", "::1/128"]),
        ("cidr_merge", (["192.168.1.1", "192.168.1.2", "192.168.1.3", "192.168.1.4"], "span"), "192.168.1.0/29"),
        ("cidr_merge", ([], "span"), None),
        ("ip4_hex", ("192.168.1.5", ":"), "c0:a8:01:05"),
        ("ipcut", ("1234:4321:abcd:dcba::17", 64), "1234:4321:abcd:dcba"),
        ("ipcut", ("1234:4321:abcd:dcba::17", -80), "dcba:0:0:0:17"),
        ("ipcut", ("192.168.1.5", 16), "192.168"),
        ("ipv6form", ("2001:db8::1", "expand"), "2001:0db8:0000:0000:0000:0000:0000:0001"),
        ("ipv6form", ("2001:0db8::0001", "compress"), "2001:db8::1"),
        ("ipv6form", ("2001:db8::1", "x509"), "2001:db8:0:0:0:0:0:1"),
        ("usable_range", ("10.0.0.0/30",), {"usable_ips": [f"10.0.0.{n}" for n in range(4)], "number_of_ips": 4}),
        ("hwaddr", ("1a:2b:3c:4d:5e:6f",), "1a:2b:3c:4d:5e:6f"),
        ("hwaddr", ("1a:2b:3c:4d:5e:6f", "cisco"), "1a2b.3c4d.5e6f"),
        ("hwaddr", ("1a2b3c4d5e6f", "unix"), "1a:2b:3c:4d:5e:6f"),
        ("hwaddr", ("1a:2b:3c:4d:5e:6f", "bare"), "1A2B3C4D5E6F"),
        ("hwaddr", ("1a:2b:3c:4d:5e:6f", "int"), 28772997619311),
        ("hwaddr", ("name",), None),
        ("macaddr", ("1a:2b:3c:4d:5e:6f", "psql"), "1a2b3c:4d5e6f"),
        ("slaac", ("fdcf:1894:23b5:d38c::/64", "c2:31:b3:83:bf:2b"), "fdcf:1894:23b5:d38c:c031:b3ff:fe83:bf2b"),
        ("slaac", ("10.0.0.0/8", "c2:31:b3:83:bf:2b"), False),
    ],
)  # fmt: skip
def test_what_a_filter_gives(name: str, args: tuple[Any, ...], expected: Any) -> None:
    assert given(name, *args) == expected


@pytest.mark.parametrize(
    ("name", "args", "said"),
    [
        ("ipaddr", ("10.0.0.1", "colour"), "unknown filter type: colour"),
        ("ipaddr", (None,), "Unrecognized type"),
        ("ipaddr", ("10.0.0.1", "first_usable"), "Not a network address"),
        ("ipaddr", ("10.0.0.0/30", "peer"), "Network address of /30 has no peer"),
        ("ipaddr", ("10.0.0.0/24", "peer"), "Not a point-to-point network"),
        ("ipwrap", (5,), "Unrecognized type"),
        ("ipsubnet", ("10.0.0.0/24", 16), "Requested subnet size of 16 is invalid"),
        ("ipsubnet", ("10.0.0.0/24", "192.168.0.0/16"), "is not in the subnet"),
        ("ipsubnet", ("10.0.0.0/24", "x"), "You must pass a valid subnet"),
        ("nthhost", ("10.0.0.0/24", -300), "out range"),
        ("ipmath", ("x", 1), "You must pass a valid IP address"),
        ("ipcut", ("10.0.0.0/8", 1), "You must pass a valid IP address"),
        ("ip4_hex", ("::1",), "You must pass a valid IP address"),
        ("ipv6form", ("::1", "roman"), "must be one of"),
        ("cidr_merge", (["x"],), "cidr_merge"),
        ("cidr_merge", ([], "split"), "invalid action"),
        ("cidr_merge", (["10.0.0.1", "::1"], "span"), "both IPv4 and IPv6"),
        ("cidr_merge", (5,), "expected iterable"),
        ("usable_range", ("10.0.0.1/24",), "has host bits set"),
        ("usable_range", ("10.0.0.0/8",), "16777216 addresses"),
        ("hwaddr", ("name", "cisco"), "not a hardware address: name"),
        ("hwaddr", ("1a2b3c4d5e6f", "morse"), "unknown filter type: morse"),
    ],
)
def test_what_a_filter_refuses(name: str, args: tuple[Any, ...], said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        given(name, *args)


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("in_network", ("10.1.1.1", "10.0.0.0/8"), True),
        ("in_network", ("10.1.1.1", "::/0"), False),
        ("in_any_network", ("10.1.1.1", ["192.168.0.0/16", "10.0.0.0/8"]), True),
        ("in_one_network", ("10.1.1.1", ["10.1.0.0/16", "10.0.0.0/8"]), False),
        ("subnet_of", ("10.1.1.0/24", "10.0.0.0/8"), True),
        ("supernet_of", ("10.0.0.0/8", "10.1.1.0/24"), True),
        ("ip", ("10.1.1.0/24",), True),
        ("ip", ("300.1.1.1",), False),
        ("ip_address", ("10.1.1.0/24",), False),
        ("ipv4", ("10.1.1.0/24",), True),
        ("ipv4_address", ("::1",), False),
        ("ipv4_hostmask", ("0.0.0.255",), True),
        ("ipv4_netmask", ("0.0.0.255",), False),
        ("ipv6", ("::/0",), True),
        ("ipv6_address", ("::1",), True),
        ("ipv6_ipv4_mapped", ("::ffff:1.2.3.4",), True),
        ("ipv6_sixtofour", ("10.0.0.1",), False),
        ("ipv6_teredo", ("2001::1",), True),
        ("loopback", ("127.0.0.2",), True),
        ("mac", ("02:16:3e:e4:16:f3",), True),
        ("mac", ("0216.3ee4.16f",), False),
        ("multicast", ("224.0.0.1",), True),
        ("private", ("10.0.0.1",), True),
        ("public", ("8.8.8.8",), True),
        ("reserved", ("253.0.0.1",), True),
        ("unspecified", ("::",), True),
        ("resolvable", ("127.0.0.1",), True),
        ("resolvable", ("no.such.name.invalid",), False),
    ],
)
def test_what_a_test_says(name: str, args: tuple[Any, ...], expected: bool) -> None:
    assert TESTS[f"ansible.utils.{name}"](*args) is expected
