"""Inventories in INI form: ``[group]``, ``[group:children]``, ``[group:vars]``, hosts with ``key=value``
behind them.

Values are Python literals where they read as such, else text (ansible-core 2.19, inventory plugin ``ini``):
``1`` is a number, ``True`` a boolean, ``true`` and ``0644`` are text.
"""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from dataclasses import dataclass, field
from typing import Any

from orchestrator.language.inventory.assembly import Assembly
from orchestrator.language.inventory.names import hosts_in
from orchestrator.language.keywords import did_you_mean
from orchestrator.model.errors import InventoryError
from orchestrator.model.place import Place, Text

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_GROUP_LINE = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")
_WORD = re.compile(r"[A-Za-z_][\w./@:-]*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_LITERAL_WORDS = frozenset({"True", "False", "None", "set"})
_KINDS = ("hosts", "children", "vars")


@dataclass(slots=True)
class _Reader:
    """Where the reading stands. ``children`` and ``vars_for`` are declarations whose group is still to come."""

    into: Assembly
    file: str
    group: str = "ungrouped"
    kind: str = "hosts"
    declared: set[str] = field(default_factory=set)
    children: list[tuple[str, str, Place]] = field(default_factory=list)
    vars_for: dict[str, Place] = field(default_factory=dict)


def read_ini(text: str, file: str, into: Assembly) -> None:
    """Add what the INI ``text`` says. Raises InventoryError with line and column."""
    reader = _Reader(into, file, declared=set(into.inventory.groups))
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line and line[0] not in ";#":
            place = Place(file, number, len(raw) - len(raw.lstrip()) + 1)
            try:
                _line(reader, line, place)
            except InventoryError as error:
                error.evidence = error.evidence or line
                raise
    _finish(reader)


def _line(reader: _Reader, line: str, place: Place) -> None:
    if match := _SECTION.fullmatch(line):
        _section(reader, match[1], match[2] or "hosts", place)
    elif line.startswith("[") and line.endswith("]") and " " in line:
        raise InventoryError(
            "a section's header has no blanks", place=place, hint="[group], [group:vars] or [group:children]"
        )
    elif reader.kind == "hosts":
        _hosts(reader, line, place)
    elif reader.kind == "vars":
        key, value = _pair(line, place)
        reader.into.group_var(reader.group, key, value, place)
    else:
        _child(reader, line, place)


def _section(reader: _Reader, group: str, kind: str, place: Place) -> None:
    if kind not in _KINDS:
        hint = did_you_mean(kind, _KINDS) or "[group:vars] or [group:children]"
        raise InventoryError(f"section [{group}:{kind}] has an unknown kind", place=place, hint=hint)
    reader.group, reader.kind = reader.into.group(group, place), kind
    if kind == "vars":
        reader.vars_for.setdefault(reader.group, place)
    else:
        reader.declared.add(reader.group)


def _hosts(reader: _Reader, line: str, place: Place) -> None:
    words = _words(line, place)
    names, port = hosts_in(words[0], place)
    at = line.find(words[0]) + len(words[0])
    pairs = []
    for word in words[1:]:
        at = max(line.find(word.split("=")[0], at), 0)
        where = Place(place.file, place.line, place.column + at)
        if "=" not in word:
            raise InventoryError(f"expected key=value behind a host, got {word}", place=where)
        key, value = word.split("=", 1)
        pairs.append((key, literal(value, Place(place.file, place.line, where.column + len(key) + 1)), where))
    for name in names:
        reader.into.host(name, reader.group, port)
        for key, value, where in pairs:
            reader.into.host_var(name, key, value, where)


def _words(line: str, place: Place) -> list[str]:
    if not any(character in line for character in "\"'\\#"):
        return line.split()
    try:
        words = shlex.split(line, comments=True)
    except ValueError as cause:
        raise InventoryError(f"cannot split the line: {cause}", place=place, hint="close the quotes") from cause
    if not words:
        raise InventoryError("a host's name is empty", place=place)
    return words


def _pair(line: str, place: Place) -> tuple[str, Any]:
    key, equals, value = line.partition("=")
    if not equals:
        raise InventoryError(f"expected key=value, got {line}", place=place)
    column = place.column + len(key) + 1 + len(value) - len(value.lstrip())
    return key.strip(), literal(value.strip(), Place(place.file, place.line, column))


def _child(reader: _Reader, line: str, place: Place) -> None:
    match = _GROUP_LINE.fullmatch(line)
    if not match:
        raise InventoryError(f"expected a group's name, got {line}", place=place)
    reader.children.append((reader.group, match[1], place))


def _finish(reader: _Reader) -> None:
    """What could be said only when all groups are known: every group that is named is declared somewhere."""
    for group, place in reader.vars_for.items():
        if group not in reader.declared and group not in {child for _, child, _ in reader.children}:
            hint = did_you_mean(group, reader.declared) or f"add a section [{group}]"
            raise InventoryError(f"section [{group}:vars] is for an undefined group", place=place, hint=hint)
    for parent, child, place in reader.children:
        if child not in reader.declared:
            hint = did_you_mean(child, reader.declared) or f"add a section [{child}]"
            message = f"section [{parent}:children] includes the undefined group {child!r}"
            raise InventoryError(message, place=place, evidence=child, hint=hint)
        reader.into.child(parent, child, place)


def literal(value: str, place: Place) -> Any:
    """``value`` as the Python literal it reads as, else as text."""
    if _WORD.fullmatch(value) and value not in _LITERAL_WORDS:
        return Text(value, place)
    if _NUMBER.fullmatch(value):
        return int(value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            found = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        found = value
    return _plain(found, place)


def _plain(value: Any, place: Place) -> Any:
    if isinstance(value, str):
        return Text(value, place)
    if isinstance(value, bytes):
        return Text(value.decode(errors="surrogateescape"), place)
    if isinstance(value, list | tuple | set):
        return [_plain(each, place) for each in value]
    if isinstance(value, dict):
        return {_plain(key, place): _plain(each, place) for key, each in value.items()}
    if value is ...:
        return Text("...", place)
    return Text(str(value), place) if isinstance(value, complex) else value
