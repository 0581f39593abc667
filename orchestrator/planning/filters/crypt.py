"""Password hashes in the forms of crypt(3): SHA-crypt of our own, bcrypt by the library of that name where installed.
Default rounds are Ansible's."""

from __future__ import annotations

import importlib
import secrets
import string
from typing import Any, Final

from orchestrator.model.crypt import ALPHABET, MARKS, sha_crypt
from orchestrator.model.errors import TemplateError

_ROUNDS: Final = {"sha256": 535_000, "sha512": 656_000}
_ALIASES: Final = {"sha256_crypt": "sha256", "sha512_crypt": "sha512", "bcrypt": "blowfish"}


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
    if kind in MARKS:
        chosen = salt or "".join(secrets.choice(ALPHABET) for _ in range(salt_size or 16))
        try:
            return sha_crypt(text, chosen, kind, rounds or _ROUNDS[kind])
        except ValueError as error:
            raise TemplateError(f"Could not hash the secret: {error}") from error
    if kind == "blowfish":
        return _bcrypt(text, salt, rounds or 12, ident or "2b")
    raise TemplateError(
        f"{hashtype} is not in the list of supported algorithms: blowfish, sha256, sha512",
        hint="md5 is too weak to be offered for passwords",
    )


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
