"""
Keychain files of a simulated Mac, and who has which one unlocked.

A keychain is a real file, mode 0600, in a JSON form of our own. The lock state belongs to a security session (the GUI,
or one SSH connection), as on macOS; it stands in state/unlocked.json as keychain path -> sessions.
"""

from __future__ import annotations

import hashlib
import json
import os

from orchestrator.sim.tools.base import Mac, write_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def new_keychain(path: str, password: str, timeout_s: int | None, lock_on_sleep: bool) -> None:
    """Write an empty keychain."""
    salt = os.urandom(8).hex()
    value: dict[str, Any] = {
        "format": "simulated keychain 1",
        "salt": salt,
        "password": _digest(salt, password),
        "timeout_s": timeout_s,
        "lock_on_sleep": lock_on_sleep,
        "items": [],
    }
    save(path, value)


def load(path: str) -> dict[str, Any]:
    """The keychain's content; FileNotFoundError where there is none, ValueError where it is no keychain."""
    with open(path, encoding="utf-8") as file:
        value = json.load(file)
    if not isinstance(value, dict) or value.get("format") != "simulated keychain 1":
        raise ValueError(f"{path} is no keychain")
    return value


def save(path: str, value: dict[str, Any]) -> None:
    write_private(path, json.dumps(value, indent=1).encode())


def opens(keychain: dict[str, Any], password: str) -> bool:
    """Whether the password is the keychain's."""
    return bool(keychain["password"] == _digest(keychain["salt"], password))


def rekey(keychain: dict[str, Any], password: str) -> None:
    """Give the keychain another password."""
    keychain["password"] = _digest(keychain["salt"], password)


def _digest(salt: str, password: str) -> str:
    return hashlib.sha256(f"{salt}:{password}".encode()).hexdigest()


def is_unlocked(mac: Mac, path: str) -> bool:
    """Whether this process's security session has the keychain open."""
    if mac.session == "gui" and mac.faults()["keychain_locked"]:
        return False
    return mac.session in mac.read("unlocked").get(path, [])


def set_unlocked(mac: Mac, path: str, unlocked: bool) -> None:
    """Open or lock the keychain for this security session."""
    with mac.change("unlocked") as state:
        others = [session for session in state.get(path, []) if session != mac.session]
        state[path] = [*others, mac.session] if unlocked else others


def forget(mac: Mac, path: str) -> None:
    """Drop a deleted keychain from the search list, the default and the lock state."""
    with mac.change("unlocked") as state:
        state.pop(path, None)
    with mac.change("keychains") as lists:
        lists["list"] = [name for name in lists["list"] if name != path]
        if lists["default"] == path:
            lists["default"] = lists["login"]
