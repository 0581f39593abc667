"""Lookups into small data files: CSV and INI."""

from __future__ import annotations

import configparser
import csv
import io
import re
from collections.abc import Mapping
from typing import Any, Final

from orchestrator.language.free_form import split_free_form
from orchestrator.model.errors import TemplateError
from orchestrator.planning.lookups.base import Call, Lookup, options_of

_CSV: Final = {"file": "ansible.csv", "delimiter": "TAB", "encoding": "utf-8", "default": None, "col": 1, "keycol": 0}
_INI: Final[Mapping[str, Any]] = {
    "type": "ini",
    "file": "ansible.ini",
    "section": "global",
    "re": False,
    "encoding": "utf-8",
    "default": "",
    "case_sensitive": False,
    "allow_no_value": False,
    "allow_none": False,
    "interpolation": True,
}

NO_CSV = "expected str, bytes or os.PathLike object, not NoneType"
NO_INI = "Invalid filename None."
"""Ansible's words, which playbooks compare, where the file is not there."""


def _read(call: Call, how: Mapping[str, Any], missing: str) -> str:
    return call.surroundings.read(call.find(how["file"], missing=missing)).decode(how["encoding"])


def csvfile(call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """For each key the value in column ``col`` of the row that has it in column ``keycol`` (both from 0)."""
    if not terms:
        raise TemplateError("Search key is required but was not found")
    found = []
    for term in terms:
        key, inline = split_free_form(str(term))
        if key is None:
            raise TemplateError("Search key is required but was not found")
        how = options_of("csvfile", options, _CSV, inline)
        value = _cell(_read(call, how, NO_CSV), key, how)
        found += value if isinstance(value, list) else [] if value is None else [value]
    return found


def _cell(text: str, key: str, how: Mapping[str, Any]) -> Any:
    delimiter = "\t" if how["delimiter"] == "TAB" else how["delimiter"]
    keycol, col = (_column(how[name], name) for name in ("keycol", "col"))
    for row in csv.reader(io.StringIO(text, newline=""), dialect=csv.excel, delimiter=delimiter):
        if row and row[keycol] == key:
            return row[col]
    return how["default"]


def _column(value: Any, name: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise TemplateError(f"{name} has an invalid value: {value!r} is no number") from None


def ini(call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """For each key its value in ``section`` of an INI file, or in a Java properties file."""
    found: list[Any] = []
    for term in terms:
        key, inline = _inline(str(term))
        how = options_of("ini", options, _INI, inline)
        value = _value(_read(call, how, NO_INI), key, how)
        found += value if isinstance(value, list) else [] if value is None else [value]
    return found


def _inline(term: str) -> tuple[str, dict[str, str]]:
    """The key and the options of the old form ``key section=x file=y``."""
    if "=" not in term:
        return term, {}
    starts = [match.start() for match in re.finditer(r"(?:^|(?<=\s))(?:" + "|".join(_INI) + ")=", term)]
    if not starts:
        name = term.split("=", 1)[0].split()[-1]
        raise TemplateError(f"{name!r} is not a valid option of ini", hint=f"it takes {', '.join(_INI)}")
    parts = [term[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
    key = term[: starts[0]].strip()
    if not key:
        raise TemplateError(f"No key to look up was provided as first term within string inline options: {term}")
    return key, dict(part.split("=", 1) for part in parts)


def _value(text: str, key: str, how: Mapping[str, Any]) -> Any:
    parser = configparser.ConfigParser(
        allow_no_value=bool(how["allow_no_value"] or how["allow_none"]),
        interpolation=configparser.BasicInterpolation() if how["interpolation"] else None,
    )
    if how["case_sensitive"]:
        parser.optionxform = str  # type: ignore[assignment,method-assign]
    is_properties = how["type"] == "properties"
    section = "java_properties" if is_properties else how["section"]
    try:
        parser.read_string(f"[{section}]\n{text}" if is_properties else text)
        if how["re"]:
            return [value for name, value in parser.items(section) if re.match(key, name)]
        return parser.get(section, key)
    except configparser.NoOptionError:
        return how["default"]
    except configparser.NoSectionError:
        raise TemplateError(f"No section {section!r} in {how['file']!r}.") from None
    except configparser.DuplicateOptionError as error:
        raise TemplateError(f"Duplicate option in {how['file']!r}: {error.message}") from error
    except configparser.Error as error:
        raise TemplateError(f"{how['file']}: {error.message}") from error


TABLES: Final[Mapping[str, Lookup]] = {"csvfile": csvfile, "ini": ini}
