"""Filters that hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError
from orchestrator.planning.filters.crypt import password_hash
from orchestrator.planning.filters.texts import bytes_of


def digest(data: Any, hashtype: str = "sha1") -> str:
    """The hash of ``data`` in hexadecimal."""
    try:
        hasher = hashlib.new(hashtype)
    except (ValueError, TypeError) as error:
        raise TemplateError(str(error)) from error
    hasher.update(bytes_of(data))
    return hasher.hexdigest()


def md5(data: Any) -> str:
    """MD5, for those who must compare with it."""
    return digest(data, "md5")


def sha1(data: Any) -> str:
    """SHA-1, the hash that Ansible calls ``checksum``."""
    return digest(data, "sha1")


DIGESTS: Final[Mapping[str, Callable[..., Any]]] = {
    "checksum": sha1,
    "hash": digest,
    "md5": md5,
    "password_hash": password_hash,
    "sha1": sha1,
}
