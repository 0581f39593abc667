"""Further filters of community.general: lists, versions, times, tables and checksums."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import math
import random
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as IniError
from typing import Any, Final, Literal, get_args

from orchestrator.model.errors import TemplateError
from orchestrator.planning.filters import sets
from orchestrator.planning.filters.paths import path_join
from orchestrator.planning.loose import loose

UNITS: Final[Mapping[str, tuple[int, ...]]] = {
    "ms": (),
    "s": (1000,),
    "m": (1000, 60),
    "h": (1000, 60, 60),
    "d": (1000, 60, 60, 24),
    "w": (1000, 60, 60, 24, 7),
    "mo": (1000, 60, 60, 24, 30),
    "y": (1000, 60, 60, 24, 365),
}
"""Unit → the factors between it and a millisecond; the last one of months and years may be given."""
LONG_UNITS: Final = {
    "millisecond": "ms",
    "msec": "ms",
    "msecond": "ms",
    "sec": "s",
    "second": "s",
    "hour": "h",
    "min": "m",
    "minute": "m",
    "day": "d",
    "week": "w",
    "month": "mo",
    "year": "y",
}
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
DIALECTS: Final = ("excel", "excel-tab", "unix")


def accumulate(items: Any) -> list[Any]:
    """The sums of the first item, the first two, and so on; of text: its beginnings."""
    if not isinstance(items, Sequence):
        raise TemplateError(f"Invalid value type ({type(items)}) for accumulate ({items!r})")
    return list(itertools.accumulate(items))


def groupby_as_dict(items: Any, attribute: str) -> dict[Any, Any]:
    """Mappings by their value under ``attribute``, which no two may share."""
    if not isinstance(items, Sequence):
        raise TemplateError("Input is not a sequence")
    found: dict[Any, Any] = {}
    for number, each in enumerate(items):
        if not isinstance(each, Mapping):
            raise TemplateError(f"Sequence element #{number} is not a mapping")
        if attribute not in each:
            raise TemplateError(f"Attribute not contained in element #{number} of sequence")
        if each[attribute] in found:
            raise TemplateError(f"Multiple sequence entries have attribute value {each[attribute]!r}")
        found[each[attribute]] = each
    return found


def _lists(given: tuple[Any, ...], flatten: bool) -> list[Any]:
    """The lists given; with ``flatten``, a list of lists counts as each of them. Raises TemplateError."""
    if not flatten:
        return list(given)
    lists: list[Any] = []
    for each in given:
        if not isinstance(each, list | tuple):
            raise TemplateError(f"All arguments must be lists. {each} is {type(each)}")
        if each:
            lists += each if all(isinstance(inner, list | tuple) for inner in each) else [each]
    return lists


def _folded(step: Callable[[Any, Any], list[Any]], lists: list[Any]) -> Any:
    """One list as it is; several from left to right."""
    return functools.reduce(step, lists) if lists else []


def lists_union(*given: Any, flatten: bool = False) -> Any:
    """What is in any of the lists."""
    return _folded(sets.union, _lists(given, flatten))


def lists_intersect(*given: Any, flatten: bool = False) -> Any:
    """What is in all lists."""
    return _folded(sets.intersect, _lists(given, flatten))


def lists_difference(*given: Any, flatten: bool = False) -> Any:
    """What is in the first list and in none of the others."""
    return _folded(sets.difference, _lists(given, flatten))


def lists_symmetric_difference(*given: Any, flatten: bool = False) -> Any:
    """What is in one of two lists, not in both; further lists likewise with what came out."""
    return _folded(sets.symmetric_difference, _lists(given, flatten))


def version_sort(versions: Iterable[str], reverse: bool = False) -> list[str]:
    """Versions in order, so that 2.9 comes before 2.10."""
    return sorted(versions, key=lambda version: loose(str(version)), reverse=reverse)


def to_time_unit(text: str, unit: str = "ms", year: int = 365, month: int = 30, **others: Any) -> float:
    """A time as people write it (``1h 30m``) in the unit; a year and a month have so many days."""
    if others:
        raise TemplateError(f"to_time_unit() got unknown keyword arguments: {', '.join(others)}")
    factors = {**UNITS, "y": (*UNITS["y"][:-1], year), "mo": (*UNITS["mo"][:-1], month)}
    short = LONG_UNITS.get(unit.rstrip("s"), unit)
    if short not in factors:
        words = f"Available units (singular or plural): {', '.join(LONG_UNITS)}. Available short units: "
        raise TemplateError(
            f"to_time_unit() can not convert to the following unit: {short}. {words}{', '.join(factors)}"
        )
    if text == "0":
        return 0
    total = 0
    for part in text.split():
        found = re.match(r"(-?\d+)(\w+)", part)
        name = LONG_UNITS.get(found[2].rstrip("s"), found[2]) if found else ""
        if found is None or name not in factors:
            raise TemplateError(f"to_time_unit() can not interpret following string: {text}")
        total += int(found[1]) * math.prod(factors[name])
    return round(total / math.prod(factors[short]), 12)


def _to_unit(unit: str, plural: str) -> Callable[..., float]:
    def to_unit(text: str, **days: int) -> float:
        return to_time_unit(text, unit, **days)

    to_unit.__doc__ = f"A time as people write it (``1h 30m``) in {plural}."
    return to_unit


def from_csv(
    text: str,
    dialect: str = "excel",
    fieldnames: Sequence[str] | None = None,
    delimiter: str | None = None,
    skipinitialspace: bool | None = None,
    strict: bool | None = None,
) -> list[dict[str, Any]]:
    """The rows of a CSV text, each a mapping by the names of its first line or by ``fieldnames``."""
    if dialect not in DIALECTS:
        raise TemplateError(f"Dialect '{dialect}' is not supported by your version of python.")
    said = {"delimiter": delimiter, "skipinitialspace": skipinitialspace, "strict": strict}
    given: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    try:
        return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), fieldnames, dialect=dialect, **given))
    except TypeError as error:
        raise TemplateError(f"Unable to create custom dialect: {error}") from error
    except csv.Error as error:
        raise TemplateError(f"Unable to process file: {error}") from error


class _Ini(ConfigParser):
    """An INI file whose options keep their case and whose values are no templates."""

    def __init__(self) -> None:
        super().__init__(interpolation=None)

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def from_ini(text: Any) -> dict[str, Any]:
    """Sections and their options; those of ``DEFAULT`` are in each section as well."""
    if not isinstance(text, str):
        raise TemplateError(f"from_ini requires a str, got {type(text)}")
    parser = _Ini()
    try:
        parser.read_string(text)
    except IniError as error:
        raise TemplateError(f"from_ini failed to parse given string: {error}") from error
    found: dict[str, Any] = {name: dict(parser[name]) for name in parser.sections()}
    return {**found, "DEFAULT": dict(parser.defaults())} if parser.defaults() else found


def to_ini(sections: Any) -> str:
    """Sections and their options as an INI file."""
    if not isinstance(sections, Mapping):
        raise TemplateError(f"to_ini requires a dict, got {type(sections)}")
    parser = _Ini()
    try:
        parser.read_dict(sections)
    except (IniError, AttributeError, TypeError) as error:
        raise TemplateError(f"to_ini failed to parse given dict:{error}") from error
    if not sections:
        raise TemplateError("to_ini received an empty dict. An empty dict cannot be converted.")
    written = io.StringIO()
    parser.write(written)
    return written.getvalue()[:-1]


def unicode_normalize(text: Any, form: Form = "NFC") -> str:
    """Text in one of Unicode's normal forms: NFC, NFD, NFKC, NFKD."""
    if not isinstance(text, str):
        raise TemplateError(f"{type(text)} is not a valid input type")
    if form not in get_args(Form):
        raise TemplateError(f"{form} is not a valid form")
    return unicodedata.normalize(form, text)


