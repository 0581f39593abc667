"""
defaults: read, read-type, write, delete, rename, export, import, domains and find's absence, over real plist files.

Recorded: reading a number, and the two stderr lines of a missing key (exit 1). The "exactly" type words and the
form of containers follow the man page and common knowledge, unrecorded here. `-currentHost` keeps its values in
ByHost files; a domain that is a path is that file.
"""

from __future__ import annotations

import os
import plistlib
import sys
import time

from orchestrator.sim.tools.base import Mac, Refusal
from orchestrator.sim.tools.values import is_binary, openstep, read_plist, typed, write_plist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPES = {bool: "boolean", int: "integer", float: "float", str: "string", dict: "dictionary", list: "array",
          bytes: "data"}  # fmt: skip


def defaults(mac: Mac, argv: list[str]) -> int:
    words = list(argv)
    host = "-currentHost" in words[:1]
    words = words[1:] if host else words
    match words:
        case ["domains"]:
            folder = os.path.join(_home(mac), "Library", "Preferences")
            names = sorted(name[:-6] for name in os.listdir(folder) if name.endswith(".plist"))
            print(", ".join(names))
            return 0
        case [verb, "-app" | "-application", name, *rest]:
            domain = name
        case [verb, domain, *rest]:
            pass
        case _:
            raise Refusal(255, "Command line interface to a user's defaults.")
    path = _path(mac, domain, host)
    actions = {
        "read": _read, "read-type": _read_type, "write": _write, "delete": _delete, "export": _export,
        "import": _import, "rename": _rename,
    }  # fmt: skip
    if verb not in actions:
        raise Refusal(255, "Command line interface to a user's defaults.")
    return actions[verb](domain, path, rest)


def _home(mac: Mac) -> str:
    return os.environ.get("HOME", mac.home)


def _path(mac: Mac, domain: str, host: bool) -> str:
    """The file of a domain: a path with or without .plist, or a name below Library/Preferences."""
    if domain.startswith(("/", "~")):
        path = os.path.expanduser(domain)
        if path.startswith("/Library/"):
            path = mac.root + path
        return path if path.endswith(".plist") else f"{path}.plist"
    if domain in ("NSGlobalDomain", "-g", "-globalDomain"):
        domain = ".GlobalPreferences"
    folder = os.path.join(_home(mac), "Library", "Preferences")
    if host:
        return os.path.join(folder, "ByHost", f"{domain}.{mac.facts['hardware_uuid']}.plist")
    return os.path.join(folder, f"{domain}.plist")


def _load(domain: str, path: str) -> dict[str, Any]:
    try:
        value = read_plist(path)
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Refusal(1, f"{_stamp()}\nCould not parse {domain}: {error}") from error
    return value if isinstance(value, dict) else {}


def _save(path: str, value: dict[str, Any]) -> int:
    folder = os.path.dirname(path)
    if not os.access(folder if os.path.isdir(folder) else os.path.dirname(folder), os.W_OK):
        raise Refusal(1, f"{_stamp()}\nCould not write domain {path[:-6]}; exiting")
    os.makedirs(folder, exist_ok=True)
    write_plist(path, value, binary=is_binary(path) or not os.path.exists(path))
    return 0


def _stamp() -> str:
    now = time.time()
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    return f"{when}.{int(now % 1 * 1000):03d} defaults[{os.getpid()}:{os.getpid() + 7812398}]"


def _missing(domain: str, key: str | None) -> Refusal:
    if key is None:
        return Refusal(1, f"{_stamp()}\nDomain {domain} does not exist")
    return Refusal(1, f"{_stamp()}\nThe domain/default pair of ({domain}, {key}) does not exist")


def _value(domain: str, path: str, key: str) -> Any:
    values = _load(domain, path)
    if key not in values:
        raise _missing(domain, key)
    return values[key]


def _read(domain: str, path: str, rest: list[str]) -> int:
    if rest:
        print(openstep(_value(domain, path, rest[0])))
    elif not os.path.exists(path):
        raise _missing(domain, None)
    else:
        print(openstep(_load(domain, path)))
    return 0


def _read_type(domain: str, path: str, rest: list[str]) -> int:
    value = _value(domain, path, rest[0])
    print(f"Type is {_TYPES.get(type(value), 'date')}")
    return 0


def _write(domain: str, path: str, rest: list[str]) -> int:
    values = _load(domain, path)
    key, *words = rest
    flag = words.pop(0) if words and words[0].startswith("-") and not words[0][1:2].isdigit() else "-string"
    if flag == "-date":
        from datetime import datetime

        values[key] = datetime.fromisoformat(words[0].replace("Z", "+00:00")).replace(tzinfo=None)
    elif flag == "-array-add":
        values[key] = [*values.get(key, []), *typed(flag, words)]
    elif flag == "-dict-add":
        values[key] = {**values.get(key, {}), **typed(flag, words)}
    else:
        values[key] = typed(flag, words)
    return _save(path, values)


def _delete(domain: str, path: str, rest: list[str]) -> int:
    if rest:
        values = _load(domain, path)
        if rest[0] not in values:
            raise _missing(domain, rest[0])
        del values[rest[0]]
        return _save(path, values)
    if not os.path.exists(path):
        raise Refusal(1, f"{_stamp()}\nDomain ({domain}) not found.\nDefaults have not been changed.")
    os.remove(path)
    return 0


def _rename(domain: str, path: str, rest: list[str]) -> int:
    values = _load(domain, path)
    if rest[0] not in values:
        raise _missing(domain, rest[0])
    values[rest[1]] = values.pop(rest[0])
    return _save(path, values)


def _export(domain: str, path: str, rest: list[str]) -> int:
    content = plistlib.dumps(_load(domain, path), sort_keys=False)
    if rest[0] == "-":
        sys.stdout.buffer.write(content)
    else:
        with open(rest[0], "wb") as file:
            file.write(content)
    return 0


def _import(domain: str, path: str, rest: list[str]) -> int:
    if rest[0] != "-":
        value = read_plist(rest[0])
    else:
        value = plistlib.loads(sys.stdin.buffer.read())
    return _save(path, value)
