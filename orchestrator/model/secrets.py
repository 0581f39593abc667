"""A secret value: prints as stars, compares in constant time, reveals itself only when asked by name."""

from __future__ import annotations

import hmac
from typing import Final

NO_PASSWORD: Final = "Attempting to decrypt but no vault secrets found."
UNOPENED: Final = "Decryption failed (no vault secrets were found that could decrypt)."
"""Why what an ansible-vault holds stays closed, in Ansible's words: playbooks compare them."""


class Secret:
    """A value that no sink may show. ``reveal()`` is for the moment of use only: stdin of a node or a library call."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))


def plain(value: str | Secret) -> str:
    """The text behind ``value``, for the moment of use."""
    return value.reveal() if isinstance(value, Secret) else value
