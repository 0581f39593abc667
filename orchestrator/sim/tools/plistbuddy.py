"""
PlistBuddy: -c 'Print|Set|Add|Delete|Save' FILE, with key paths as `:EnvironmentVariables:PATH`.

On a real Mac it lies at /usr/libexec/PlistBuddy, outside PATH; here PATH finds it. Unrecorded: `Does Not Exist`
and exit 1 follow common reports.
"""

from __future__ import annotations

import os
import shlex
import sys

from orchestrator.sim.tools.base import Mac, Refusal
from orchestrator.sim.tools.values import is_binary, raw, read_plist, write_plist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def plistbuddy(mac: Mac, argv: list[str]) -> int:
    commands = [argv[at + 1] for at, word in enumerate(argv[:-1]) if word == "-c"]
    path = argv[-1]
    if not commands:
        raise Refusal(1, "Usage: PlistBuddy -c COMMAND FILE; the simulated one has no prompt")
    try:
        root = read_plist(path) if os.path.exists(path) else {}
    except ValueError as error:
        raise Refusal(1, "Error Reading File: " + path) from error
    status, changed = 0, False
    for command in commands:
        try:
            changed |= _run(root, shlex.split(command), "-x" in argv)
        except (KeyError, IndexError, ValueError, TypeError):
            verb, _, entry = command.partition(" ")
            sys.stdout.flush()
            name = entry.split(" ")[0].strip("'\"")
            print(f'{verb}: Entry, "{name}", Does Not Exist', file=sys.stderr)
            status = 1
    if changed:
        write_plist(path, root, is_binary(path))
    return status


def _walk(root: Any, entry: str) -> tuple[Any, Any]:
    """The container and the last key of an entry."""
    parts = [part for part in entry.split(":") if part]
    holder = root
    for part in parts[:-1]:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    return holder, int(parts[-1]) if isinstance(holder, list) else parts[-1]


def _run(root: Any, words: list[str], xml: bool) -> bool:
    verb, rest = words[0].lower(), words[1:]
    if verb == "print":
        value = root
        if rest and rest[0] not in (":", ""):
            holder, key = _walk(root, rest[0])
            value = holder[key]
        _print(value, xml)
        return False
    holder, key = _walk(root, rest[0])
    if verb == "delete":
        del holder[key]
    elif verb == "set":
        holder[key] = _like(holder[key], " ".join(rest[1:]))
    elif verb == "add":
        value = _new(rest[1], " ".join(rest[2:]))
        if isinstance(holder, list):
            holder.insert(key, value)
        else:
            holder[key] = value
    else:
        raise ValueError(verb)
    return True


def _print(value: Any, xml: bool) -> None:
    if xml:
        import plistlib

        sys.stdout.write(plistlib.dumps(value).decode())
    else:
        print(_text(value))


def _text(value: Any, depth: int = 0) -> str:
    inner, pad = "    " * (depth + 1), "    " * depth
    if isinstance(value, dict):
        return "Dict {\n" + "".join(f"{inner}{k} = {_text(v, depth + 1)}\n" for k, v in value.items()) + pad + "}"
    if isinstance(value, list):
        return "Array {\n" + "".join(f"{inner}{_text(v, depth + 1)}\n" for v in value) + pad + "}"
    return raw(value)


def _like(old: Any, text: str) -> Any:
    """Text as a value of the old one's type."""
    if isinstance(old, bool):
        return text.lower() in ("true", "yes", "1")
    if isinstance(old, int | float):
        return type(old)(text)
    return text


def _new(kind: str, text: str) -> Any:
    makers: dict[str, Callable[[str], Any]] = {
        "string": str, "integer": int, "real": float, "bool": lambda word: word.lower() in ("true", "yes", "1"),
        "dict": lambda _: {}, "array": lambda _: [], "data": lambda word: word.encode(),
    }  # fmt: skip
    return makers[kind](text)
