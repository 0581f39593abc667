"""Network cards of a node, and the way out of it, as Ansible's facts.

Sources: ip(8), proc(5) and ``/sys/class/net`` of Linux, ifconfig(8) and route(8) of macOS; the names of
ansible-core 2.19 (``module_utils/facts/network/linux.py``).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

Facts = dict[str, Any]
KINDS = ("ether", "loopback", "infiniband")
NOWHERE = "0" * 32


def linux_cards(said: Mapping[str, str]) -> Facts:
    """``said``: ``ip`` as ``ip addr show`` tells it, ``route`` and ``route6`` as /proc/net has, ``cards``: names"""
    cards: dict[str, Facts] = {}
    for block in re.split(r"\n(?=\d+: )", said.get("ip", "")):
        if head := re.match(r"\d+: ([^:@\s]+)(?:@\S+)?: <([^>]*)> mtu (\d+)", block):
            cards[head[1]] = _card(head[1], head[2].split(","), int(head[3]), block)
    order = [name for name in said.get("cards", "").split() if name in cards]
    cards = {name: cards[name] for name in (*order, *(each for each in cards if each not in order))}
    return network_facts(cards, _way(said.get("route", "")), _way6(said.get("route6", "")))


def _card(name: str, flags: list[str], mtu: int, block: str) -> Facts:
    card: Facts = {"device": name, "active": "LOWER_UP" in flags, "mtu": mtu, "promisc": "PROMISC" in flags}
    if link := re.search(r"^\s+link/(\S+) (\S+)", block, re.MULTILINE):
        card["type"] = link[1] if link[1] in KINDS else "unknown"
        if link[2].strip("0:"):
            card["macaddress"] = link[2]
    found = re.findall(r"^\s+inet ([^/\s]+)(?:/(\d+))?(?: peer \S+)?(?: brd (\S+))?", block, re.MULTILINE)
    four = [_four(*each) for each in found]
    if four:
        card["ipv4"] = four[0]
    if len(four) > 1:
        card["ipv4_secondaries"] = four[1:]
    found = re.findall(r"^\s+inet6 ([^/\s]+)(?:/(\d+))? scope (\S+)", block, re.MULTILINE)
    if found:
        card["ipv6"] = [{"address": each, "prefix": prefix, "scope": scope} for each, prefix, scope in found]
    return card


def _four(address: str, prefix: str, broadcast: str) -> Facts:
    around = ipaddress.ip_interface(f"{address}/{prefix or 32}").network
    return {
        "address": address,
        "broadcast": broadcast,
        "netmask": str(around.netmask),
        "network": str(around.network_address),
        "prefix": prefix or "32",
    }


def _way(table: str) -> Facts:
    """The default route of /proc/net/route, whose addresses are written from behind."""
    rows = (line.split() for line in table.splitlines()[1:])
    row = next((row for row in rows if row[1:2] == ["00000000"]), None)
    if row is None:
        return {}
    return {"interface": row[0], "gateway": ".".join(str(int(row[2][at : at + 2], 16)) for at in (6, 4, 2, 0))}


def _way6(table: str) -> Facts:
    rows = (line.split() for line in table.splitlines())
    row = next(
        (row for row in rows if len(row) > 9 and row[0] == NOWHERE and row[1] == "00" and row[4] != NOWHERE), None
    )
    return {} if row is None else {"interface": row[9], "gateway": str(ipaddress.IPv6Address(int(row[4], 16)))}


def network_facts(cards: Mapping[str, Facts], way: Facts, way6: Facts) -> Facts:
    """The facts of all ``cards``; ``way``: ``interface`` and ``gateway`` of the default route, if there is one."""
    default, default6 = dict(way), dict(way6)
    if card := cards.get(way.get("interface", "")):
        default |= {**_about(card), **card.get("ipv4", {})}
        if "network" in default:
            default["alias"] = card["device"]
    if card := cards.get(way6.get("interface", "")):
        wide: Facts = next((each for each in card.get("ipv6", ()) if each.get("scope") == "global"), {})
        default6 |= {**_about(card), **wide}
    fours = [each for card in cards.values() for each in (card.get("ipv4"), *card.get("ipv4_secondaries", ())) if each]
    sixes = [each["address"] for card in cards.values() for each in card.get("ipv6", ())]
    return {
        "interfaces": list(cards),
        **{re.sub(r"[\s\-:]", "_", name): card for name, card in cards.items()},
        "default_ipv4": default,
        "default_ipv6": default6,
        "all_ipv4_addresses": [each["address"] for each in fours if not each["address"].startswith("127.")],
        "all_ipv6_addresses": [address for address in sixes if address != "::1"],
    }


def _about(card: Facts) -> Facts:
    return {name: card[name] for name in ("macaddress", "mtu", "type") if name in card}


def mac_cards(said: Mapping[str, str]) -> Facts:
    """``said``: what ``ifconfig`` and ``route -n get default`` print."""
    found: dict[str, Facts] = {}
    for block in re.split(r"\n(?=\S)", said.get("ifconfig", "")):
        name, colon, rest = block.partition(":")
        if not colon or not re.fullmatch(r"[\w.-]+", name):
            continue
        card: Facts = {"device": name, "ipv4": {}, "ipv6": []}
        card["mtu"] = next(iter(re.findall(r"mtu (\d+)", rest)), "")
        card["macaddress"] = next(iter(re.findall(r"ether (\S+)", rest)), "")
        four = [
            {"address": address, "netmask": _dotted(mask)}
            for address, mask in re.findall(r"inet (\S+) netmask (0x[0-9a-f]+)", rest)
        ]
        if four:
            card["ipv4"] = four[0]
        if len(four) > 1:
            card["ipv4_secondaries"] = four[1:]
        card["ipv6"] = [{"address": address.partition("%")[0]} for address in re.findall(r"inet6 (\S+)", rest)]
        found[name] = card
    route = said.get("route", "")
    way = {name: match[1] for name in ("interface", "gateway") if (match := re.search(rf"{name}: (\S+)", route))}
    facts = network_facts(found, way if "interface" in way else {}, {})
    facts["default_ipv4"] = {k: v for k, v in facts["default_ipv4"].items() if k not in ("macaddress", "mtu")}
    return facts


def _dotted(mask: str) -> str:
    """``0xffffff00`` as a dotted address."""
    return str(ipaddress.IPv4Address(int(mask, 16)))
