"""
security: keychains and generic passwords; batches with -i; passwords from stdin where -p is absent.

Exit status is OSStatus & 255, as in every recording. Recorded: the texts of create (exists), delete (missing), unlock
(wrong password), show-keychain-info, list-keychains, find (missing, refused). Unrecorded: the text of a duplicate
item, the attribute dump's lesser rows, and a batch's own status when its last line is well.
"""

from __future__ import annotations

import os
import shlex
import sys
import time

from orchestrator.sim.tools import keychains as store
from orchestrator.sim.tools.base import Mac, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Verb = Callable[[Mac, "Words"], None]

_WORDS = {
    -25293: "The user name or passphrase you entered is not correct.",
    -25294: "The specified keychain could not be found.",
    -25295: "The specified keychain is not a valid keychain file.",
    -25296: "A keychain with the same name already exists.",
    -25299: "The specified item already exists in the keychain.",
    -25300: "The specified item could not be found in the keychain.",
    -25307: "A default keychain could not be found.",
    -25308: "User interaction is not allowed.",
    -50: "One or more parameters passed to a function were not valid.",
}


class OSStatus(Refusal):
    """A refusal of the Security framework: its number, and the call that met it (None: the bare sentence)."""

    def __init__(self, number: int, call: str | None) -> None:
        sentence = _WORDS[number]
        super().__init__(number & 255, f"security: {call}: {sentence}" if call else sentence)
        self.number = number


class Words:
    """Parsed arguments: flags without a value, options with one, and the rest."""

    def __init__(self, argv: list[str], valued: str, last_may_ask: str = "") -> None:
        self.flags: set[str] = set()
        self.options: dict[str, str] = {}
        self.rest: list[str] = []
        words = list(argv)
        while words:
            word = words.pop(0)
            if not word.startswith("-") or word[1:].isdigit() or word == "-":
                self.rest.append(word)
                continue
            for place, letter in enumerate(word[1:], start=1):
                if letter in valued and not (letter in last_may_ask and not words and place == len(word) - 1):
                    self.options[letter] = word[place + 1 :] or (words.pop(0) if words else "")
                    break
                self.flags.add(letter)


def security(mac: Mac, argv: list[str]) -> int:
    hang_s = float(mac.faults()["security_hangs_s"])
    if hang_s:
        time.sleep(hang_s)
    if argv[:1] == ["-i"]:
        return _batch(mac)
    if not argv:
        raise Refusal(2, "Usage: security [-h] [-i] [-l] [-p prompt] [-q] [-v] [command] [command-args]")
    _run(mac, argv)
    return 0


def _run(mac: Mac, argv: list[str]) -> None:
    verb, *rest = argv
    if verb not in _VERBS:
        raise Refusal(2, f'security: unknown command "{verb}"')
    function, valued, asks = _VERBS[verb]
    function(mac, Words(rest, valued, asks))


def _batch(mac: Mac) -> int:
    """Each line of stdin a command; a failed one adds `NAME: returned NUMBER`; the last one's status is ours."""
    status = 0
    for line in sys.stdin:
        argv = shlex.split(line)
        if not argv:
            continue
        try:
            _run(mac, argv)
            status = 0
        except Refusal as refusal:
            sys.stdout.flush()
            number = refusal.number if isinstance(refusal, OSStatus) else refusal.code
            sys.stderr.write(f"{refusal.text}{argv[0]}: returned {number}\n")
            status = refusal.code
        sys.stdout.flush()
    return status


def _ask(count: int = 1) -> str:
    """A password from stdin: one line, or two equal ones."""
    lines = [sys.stdin.readline().rstrip("\n") for _ in range(count)]
    if len(set(lines)) != 1:
        raise Refusal(1, "security: passwords don't match")
    return lines[0]


def _path(mac: Mac, name: str | None) -> str:
    """The file a keychain name means: as it stands if it holds a slash, else below Library/Keychains."""
    if name is None:
        default = mac.read("keychains")["default"]
        if not default:
            raise OSStatus(-25307, "SecKeychainCopyDefault")
        return str(default)
    if "/" in name:
        return os.path.abspath(name)
    folder = os.path.join(mac.home, "Library", "Keychains")
    plain = os.path.join(folder, name)
    return plain if name.endswith("-db") or os.path.exists(plain) else f"{plain}-db"


def _load(path: str, call: str) -> dict[str, Any]:
    try:
        return store.load(path)
    except FileNotFoundError as error:
        raise OSStatus(-25294, call) from error
    except ValueError as error:
        raise OSStatus(-25295, call) from error


