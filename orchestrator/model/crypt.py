"""Hashes of passwords: SHA-crypt, and Apache's and FreeBSD's MD5-crypt; how a password is compared with one.

SHA-crypt is Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512" (2008), MD5-crypt Poul-Henning Kamp's of 1994.
"""

from __future__ import annotations

import base64
import hashlib
import string
from collections.abc import Callable
from typing import Final

ALPHABET: Final = "./" + string.digits + string.ascii_uppercase + string.ascii_lowercase
MARKS: Final = {"sha256": "5", "sha512": "6"}
_TURNS: Final = {
    "sha256": "0 10 20 21 1 11 12 22 2 3 13 23 24 4 14 15 25 5 6 16 26 27 7 17 18 28 8 9 19 29 31 30",
    "sha512": "0 21 42 22 43 1 44 2 23 3 24 45 25 46 4 47 5 26 6 27 48 28 49 7 50 8 29 9 30 51 31 52 10 53 11 32 12 33 "
    "54 34 55 13 56 14 35 15 36 57 37 58 16 59 17 38 18 39 60 40 61 19 62 20 41 63",
    "md5": "0 6 12 1 7 13 2 8 14 3 9 15 4 10 5 11",
}
"""The order in which the bytes of the digest are printed, in threes."""


def sha_crypt(password: str, salt: str, kind: str, rounds: int) -> str:
    """The SHA-crypt of ``password`` as ``$5$…`` or ``$6$…``; ``kind`` is sha256 or sha512. Raises ValueError."""
    if not salt or len(salt) > 16 or not set(salt) <= set(ALPHABET):
        raise ValueError("a salt has 1 to 16 of the characters A-Z a-z 0-9 . /")
    if not 1000 <= rounds <= 999_999_999:
        raise ValueError("rounds must be between 1000 and 999999999")
    digest = _sha_digest(password.encode(), salt.encode(), kind, rounds)
    said = "" if rounds == 5000 else f"rounds={rounds}$"
    return f"${MARKS[kind]}${said}{salt}${_printed(digest, kind)}"


def md5_crypt(password: str, salt: str, mark: str = "1") -> str:
    """The MD5-crypt of ``password``: ``$1$…``, or with the mark ``apr1`` Apache's."""
    secret, grain = password.encode(), salt.encode()
    other = _md5(secret + grain + secret)
    first = secret + f"${mark}$".encode() + grain + _filled(other, len(secret))
    bits = len(secret)
    while bits:
        first += b"\0" if bits & 1 else secret[:1]
        bits >>= 1
    digest = _turned(_md5, _md5(first), secret, grain, 1000)
    return f"${mark}${salt}${_printed(digest, 'md5')}"


def fits(password: str, hashed: str) -> bool | None:
    """Whether ``hashed`` is made of ``password``; None for a form that is not known here. Plain text is itself."""
    if hashed.startswith("{SHA}"):
        return hashed == ldap_sha1(password)
    if not hashed.startswith("$"):
        return hashed == password
    _, mark, *rest = hashed.split("$")
    if mark in ("1", "apr1") and len(rest) == 2:
        return md5_crypt(password, rest[0], mark) == hashed
    kind = next((name for name, known in MARKS.items() if known == mark), None)
    if kind is None or len(rest) not in (2, 3):
        return None
    rounds = int(rest[0].removeprefix("rounds=")) if len(rest) == 3 else 5000
    return sha_crypt(password, rest[-2], kind, rounds) == hashed


def ldap_sha1(password: str) -> str:
    """The SHA-1 of ``password`` as LDAP and htpasswd(1) write it."""
    return "{SHA}" + base64.b64encode(hashlib.sha1(password.encode(), usedforsecurity=False).digest()).decode()


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _filled(block: bytes, size: int) -> bytes:
    """``block``, again and again up to ``size`` bytes."""
    return (block * (size // len(block) + 1))[:size]


def _turned(hashed: Callable[[bytes], bytes], digest: bytes, secret: bytes, grain: bytes, turns: int) -> bytes:
    """``digest`` after so many turns, which only take their time: each mixes in what its number says."""
    for turn in range(turns):
        data = secret if turn & 1 else digest
        data += (grain if turn % 3 else b"") + (secret if turn % 7 else b"")
        digest = hashed(data + (digest if turn & 1 else secret))
    return digest


def _sha_digest(password: bytes, salt: bytes, kind: str, rounds: int) -> bytes:
    make = getattr(hashlib, kind)

    def hashed(data: bytes) -> bytes:
        digest: bytes = make(data).digest()
        return digest

    other = hashed(password + salt + password)
    first = password + salt + _filled(other, len(password))
    bits = len(password)
    while bits:
        first += other if bits & 1 else password
        bits >>= 1
    digest = hashed(first)
    password_run = _filled(hashed(password * len(password)), len(password))
    salt_run = hashed(salt * (16 + digest[0]))[: len(salt)]
    return _turned(hashed, digest, password_run, salt_run, rounds)


def _printed(digest: bytes, kind: str) -> str:
    order = [int(index) for index in _TURNS[kind].split()]
    text = ""
    for start in range(0, len(order), 3):
        three = order[start : start + 3]
        number = int.from_bytes(bytes(digest[index] for index in three), "big")
        for _ in range({3: 4, 2: 3, 1: 2}[len(three)]):
            text += ALPHABET[number & 63]
            number >>= 6
    return text
