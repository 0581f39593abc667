"""Filters over numbers, sizes and chance."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.model.errors import TemplateError

_SIZES: Final = {letter: 1024**power for power, letter in enumerate("BKMGTPEZY")}
_WORDS: Final = ("", "kilo", "mega", "giga", "tera", "peta", "exa", "zeta", "yotta")


def logarithm(value: Any, base: float = math.e) -> float:
    """The logarithm, natural unless ``base`` is given."""
    try:
        return math.log10(value) if base == 10 else math.log(value, base)
    except TypeError as error:
        raise TemplateError(f"log() can only be used on numbers: {error}") from error


def power(value: Any, exponent: Any) -> float:
    """``value`` to the power of ``exponent``."""
    try:
        return math.pow(value, exponent)
    except TypeError as error:
        raise TemplateError(f"pow() can only be used on numbers: {error}") from error


def root(value: Any, base: float = 2) -> float:
    """The ``base``-th root."""
    try:
        return math.sqrt(value) if base == 2 else math.pow(value, 1.0 / float(base))
    except (ValueError, TypeError) as error:
        raise TemplateError(f"root() can only be used on numbers: {error}") from error


def human_readable(size: Any, isbits: bool = False, unit: str | None = None) -> str:
    """A size with the largest fitting unit, or with ``unit``: ``1.00 MB``."""
    try:
        fitting = (
            letter
            for letter in reversed(_SIZES)
            if (size >= _SIZES[letter] if unit is None else unit.upper() == letter)
        )
        letter = next(fitting, "B")
        name = ("bits" if isbits else "Bytes") if letter == "B" else letter + ("b" if isbits else "B")
        return f"{size / _SIZES[letter]:.2f} {name}"
    except TypeError as error:
        raise TemplateError(f"human_readable() failed on bad input: {error}") from error


def human_to_bytes(size: Any, default_unit: str | None = None, isbits: bool = False) -> int:
    """The number behind a size such as ``10M``, ``1.5 GB`` or, with ``isbits``, ``1Mb``."""
    match = re.search(r"^([0-9]*\.?[0-9]+)(?:\s*([A-Za-z]+))?\s*$", str(size))
    if match is None:
        raise TemplateError(f"human_to_bytes() can't interpret following string: {size}")
    unit = match.group(2) or default_unit
    if unit is None:
        return round(float(match.group(1)))
    letter = unit[0].upper()
    if letter not in _SIZES:
        raise TemplateError(f"human_to_bytes() failed to convert {size} (unit = {unit}): one of {', '.join(_SIZES)}")
    short = ("" if letter == "B" else letter) + ("b" if isbits else "B")
    word = _WORDS["BKMGTPEZY".index(letter)] + ("bit" if isbits else "byte")
    if len(unit) > 1 and unit.lower() != word and unit != short:
        raise TemplateError(
            f"human_to_bytes() failed to convert {size}. Value is not a valid string (expect {short} or {letter})"
        )
    return round(float(match.group(1)) * int(_SIZES[letter]))


def chance(end: Any, start: int | None = None, step: int | None = None, seed: Any = None) -> Any:
    """A random item of a sequence, or a number below ``end``; with ``seed`` always the same one."""
    source = random.SystemRandom() if seed is None else random.Random(seed)
    if isinstance(end, int):
        return source.randrange(start or 0, end, step or 1)
    if not hasattr(end, "__iter__"):
        raise TemplateError("random can only be used on sequences and integers")
    if start or step:
        raise TemplateError("start and step can only be used with integer values")
    return source.choice(end)


def shuffle(items: Any, seed: Any = None) -> Any:
    """``items`` in random order; with ``seed`` always the same one. What is no list stays as it is."""
    try:
        shuffled = list(items)
    except TypeError:
        return items
    (random.Random(seed) if seed else random.SystemRandom()).shuffle(shuffled)
    return shuffled


NUMBERS: Final[Mapping[str, Callable[..., Any]]] = {
    "human_readable": human_readable,
    "human_to_bytes": human_to_bytes,
    "log": logarithm,
    "pow": power,
    "random": chance,
    "root": root,
    "shuffle": shuffle,
}
