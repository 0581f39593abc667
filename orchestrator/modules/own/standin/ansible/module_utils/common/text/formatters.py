"""Sizes as people write them."""

from __future__ import annotations

import re
from typing import Any

SIZE_RANGES = {unit: 1 << 10 * (8 - index) for index, unit in enumerate("YZEPTGMKB")}
WORDS = {"K": "ilo", "M": "ega", "G": "iga", "T": "era", "P": "eta", "E": "xa", "Z": "eta", "Y": "otta"}


def lenient_lowercase(lst: Any) -> list[Any]:
    """The texts of ``lst`` in lower case, all else as it is."""
    return [each.lower() if isinstance(each, str) else each for each in lst]


def human_to_bytes(number: Any, default_unit: str | None = None, isbits: bool = False) -> int:
    """The number of bytes (or bits) that ``1.5M``, ``10KB`` or ``7`` mean. Raises ValueError."""
    found = re.fullmatch(r"([0-9]*\.?[0-9]+)\s*([A-Za-z]+)?\s*", str(number))
    if found is None:
        raise ValueError(f"human_to_bytes() can't interpret following string: {number}")
    amount, unit = float(found[1]), found[2] or default_unit
    if unit is None:
        return round(amount)
    prefix, known = unit[0].upper(), ", ".join(SIZE_RANGES)
    if prefix not in SIZE_RANGES:
        said = f"{number} (unit = {unit}). The suffix must be one of {known}"
        raise ValueError(f"human_to_bytes() failed to convert {said}")
    letter, word = ("b", "bit") if isbits else ("B", "byte")
    whole = (letter, word) if prefix == "B" else (prefix + letter, prefix.lower() + WORDS[prefix] + word)
    if len(unit) > 1 and unit.lower() != whole[1] and unit != whole[0]:
        wanted = f"{letter} or {word}" if prefix == "B" else f"{prefix}{letter} or {prefix}"
        raise ValueError(f"human_to_bytes() failed to convert {number}. Value is not a valid string (expect {wanted})")
    return round(amount * SIZE_RANGES[prefix])


def bytes_to_human(size: float, isbits: bool = False, unit: str | None = None) -> str:
    """``size`` as people read it: ``1.00 KB``."""
    base = "bits" if isbits else "Bytes"
    for suffix, limit in SIZE_RANGES.items():
        if (unit is None and size >= limit) or (unit is not None and unit.upper() == suffix[0]):
            break
    else:
        suffix, limit = "B", 1
    return f"{size / limit:.2f} {base if limit == 1 else suffix + base[0]}"
