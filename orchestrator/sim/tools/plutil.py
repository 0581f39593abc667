"""
plutil: -lint, -p, -extract, -convert, -replace, -insert, -remove, over real files and stdin (`-`).

Unrecorded: the words of a parse error (`F: (…)`) come after the man page and have a real Mac's shape only; exit 1 on a
bad file is documented. `-convert json` refuses dates and data, as documented.
"""

from __future__ import annotations

import json
import plistlib
import sys

from orchestrator.sim.tools.base import Mac, Refusal
from orchestrator.sim.tools.values import raw, read_plist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPES = {dict: "dictionary", list: "array", bool: "bool", int: "integer", float: "float", str: "string", bytes: "data"}


def plutil(mac: Mac, argv: list[str]) -> int:
    verb, rest = (argv[0], argv[1:]) if argv and argv[0].startswith("-") else ("-lint", argv)
    match verb:
        case "-lint":
            return _lint(rest)
        case "-p":
            print(pretty(_load(rest[-1])))
        case "-extract":
            _extract(rest)
        case "-convert":
            form, rest = rest[0], rest[1:]
            files, target = _files(rest)
            for file in files:
                _emit(_load(file), form, target or file)
        case "-type":
            print(_TYPES.get(type(_find(_load(rest[-1]), rest[0], rest[-1])), "date"))
        case "-replace" | "-insert" | "-remove":
            _edit(verb, rest)
        case _:
            raise Refusal(1, f"Unknown option: {verb}")
    return 0


def _files(words: list[str]) -> tuple[list[str], str | None]:
    """The files and the value of -o."""
    words = [word for word in words if word not in ("--", "-n", "-s", "-r")]
    if "-o" in words:
        at = words.index("-o")
        return words[:at] + words[at + 2 :], words[at + 1]
    return words, None


def _load(file: str) -> Any:
    try:
        if file != "-":
            return read_plist(file)
        return plistlib.loads(sys.stdin.buffer.read())
    except OSError as error:
        raise Refusal(1, f"{file}: file does not exist or is not readable or is not a regular file") from error
    except ValueError as error:
        raise Refusal(1, f"{file}: Property List error: {error}") from error


def _lint(words: list[str]) -> int:
    status = 0
    for file in _files(words)[0]:
        try:
            _load(file)
            if "-s" not in words:
                print(f"{file}: OK")
        except Refusal as refusal:
            # plutil names a bad file on stdout, where its answer about a good one goes.
            print(refusal.text, end="")
            status = 1
    return status


def _step(value: Any, part: str) -> Any:
    return value[int(part)] if isinstance(value, list) else value[part]


def _parts(keypath: str) -> list[str]:
    """A key path split at dots; `\\.` is a dot inside a key."""
    return [part.replace("\0", ".") for part in keypath.replace("\\.", "\0").split(".")]


def _find(value: Any, keypath: str, file: str) -> Any:
    try:
        for part in _parts(keypath):
            value = _step(value, part)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise Refusal(
            1, f"{file}: Could not extract value, error: No value at that key path or invalid key path: {keypath}"
        ) from error
    return value


def _extract(rest: list[str]) -> None:
    keypath, form, *words = rest
    files, target = _files(words)
    value = _find(_load(files[0]), keypath, files[0])
    _emit(value, form, target or ("-" if form == "raw" else files[0]), newline="-n" not in words)


def _emit(value: Any, form: str, target: str, newline: bool = True) -> None:
    if form == "raw":
        content = (raw(value) + ("\n" if newline else "")).encode()
    elif form == "json":
        try:
            content = json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("/", "\\/").encode()
        except TypeError as error:
            raise Refusal(1, f"{target}: Invalid object in plist for JSON format") from error
    elif form in ("xml1", "binary1"):
        kind = plistlib.FMT_XML if form == "xml1" else plistlib.FMT_BINARY
        content = plistlib.dumps(value, fmt=kind)
    else:
        raise Refusal(1, f"Unknown format specifier: {form}")
    if target == "-":
        sys.stdout.buffer.write(content)
    else:
        with open(target, "wb") as file:
            file.write(content)


def _edit(verb: str, rest: list[str]) -> None:
    keypath, words = rest[0], rest[1:]
    file = words[-1]
    root = _load(file)
    *parents, last = _parts(keypath)
    holder = root
    for part in parents:
        holder = _step(holder, part)
    key: Any = int(last) if isinstance(holder, list) else last
    if verb == "-remove":
        del holder[key]
    else:
        value = _typed(words[0], words[1])
        if isinstance(holder, list) and verb == "-insert":
            holder.insert(key, value)
        else:
            holder[key] = value
    _emit(root, "xml1", file)


def _typed(flag: str, text: str) -> Any:
    match flag:
        case "-json":
            return json.loads(text)
        case "-xml":
            return plistlib.loads(text.encode())
        case "-bool":
            return text.lower() in ("yes", "true", "1")
        case "-integer":
            return int(text)
        case "-float":
            return float(text)
        case "-string":
            return text
    raise Refusal(1, f"Unknown type: {flag}")


def pretty(value: Any, depth: int = 0) -> str:
    """A value as `plutil -p` prints it."""
    inner, pad = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        rows = (f'{inner}"{key}" => {pretty(item, depth + 1)}\n' for key, item in sorted(value.items()))
        return "{\n" + "".join(rows) + pad + "}"
    if isinstance(value, list):
        rows = (f"{inner}{at} => {pretty(item, depth + 1)}\n" for at, item in enumerate(value))
        return "[\n" + "".join(rows) + pad + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return f"{{length = {len(value)}, bytes = 0x{value.hex()}}}"
    return f'"{value}"' if isinstance(value, str) else str(value)
