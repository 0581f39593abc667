"""Keyed fingerprints: how two secrets are compared without either being shown, kept or sent.

A fingerprint is the beginning of HMAC-SHA-256 over the value, with a key of the project's. Without the key nobody can
guess values against it, so it may stand in tickets, journals and logs.
"""

from __future__ import annotations

import base64
import hmac
import re
from hashlib import sha256

from orchestrator.model.secrets import Secret, plain

DIGITS = 12
"""Of 64: enough to tell a team's secrets apart, too few to be worth keeping by anybody else."""
RUN = re.compile(r"[A-Za-z0-9_-]+")
SHORTEST_CORE = 12
"""Shorter runs are words; looking for them would find half of every log."""


def fingerprint(key: Secret, value: str | Secret) -> str:
    """Twelve hexadecimal digits for ``value``."""
    key_bytes, data = (plain(each).encode("utf-8", "surrogateescape") for each in (key, value))
    return hmac.new(key_bytes, data, sha256).hexdigest()[:DIGITS]


def core(value: str | Secret) -> str | None:
    """The longest run of letters, digits, ``_`` and ``-`` in ``value``: what a search by fingerprint looks for, since
    such runs can be cut out of any file without knowing the value. None where it is too short to be looked for."""
    longest = max(RUN.findall(plain(value)), key=len, default="")
    return longest if len(longest) >= SHORTEST_CORE else None


def searched(key: Secret, value: str | Secret) -> dict[str, str]:
    """What to look for to find ``value`` in files without knowing it: ``FINGERPRINT:LENGTH`` of its core, as it is and
    in the two encodings that people give it, each with the encoding's name. Empty where its core is too short."""
    data = plain(value).encode("utf-8", "surrogateescape")
    shapes = {"as it is": plain(value), "in base64": base64.b64encode(data).decode(), "in hexadecimal": data.hex()}
    cores = {shape: found for shape, text in shapes.items() if (found := core(text))}
    if "as it is" not in cores:
        return {}
    return {f"{fingerprint(key, found)}:{len(found)}": shape for shape, found in cores.items()}
