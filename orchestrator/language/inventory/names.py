"""Host names as people may write them: ranges expanded, ports split off, and nothing that could pass for an
option.

A name begins with a letter, digit or underscore and holds no blanks, slashes or shell characters; IPv6
addresses are names too. Ansible takes nearly any text; we do not, since a name may end up in a file name or
in another program's arguments.
"""

from __future__ import annotations

import ipaddress
import re
import string
from itertools import product

from orchestrator.model.errors import InventoryError
from orchestrator.model.place import Place

RANGE_LIMIT = 100_000
"""How many hosts one line may stand for."""

_NAME = re.compile(r"\w[\w.@%+=~-]*")
_GROUP = re.compile(r"[^\s/\\\x00-\x1f\x7f:\[\]]+")
_BRACKETED_PORT = re.compile(r"\[(.+)\]:([0-9]+)")
_PORT = re.compile(r"((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)")
_RANGE = re.compile(r"\[([^\]]*)\]")
_UNSAFE_START = re.compile(r"-")
_CHECKED_VARS = frozenset({"ansible_host", "ansible_ssh_host", "ansible_user", "ansible_ssh_user", "ansible_port"})


def hosts_in(text: str, place: Place | None) -> tuple[list[str], int | None]:
    """The host names that ``text`` stands for, and the port behind it: ``web[01:03]:22`` is three hosts and
    22.
    """
    if not isinstance(text, str):
        raise InventoryError(f"a host name is text, not {text!r}", place=place, hint="put it in quotes")
    name, port = text, None
    if match := _BRACKETED_PORT.fullmatch(text) or _PORT.fullmatch(text):
        name, port = match[1], int(match[2])
    if ":" in text and is_address(text):
        name, port = text, None
    names = _expanded(name, place) if "[" in name else [name]
    for each in names:
        check_host_name(each, place)
    if port is not None and not 0 < port < 65536:
        raise InventoryError(f"{port} is not a port", place=place, evidence=text)
    return names, port


def is_address(text: str) -> bool:
    """Whether ``text`` is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def check_host_name(name: str, place: Place | None) -> None:
    """Raise where ``name`` cannot be a host's name."""
    if _NAME.fullmatch(name) or (":" in name and is_address(name)):
        return
    hint = "letters, digits, dots, dashes and underscores, beginning with a letter or digit"
    if name.endswith(":"):
        hint = "a colon is followed by a port"
    elif name.startswith("---"):
        hint = "this looks like YAML: name the file .yml"
    raise InventoryError(f"{name!r} cannot be a host's name", place=place, hint=hint)


def check_group_name(name: object, place: Place | None) -> None:
    """Raise where ``name`` cannot be a group's name."""
    if not isinstance(name, str):
        raise InventoryError(f"a group's name is text, not {name!r}", place=place, hint="put it in quotes")
    if not _GROUP.fullmatch(name) or name in (".", ".."):
        raise InventoryError(f"{name!r} cannot be a group's name", place=place, hint="letters, digits and underscores")


def check_connection_var(key: str, value: object, place: Place | None) -> None:
    """Raise where a variable that ends up in an address could pass for an option."""
    if key in _CHECKED_VARS and isinstance(value, str) and _UNSAFE_START.match(value):
        raise InventoryError(f"{key} may not begin with a dash", place=place, evidence=f"{key}={value}")


def _expanded(text: str, place: Place | None) -> list[str]:
    parts = _RANGE.split(text)
    if any("[" in part or "]" in part for part in parts[::2]):
        raise InventoryError("a range's brackets do not match", place=place, evidence=text)
    choices = [_range(part, place) if index % 2 else [part] for index, part in enumerate(parts)]
    count = 1
    for each in choices:
        count *= len(each)
    if count > RANGE_LIMIT:
        raise InventoryError(f"the range stands for more than {RANGE_LIMIT} hosts", place=place, evidence=text)
    return ["".join(each) for each in product(*choices)]


def _range(text: str, place: Place | None) -> list[str]:
    """``01:10`` or ``a:f``, both ends included, with an optional step behind another colon."""
    begin, *rest = text.split(":")
    if len(rest) not in (1, 2) or not rest[0]:
        raise InventoryError("a host range is begin:end or begin:end:step", place=place, evidence=f"[{text}]")
    begin, end, step = begin or "0", rest[0], rest[1] if len(rest) == 2 else "1"
    if not step.isdigit() or int(step) == 0:
        raise InventoryError("a host range's step is a whole number above 0", place=place, evidence=f"[{text}]")
    letters = string.ascii_letters
    if len(begin) == len(end) == 1 and begin in letters and end in letters:
        if letters.index(begin) > letters.index(end):
            raise InventoryError("a host range begins before its end", place=place, evidence=f"[{text}]")
        return list(letters[letters.index(begin) : letters.index(end) + 1 : int(step)])
    if not (begin.isdecimal() and end.isdecimal() and begin.isascii() and end.isascii()):
        raise InventoryError(
            "a host range goes from number to number or letter to letter", place=place, evidence=f"[{text}]"
        )
    width = len(begin) if begin[0] == "0" and len(begin) > 1 else 0
    if width and len(end) != width:
        raise InventoryError(
            "a host range with leading zeros has ends of one length", place=place, evidence=f"[{text}]"
        )
    if len(end) > 9 or (int(end) - int(begin)) // int(step) > RANGE_LIMIT:
        raise InventoryError(f"the range stands for more than {RANGE_LIMIT} hosts", place=place, evidence=f"[{text}]")
    return [str(number).zfill(width) for number in range(int(begin), int(end) + 1, int(step))]