def _first(words: Words) -> str | None:
    return words.rest[0] if words.rest else None


def _create(mac: Mac, words: Words) -> None:
    for name in words.rest:
        path = _path(mac, name)
        if os.path.exists(path):
            raise OSStatus(-25296, f"SecKeychainCreate {name}")
        password = words.options["p"] if "p" in words.options else _ask(2)
        store.new_keychain(path, password, timeout_s=300, lock_on_sleep=True)
        store.set_unlocked(mac, path, True)


def _delete(mac: Mac, words: Words) -> None:
    for name in words.rest:
        path = _path(mac, name)
        if not os.path.exists(path):
            raise OSStatus(-25294, "SecKeychainDelete")
        os.remove(path)
        store.forget(mac, path)


def _unlock(mac: Mac, words: Words) -> None:
    name = _first(words)
    path = _path(mac, name)
    call = f"SecKeychainUnlock {name or '<NULL>'}"
    keychain = _load(path, call)
    password = words.options["p"] if "p" in words.options else _ask()
    if not store.opens(keychain, password):
        raise OSStatus(-25293, call)
    store.set_unlocked(mac, path, True)


def _lock(mac: Mac, words: Words) -> None:
    if "a" in words.flags:
        paths = list(mac.read("unlocked"))
    else:
        paths = [_path(mac, _first(words))]
        _load(paths[0], f"SecKeychainLock {_first(words) or '<NULL>'}")
    for path in paths:
        store.set_unlocked(mac, path, False)


def _show(mac: Mac, words: Words) -> None:
    name = _first(words)
    path = _path(mac, name)
    call = f"SecKeychainCopySettings {name or '<NULL>'}"
    keychain = _load(path, call)
    if not store.is_unlocked(mac, path):
        raise OSStatus(-25308, call)
    parts = ["lock-on-sleep"] if keychain["lock_on_sleep"] else []
    timeout_s = keychain["timeout_s"]
    parts.append("no-timeout" if timeout_s is None else f"timeout={timeout_s}s")
    sys.stderr.write(f'Keychain "{name or "<NULL>"}" {" ".join(parts)}\n')


def _settings(mac: Mac, words: Words) -> None:
    """Without options a keychain never locks; -l locks on sleep; -t SECONDS implies -u."""
    path = _path(mac, _first(words))
    keychain = _load(path, "SecKeychainSetSettings")
    if not store.is_unlocked(mac, path):
        raise OSStatus(-25308, f"SecKeychainSetSettings {_first(words) or '<NULL>'}")
    keychain["timeout_s"] = int(words.options["t"]) if "t" in words.options else None
    keychain["lock_on_sleep"] = "l" in words.flags
    store.save(path, keychain)


def _set_password(mac: Mac, words: Words) -> None:
    path = _path(mac, _first(words))
    keychain = _load(path, "SecKeychainChangePassword")
    old = words.options["o"] if "o" in words.options else _ask()
    new = words.options["p"] if "p" in words.options else _ask(2)
    if not store.opens(keychain, old):
        raise OSStatus(-25293, f"SecKeychainChangePassword {_first(words) or '<NULL>'}")
    store.rekey(keychain, new)
    store.save(path, keychain)


def _list(mac: Mac, words: Words) -> None:
    if "s" in words.flags:
        with mac.change("keychains") as lists:
            lists["list"] = [_path(mac, name) for name in words.rest]
        return
    for path in mac.read("keychains")["list"]:
        print(f'    "{path}"')
    if words.options.get("d") != "user":
        print('    "/Library/Keychains/System.keychain"')


def _chosen(which: str) -> Verb:
    def verb(mac: Mac, words: Words) -> None:
        if "s" in words.flags:
            with mac.change("keychains") as lists:
                lists[which] = _path(mac, _first(words)) if words.rest else None
        else:
            print(f'    "{_path(mac, None) if which == "default" else mac.read("keychains")[which]}"')

    return verb


def _matches(item: dict[str, Any], words: Words) -> bool:
    pairs = {"s": "service", "a": "account", "l": "label"}
    return all(item[field] == words.options[key] for key, field in pairs.items() if key in words.options)


def _searched(mac: Mac, words: Words) -> list[str]:
    """The keychains a search looks into: the named ones, else the search list where the files still exist."""
    named = [_path(mac, name) for name in words.rest]
    return named or [path for path in mac.read("keychains")["list"] if os.path.exists(path)]


