"""Words for yes and no."""

from __future__ import annotations

from typing import Any

BOOLEANS_TRUE = frozenset(("y", "yes", "on", "1", "true", "t", 1, 1.0, True))
BOOLEANS_FALSE = frozenset(("n", "no", "off", "0", "false", "f", 0, 0.0, False))
BOOLEANS = BOOLEANS_TRUE.union(BOOLEANS_FALSE)


def boolean(value: Any, strict: bool = True) -> bool:
    """``value`` as a boolean. Raises TypeError for what is neither yes nor no, unless not ``strict``: then it is no."""
    if isinstance(value, bool):
        return value
    word = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    word = word.lower().strip() if isinstance(word, str) else word
    if isinstance(word, (str, int, float)) and word in BOOLEANS_TRUE:
        return True
    if (isinstance(word, (str, int, float)) and word in BOOLEANS_FALSE) or not strict:
        return False
    known = ", ".join(repr(each) for each in sorted(BOOLEANS, key=str))
    raise TypeError(f"The value '{value!s}' is not a valid boolean. Valid booleans include: {known}")
