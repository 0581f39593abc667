"""Is a value made by chance, or could somebody guess it?"""

from __future__ import annotations

import math
import re
from collections import Counter

from orchestrator.model.secrets import Secret

ROOT_CHARACTERS = 32
ROOT_BITS = 3.0
"""Bits a character; chance gives 64 hexadecimal digits about 3.8."""
SHAPES = {
    "a UUID": r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
    "a date": r"(19|20)\d\d-?[01]\d-?[0-3]\d([T _-]?\d\d:?\d\d(:?\d\d)?Z?)?",
    "a number": r"\d+",
    "a word or two": r"[a-z]{1,14}([ _-][a-z]{1,14}){0,3}\d{0,4}",
}


def weakness(secret: Secret) -> str | None:
    """Why ``secret`` is too weak to open everything (a token of class root), in words that do not show it; None where
    nothing speaks against it."""
    value = secret.reveal()
    for what, shape in SHAPES.items():
        if re.fullmatch(shape, value, re.IGNORECASE) and not re.fullmatch(r"[0-9a-f]{32,}", value, re.IGNORECASE):
            return f"it is {what}"
    if len(value) < ROOT_CHARACTERS:
        return f"it has {len(value)} characters; {ROOT_CHARACTERS} are the least"
    return None if bits_a_character(value) >= ROOT_BITS else "it repeats itself"


def bits_a_character(value: str) -> float:
    """Shannon's entropy of the characters of ``value``."""
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
