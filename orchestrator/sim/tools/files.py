"""
Files: base64 (-D and -d decode), md5, and chown, which records an owner since only root could change it.

From the man pages; unrecorded.
"""

from __future__ import annotations

import os
import sys

from orchestrator.sim.tools.base import Mac, Refusal


def base64(mac: Mac, argv: list[str]) -> int:
    import base64 as codec

    decode, files = False, []
    words = iter(argv)
    for word in words:
        if word in ("-D", "-d", "--decode"):
            decode = True
        elif word in ("-i", "--input"):
            files.append(next(words, "-"))
        elif word in ("-o", "--output", "-b", "--break"):
            raise Refusal(64, f"base64: {word} is not simulated")
        else:
            files.append(word)
    content = b"".join(_read(name) for name in files or ["-"])
    try:
        sys.stdout.buffer.write(codec.b64decode(content) if decode else codec.b64encode(content) + b"\n")
    except ValueError as error:
        raise Refusal(65, "base64: stdin: error decoding base64 input stream") from error
    return 0


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        raise Refusal(1, f"{name}: {error.strerror}") from error


def md5(mac: Mac, argv: list[str]) -> int:
    import hashlib

    files = [word for word in argv if not word.startswith("-")]
    for name in files or ["-"]:
        digest = hashlib.md5(_read(name), usedforsecurity=False).hexdigest()
        if name == "-" or "-q" in argv:
            print(digest)
        else:
            print(f"{digest} {name}" if "-r" in argv else f"MD5 ({name}) = {digest}")
    return 0


def chown(mac: Mac, argv: list[str]) -> int:
    """Records the owner in state/owners.json, where stat looks; giving files away needs root, as on a Mac."""
    flags = [word for word in argv if word.startswith("-")]
    spec, *files = [word for word in argv if not word.startswith("-")]
    user, _, group = spec.partition(":")
    accounts = mac.read("accounts")
    uid = _number(user, accounts["users"], "UniqueID", "user")
    gid = _number(group, accounts["groups"], "PrimaryGroupID", "group")
    every = [path for file in files for path in _below(file, any("R" in flag for flag in flags))]
    with mac.change("owners") as owners:
        for path in every:
            info = os.lstat(path)
            old = owners.get(os.path.realpath(path)) or list(mac.owner(path, info.st_uid, info.st_gid))
            fresh = [old[0] if uid is None else uid, old[1] if gid is None else gid]
            if fresh[0] != old[0] and not mac.is_root:
                raise Refusal(1, f"chown: {path}: Operation not permitted")
            owners[os.path.realpath(path)] = fresh
    return 0


def _number(name: str, rows: dict[str, dict[str, str]], field: str, kind: str) -> int | None:
    if not name:
        return None
    if name in rows:
        return int(rows[name][field])
    if name.isdigit():
        return int(name)
    raise Refusal(1, f"chown: {name}: illegal {kind} name")


def _below(file: str, recursive: bool) -> list[str]:
    if not os.path.lexists(file):
        raise Refusal(1, f"chown: {file}: No such file or directory")
    found = [file]
    if recursive:
        for folder, names, leaves in os.walk(file):
            found += [os.path.join(folder, name) for name in [*names, *leaves]]
    return found