def random_mac(prefix: Any, seed: Any = None) -> str:
    """A MAC address that begins with ``prefix``, the rest random; the same for the same ``seed``."""
    if not isinstance(prefix, str):
        raise TemplateError(f"Invalid value type ({type(prefix)}) for random_mac ({prefix})")
    parts = prefix.lower().split(":")
    if len(parts) > 5:
        raise TemplateError(f"Invalid value ({prefix.lower()}) for random_mac: 5 colon(:) separated items max")
    wrong = [f"{part} not hexa byte" if part else "empty item" for part in parts if not re.match("[a-f0-9]{2}", part)]
    if wrong:
        raise TemplateError(f"Invalid value ({prefix.lower()}) for random_mac: {','.join(wrong)}")
    source = random.SystemRandom() if seed is None else random.Random(seed)
    rest = f"{source.randint(0x1000000000, 0x10000000000 - 1):x}"[: 2 * (6 - len(parts))]
    return prefix.lower() + re.sub("(..)", r":\1", rest)


def crc32(text: Any) -> str:
    """The CRC-32 of text, in hexadecimal digits."""
    if not isinstance(text, str):
        raise TemplateError(f"Invalid value type ({type(text)}) for crc32 ({text!r})")
    return f"{zlib.crc32(text.encode()):x}"


PLURALS: Final = {
    "ms": "milliseconds",
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
    "mo": "months",
    "y": "years",
}
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "accumulate": accumulate,
    "crc32": crc32,
    "from_csv": from_csv,
    "from_ini": from_ini,
    "groupby_as_dict": groupby_as_dict,
    "lists_difference": lists_difference,
    "lists_intersect": lists_intersect,
    "lists_symmetric_difference": lists_symmetric_difference,
    "lists_union": lists_union,
    "path_join": path_join,
    "random_mac": random_mac,
    "to_ini": to_ini,
    "to_time_unit": to_time_unit,
    "unicode_normalize": unicode_normalize,
    "version_sort": version_sort,
    **{f"to_{plural}": _to_unit(unit, plural) for unit, plural in PLURALS.items()},
}
GENERAL: Final = {f"community.general.{name}": function for name, function in FUNCTIONS.items()}
"""Full name → function."""
