"""Password hashes in the forms of crypt(3): SHA-crypt of our own, bcrypt by the library of that name where installed.

The algorithm is Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512" (2008); default rounds are Ansible's.
"""

from __future__ import annotations

import hashlib
import importlib
import secrets
import string
from typing import Any, Final

from orchestrator.model.errors import TemplateError

_ALPHABET: Final = "./" + string.digits + string.ascii_uppercase + string.ascii_lowercase
_ROUNDS: Final = {"sha256": 535_000, "sha512": 656_000}
_MARKS: Final = {"sha256": "5", "sha512": "6"}
_ALIASES: Final = {"sha256_crypt": "sha256", "sha512_crypt": "sha512", "bcrypt": "blowfish"}
_TURNS: Final = {
    "sha256": "0 10 20 21 1 11 12 22 2 3 13 23 24 4 14 15 25 5 6 16 26 27 7 17 18 28 8 9 19 29 31 30",
    "sha512": "0 21 42 22 43 1 44 2 23 3 24 45 25 46 4 47 5 26 6 27 48 28 49 7 50 8 29 9 30 51 31 52 10 53 11 32 12 33 "
    "54 34 55 13 56 14 35 15 36 57 37 58 16 59 17 38 18 39 60 40 61 19 62 20 41 63",
}
"""The order in which the bytes of the digest are printed, in threes."""


def password_hash(
    password: Any,
    hashtype: str = "sha512",
    salt: str | None = None,
    salt_size: int | None = None,
    rounds: int | None = None,
    ident: str | None = None,
) -> str:
    """``password`` hashed for /etc/shadow and its like; salted by chance unless ``salt`` is given."""
    kind = _ALIASES.get(hashtype, hashtype)
    text = str(password)
    if kind in _MARKS:
        chosen = salt or "".join(secrets.choice(_ALPHABET) for _ in range(salt_size or 16))
        return sha_crypt(text, chosen, kind, rounds or _ROUNDS[kind])
    if kind == "blowfish":
        return _bcrypt(text, salt, rounds or 12, ident or "2b")
    raise TemplateError(
        f"{hashtype} is not in the list of supported algorithms: blowfish, sha256, sha512",
        hint="md5 is too weak to be offered for passwords",
    )


def sha_crypt(password: str, salt: str, kind: str, rounds: int) -> str:
    """The SHA-crypt of ``password`` as ``$5$…`` or ``$6$…``."""
    if not salt or len(salt) > 16 or not set(salt) <= set(_ALPHABET):
        raise TemplateError("Could not hash the secret: a salt has 1 to 16 of the characters A-Z a-z 0-9 . /")
    if not 1000 <= rounds <= 999_999_999:
        raise TemplateError("Could not hash the secret: rounds must be between 1000 and 999999999")
    digest = _sha_digest(password.encode(), salt.encode(), kind, rounds)
    said = "" if rounds == 5000 else f"rounds={rounds}$"
    return f"${_MARKS[kind]}${said}{salt}${_printed(digest, kind)}"


def _sha_digest(password: bytes, salt: bytes, kind: str, rounds: int) -> bytes:
    hashed = getattr(hashlib, kind)
    size = hashed().digest_size
    other = hashed(password + salt + password).digest()
    first = password + salt + (other * (len(password) // size + 1))[: len(password)]
    bits = len(password)
    while bits:
        first += other if bits & 1 else password
        bits >>= 1
    digest: bytes = hashed(first).digest()
    password_run = (hashed(password * len(password)).digest() * (len(password) // size + 1))[: len(password)]
    salt_run = hashed(salt * (16 + digest[0])).digest()[: len(salt)]
    for turn in range(rounds):
        data = password_run if turn & 1 else digest
        data += (salt_run if turn % 3 else b"") + (password_run if turn % 7 else b"")
        digest = hashed(data + (digest if turn & 1 else password_run)).digest()
    return digest


def _printed(digest: bytes, kind: str) -> str:
    order = [int(index) for index in _TURNS[kind].split()]
    text = ""
    for start in range(0, len(order), 3):
        three = order[start : start + 3]
        number = int.from_bytes(bytes(digest[index] for index in three), "big")
        for _ in range({3: 4, 2: 3, 1: 2}[len(three)]):
            text += _ALPHABET[number & 63]
            number >>= 6
    return text


def _bcrypt(password: str, salt: str | None, rounds: int, ident: str) -> str:
    try:
        bcrypt = importlib.import_module("bcrypt")
    except ImportError as error:
        raise TemplateError("blowfish needs the Python library 'bcrypt'", hint="pip install bcrypt") from error
    mark = f"${ident}${rounds:02d}$".encode()
    chosen = mark + _repaired(salt).encode() if salt else mark + bcrypt.gensalt(4)[7:]
    return str(bcrypt.hashpw(password.encode(), chosen).decode("ascii"))


def _repaired(salt: str) -> str:
    """A bcrypt salt whose last character carries only the two bits that count, as libraries demand."""
    alphabet = "./" + string.ascii_uppercase + string.ascii_lowercase + string.digits
    return salt[:-1] + alphabet[alphabet.index(salt[-1]) & 0b110000]
