"""The ``sequence`` lookup: numbers, formatted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from orchestrator.language.free_form import split_free_form
from orchestrator.model.errors import TemplateError
from orchestrator.planning.lookups.base import Call, Lookup, options_of
from orchestrator.planning.markers import type_name

_DEFAULTS: Final = {"start": 1, "end": None, "count": None, "stride": 1, "format": "%d"}
_NUMBER = "0(?:x[0-9a-f]+|[0-7]+)|[0-9]+|0"
_SHORT: Final = re.compile(
    rf"^(?:(?P<start>{_NUMBER})-)?(?P<end>{_NUMBER})(?:/(?P<stride>{_NUMBER}))?(?::(?P<format>.+))?$", re.IGNORECASE
)
"""``[start-]end[/stride][:format]``. Numbers like 0x3f8 are documented, but refused since options have types."""


def sequence(_call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """For each term the numbers it describes, as text."""
    numbers: list[Any] = []
    for term in terms or ([""] if options else []):
        if not isinstance(term, str):
            raise TemplateError(
                f"unknown error parsing with_sequence arguments: {term!r}. "
                f"Error was: expected string or bytes-like object, got {type_name(term)!r}"
            )
        said = _read(term)
        if unknown := [name for name in said if name not in _DEFAULTS]:
            raise TemplateError(f"unrecognized arguments to with_sequence: {unknown}")
        numbers += _numbers(options_of("sequence", options, _DEFAULTS, said))
    return numbers


def _read(term: str) -> dict[str, Any]:
    if short := _SHORT.match(term):
        return {key: value for key, value in short.groupdict().items() if value is not None}
    raw, options = split_free_form(term)
    if raw:
        raise TemplateError(f"unrecognized arguments to with_sequence: {raw!r} has an invalid value")
    return dict(options)


def _numbers(said: dict[str, Any]) -> list[str]:
    start, stride = _integer(said["start"]), _integer(said["stride"])
    if (said["count"] is None) == (said["end"] is None):
        lacks = "must specify count or end" if said["end"] is None else "can't specify both count and end"
        raise TemplateError(f"{lacks} in with_sequence")
    count = None if said["count"] is None else _integer(said["count"])
    if count == 0 or stride == 0:
        return []
    end = start + count * stride - 1 if count is not None else _integer(said["end"])
    if stride > 0 and end < start:
        raise TemplateError("to count backwards make stride negative")
    if stride < 0 and end > start:
        raise TemplateError("to count forward don't make stride negative")
    form = str(said["format"])
    if form.count("%") != 1:
        raise TemplateError(f"bad formatting string: {form}")
    try:
        return [form % number for number in range(start, end + (1 if stride > 0 else -1), stride)]
    except (ValueError, TypeError) as error:
        raise TemplateError(f"problem formatting with {form!r}: {error}") from error


def _integer(value: Any) -> int:
    """A number as ansible-core 2.19 converts an option: decimal (``010`` is ten), without a fraction."""
    try:
        number = Decimal(str(value))
        if number == (whole := int(number)):
            return whole
    except (ArithmeticError, ValueError):
        pass
    raise TemplateError(f"a number of with_sequence has an invalid value: {value!r}")


SEQUENCES: Final[Mapping[str, Lookup]] = {"sequence": sequence}