def _find(mac: Mac, words: Words) -> None:
    call = "SecKeychainSearchCopyNext"
    for path in _searched(mac, words):
        for item in _load(path, call)["items"]:
            if not _matches(item, words):
                continue
            wants_secret = bool({"w", "g"} & words.flags)
            if wants_secret and not store.is_unlocked(mac, path):
                raise OSStatus(-25308, None)
            if "w" in words.flags:
                print(item["password"])
            else:
                print(_attributes(path, item))
            if "g" in words.flags:
                sys.stderr.write(f'password: "{item["password"]}"\n')
            return
    raise OSStatus(-25300, call)


def _attributes(path: str, item: dict[str, Any]) -> str:
    return (
        f'keychain: "{path}"\nversion: 512\nclass: "genp"\nattributes:\n'
        f'    0x00000007 <blob>="{item["label"]}"\n    "acct"<blob>="{item["account"]}"\n'
        f'    "svce"<blob>="{item["service"]}"'
    )


def _add(mac: Mac, words: Words) -> None:
    path = _path(mac, _first(words))
    call = "SecKeychainItemCreateFromContent (<default>)"
    keychain = _load(path, call)
    if not store.is_unlocked(mac, path):
        raise OSStatus(-25308, call)
    options = words.options
    password = options["w"] if "w" in options else _ask(2) if "w" in words.flags else options.get("p", "")
    service, account = options.get("s", ""), options.get("a", "")
    fresh = {"service": service, "account": account, "label": options.get("l", service), "password": password}
    same = [item for item in keychain["items"] if (item["service"], item["account"]) == (service, account)]
    if same and "U" not in words.flags:
        raise OSStatus(-25299, call)
    keychain["items"] = [item for item in keychain["items"] if item not in same] + [fresh]
    store.save(path, keychain)


def _remove(mac: Mac, words: Words) -> None:
    for path in _searched(mac, words):
        keychain = _load(path, "SecKeychainSearchCopyNext")
        found = [item for item in keychain["items"] if _matches(item, words)]
        if not found:
            continue
        if not store.is_unlocked(mac, path):
            raise OSStatus(-25308, "SecKeychainItemDelete")
        keychain["items"].remove(found[0])
        store.save(path, keychain)
        print(_attributes(path, found[0]))
        sys.stderr.write("password has been deleted.\n")
        return
    raise OSStatus(-25300, "SecKeychainSearchCopyNext")


def _partition(mac: Mac, words: Words) -> None:
    path = _path(mac, _first(words))
    keychain = _load(path, "SecKeychainUnlock")
    if not store.opens(keychain, words.options.get("k", "")):
        newer = tuple(int(part) for part in mac.facts["version"].split(".")) >= (26, 6)
        call = "SecKeychainUnlock" if newer else "SecKeychainItemSetAccessWithPassword"
        raise Refusal(1, f"security: {call}: {_WORDS[-25293]}")
    for item in keychain["items"]:
        print(_attributes(path, item))


def _dump(mac: Mac, words: Words) -> None:
    for path in _searched(mac, words):
        for item in _load(path, "SecKeychainSearchCopyNext")["items"]:
            print(_attributes(path, item))


def _error(mac: Mac, words: Words) -> None:
    number = int(words.rest[0])
    sentence = _WORDS.get(number, "No error text is known to the simulated Mac.")
    print(f"Error: 0x{number & 0xFFFFFFFF:08X} {number} {sentence}")
    raise Refusal(1)


def _trust(mac: Mac, words: Words) -> None:
    sys.stderr.write("SecTrustSettingsCopyCertificates: No Trust Settings were found.\n")


# Verb: its function, the letters that take a value, and those of them that ask when they stand last.
_VERBS: dict[str, tuple[Verb, str, str]] = {
    "create-keychain": (_create, "p", ""),
    "delete-keychain": (_delete, "", ""),
    "unlock-keychain": (_unlock, "p", ""),
    "lock-keychain": (_lock, "", ""),
    "show-keychain-info": (_show, "", ""),
    "set-keychain-settings": (_settings, "t", ""),
    "set-keychain-password": (_set_password, "op", ""),
    "list-keychains": (_list, "d", ""),
    "default-keychain": (_chosen("default"), "d", ""),
    "login-keychain": (_chosen("login"), "d", ""),
    "find-generic-password": (_find, "aslDjGCcr", ""),
    "add-generic-password": (_add, "aslDjGCcrpwT", "w"),
    "delete-generic-password": (_remove, "aslDjGCcr", ""),
    "set-key-partition-list": (_partition, "Sklta", ""),
    "dump-keychain": (_dump, "", ""),
    "dump-trust-settings": (_trust, "", ""),
    "error": (_error, "", ""),
}
