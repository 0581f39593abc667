"""Reading OpenSSH known_hosts files: which line speaks of which host (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT")."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from orchestrator.model.frozen import frozen


@frozen
class Entry:
    """One line. ``marker``: ``@cert-authority``, ``@revoked`` or empty; ``hosts``: patterns, or a hashed name."""

    marker: str
    hosts: str
    type: str
    blob: bytes
    file: Path
    line: int
    comment: str = ""

    def matches(self, names: Sequence[str]) -> bool:
        """Whether it speaks of any of ``names``."""
        if self.hosts.startswith("|1|"):
            return any(_hash_matches(self.hosts, name) for name in names)
        return any(_patterns_match(self.hosts.lower().split(","), name) for name in names)

    def openssh(self) -> str:
        """The public key as a line of its own."""
        return f"{self.type} {base64.b64encode(self.blob).decode()}"


def host_field(host: str, port: int = 22) -> str:
    """How OpenSSH writes a host's name: ``[host]:port`` for any port but 22."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def typed(host: str, port: int = 22) -> str:
    """The same as our command line takes it: ``HOST`` or ``HOST:PORT``, an IPv6 address with a port in brackets."""
    if port == 22:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def names_of(host: str, port: int, address: str | None) -> list[tuple[str, ...]]:
    """The names to look for, the better ones first: with the port, then without it."""
    hosts = [name for name in (host, address) if name]
    with_port = tuple(host_field(name, port) for name in hosts)
    return [with_port] if port == 22 else [with_port, tuple(name.lower() for name in hosts)]


def entries_of(path: Path, names: Sequence[str] | None = None) -> list[Entry]:
    """The entries of a file, or those that speak of any of ``names``; none where it cannot be read."""
    try:
        stat = path.stat()
        return _read(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns)).of(names)
    except OSError:
        return []


@frozen
class _Known:
    """The entries of a file: those that name hosts as they are by these names, and those that must be tried."""

    named: Mapping[str, Sequence[Entry]]
    others: Sequence[Entry]

    def of(self, names: Sequence[str] | None) -> list[Entry]:
        asked = self.named if names is None else names
        named = {entry.line: entry for name in asked for entry in self.named.get(name, ())}
        tried = {entry.line: entry for entry in self.others if names is None or entry.matches(names)}
        return [entry for _, entry in sorted({**named, **tried}.items())]


@lru_cache(maxsize=64)
def _read(path: Path, _state: tuple[int, int, int]) -> _Known:
    """The file as it is in this ``_state``, read once for a thousand hosts that are lines in it. Lines that make no
    sense are passed over, as ssh does."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    named: dict[str, list[Entry]] = {}
    others: list[Entry] = []
    for number, line in enumerate(lines, 1):
        if (entry := _entry(line.split(), path, number)) is None:
            continue
        if set("|*?!") & set(entry.hosts):
            others.append(entry)
            continue
        for name in entry.hosts.lower().split(","):
            named.setdefault(name, []).append(entry)
    return _Known(named, others)


def _entry(fields: list[str], path: Path, number: int) -> Entry | None:
    marker = fields.pop(0) if fields and fields[0].startswith("@") else ""
    if len(fields) < 3 or fields[0].startswith("#"):
        return None
    try:
        blob = base64.b64decode(fields[2], validate=True)
    except binascii.Error:
        return None
    return Entry(marker, fields[0], fields[1], blob, path, number, " ".join(fields[3:]))


def _hash_matches(hashed: str, name: str) -> bool:
    """``|1|SALT|HMAC-SHA1(SALT, NAME)``, both in base64."""
    try:
        salt, digest = (base64.b64decode(part) for part in hashed.split("|")[2:4])
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), digest)


def _patterns_match(patterns: Sequence[str], name: str) -> bool:
    """A negated pattern that matches rules the whole line out. ``[`` is a literal here, not a set."""
    hits = [pattern for pattern in patterns if fnmatch.fnmatchcase(name, pattern.lstrip("!").replace("[", "[[]"))]
    return bool(hits) and not any(pattern.startswith("!") for pattern in hits)
