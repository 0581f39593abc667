"""Host patterns: ``web:&prod:!web3``, globs, ``~regex``, ``group[0]``, ``@file``; which hosts they mean, in
Ansible's order.

Semantics of ansible-core 2.19's inventory manager: plain patterns are united first, then ``&`` intersects,
then ``!`` excludes, in whatever order they are written. A pattern is tried on group names; on host names too
where no group matched or it has glob characters or is a regex.
"""

from __future__ import annotations

import difflib
import fnmatch
import os
import re
from collections.abc import Iterable, Sequence

from orchestrator.language.inventory.assembly import LOCAL_NAMES, Warn, ordered_members
from orchestrator.language.inventory.names import is_address
from orchestrator.model.errors import InventoryError
from orchestrator.model.hosts import Inventory
from orchestrator.model.place import Place, place_of

_SUBSCRIPT = re.compile(r"(.+)\[(?:(-?[0-9]+)|([0-9]+)([:-])([0-9]*))\]")
_SEPARATE = re.compile(r"(?:[^\s:\[\]]|\[[^\]]*\])+")
_RANGE = r"\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]"
_LABEL = rf"(?:\w|{_RANGE})(?:[\w-]|{_RANGE})*(?<![_-])"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_LIMIT_FILE_BYTES = 10 * 1024 * 1024


def select(
    inventory: Inventory,
    pattern: str | Sequence[str],
    limit: str | Sequence[str] | None = None,
    *,
    warn: Warn | None = None,
) -> list[str]:
    """The names of the hosts that ``pattern`` means and ``limit`` lets through, in the pattern's order and
    within a group in that of the inventory.

    ``localhost``, 127.0.0.1 and ::1 mean this machine where the inventory does not name them. ``warn`` is
    told of patterns that match nothing. Raises InventoryError for a malformed one.
    """
    search = _Search(inventory, warn or (lambda message: None))
    found = search.all_of(split_pattern(pattern))
    if limit is None:
        return found
    parts = split_pattern(limit)
    limits = [each for part in parts for each in _limit_lines(part)]
    if parts and not limits:  # an empty file holds nobody back, as in Ansible
        return found
    allowed = set(search.all_of(limits, "limit"))
    return [name for name in found if name in allowed]


def split_pattern(pattern: str | Sequence[str]) -> list[str]:
    """The single patterns of a comma- or colon-separated text, or of several such texts."""
    if not isinstance(pattern, str):
        return [each for part in pattern for each in split_pattern(part)]
    if "," in pattern:
        parts: Iterable[str] = pattern.split(",")
    elif _is_one(pattern):
        parts = [pattern]
    else:
        parts = _SEPARATE.findall(pattern)
    return [part.strip() for part in parts if part.strip()]


def _is_one(pattern: str) -> bool:
    """Whether the whole text is one host, address or range, perhaps with a port, so that its colons separate
    nothing.
    """
    match = re.fullmatch(r"\[(.+)\]:[0-9]+", pattern) or re.fullmatch(r"((?:[^:\[\]]|\[[^\]]*\])*):[0-9]+", pattern)
    host = match[1] if match else pattern
    return is_address(pattern) or is_address(host) or bool(_HOST.fullmatch(host))


def _limit_lines(part: str) -> list[str]:
    """The patterns that one part of a limit stands for: itself, or the lines of the file behind ``@``."""
    if not part.startswith("@"):
        return [part]
    path = part[1:]
    if not os.path.isfile(path):
        reason = "is a directory" if os.path.isdir(path) else "does not exist"
        raise InventoryError(f"the limit file {path} {reason}", place=Place("--limit"))
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file.read(_LIMIT_FILE_BYTES).split("\n") if line.strip()]


class _Search:
    """One look through an inventory."""

    def __init__(self, inventory: Inventory, warn: Warn) -> None:
        self._inventory = inventory
        self._warn = warn

    def all_of(self, patterns: list[str], what: str = "host pattern") -> list[str]:
        if not patterns:
            # Ansible takes "nothing" for "no limit": an empty variable in a script then means every host.
            raise InventoryError(f"the {what} names no host", hint="all means every host")
        plain = [each for each in patterns if each[0] not in "&!"] or ["all"]
        found: dict[str, None] = {}
        for each in plain:
            found.update(dict.fromkeys([each] if each in self._inventory.hosts else self.one(each)))
        for each in (each for each in patterns if each[0] == "&"):
            kept = set(self.one(each[1:]))
            found = {name: None for name in found if name in kept}
        for each in (each for each in patterns if each[0] == "!"):
            gone = set(self.one(each[1:]))
            found = {name: None for name in found if name not in gone}
        return list(found)

    def one(self, pattern: str) -> list[str]:
        if not pattern:
            raise InventoryError("a host pattern is empty behind & or !")
        subscript = None if pattern.startswith("~") else _SUBSCRIPT.fullmatch(pattern)
        if not subscript:
            return self._named(pattern)
        hosts = self._named(subscript[1])
        if not hosts:
            return hosts
        if subscript[2]:
            return [self._at(hosts, int(subscript[2]), pattern)]
        if subscript[4] == "-":
            self._warn("Use [x:y] inclusive subscripts instead of [x-y] which has been removed")
        return hosts[int(subscript[3]) : int(subscript[5]) + 1 if subscript[5] else None]

    def _at(self, hosts: list[str], index: int, pattern: str) -> str:
        if not -len(hosts) <= index < len(hosts):
            message = f"no hosts matched the subscripted pattern {pattern!r}"
            raise InventoryError(message, place=place_of(pattern), evidence=f"there are {len(hosts)} hosts")
        return hosts[index]

    def _named(self, pattern: str) -> list[str]:
        inventory = self._inventory
        groups = _matching(inventory.groups, pattern)
        found: dict[str, None] = {}
        for group in groups:
            found.update(dict.fromkeys(ordered_members(inventory, group)))
        if not groups or pattern[0] == "~" or any(mark in pattern for mark in ".?*["):
            found.update(dict.fromkeys(_matching(inventory.hosts, pattern)))
        if not found and pattern in LOCAL_NAMES:
            return [next((name for name in inventory.hosts if name in LOCAL_NAMES), pattern)]
        if not found and not groups and pattern != "all":
            self._warn(self._unmatched(pattern))
        return list(found)

    def _unmatched(self, pattern: str) -> str:
        near = difflib.get_close_matches(pattern, [*self._inventory.groups, *self._inventory.hosts], n=1, cutoff=0.7)
        hint = f" (did you mean {near[0]}?)" if near else ""
        return f"Could not match supplied host pattern, ignoring: {pattern}{hint}"


def _matching(names: Iterable[str], pattern: str) -> list[str]:
    """Those names that the glob or ``~regex`` matches; a regex need match only the beginning."""
    if pattern in names and not any(mark in pattern for mark in "?*["):
        return [pattern]
    try:
        compiled = re.compile(pattern[1:] if pattern[0] == "~" else fnmatch.translate(pattern))
    except re.error as cause:
        raise InventoryError(f"{pattern!r} is not a host pattern: {cause}", place=place_of(pattern)) from cause
    return [name for name in names if compiled.match(name)]
