"""One line of a journal: an event with its number and time, and its form as JSON text."""

from __future__ import annotations

import json
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from orchestrator.model.events import Event, from_json, to_json
from orchestrator.model.frozen import frozen

TOLD_CHARS = 256 * 1024
"""So much of one long text is told, on screens too, where an event has more text than ``MOST_TOLD_CHARS``."""

MOST_TOLD_CHARS = 2 * 1024 * 1024

MARGIN_CHARS = 64 * 1024
"""What is looked at for secrets behind the place of a cut: none is cut in two and told by half."""

RESULT_BYTES = 1024 * 1024
"""An event's JSON is trimmed to about this size before it is written."""

KEPT_CHARS = 16 * 1024
"""What stays of one long text of a trimmed event."""


@frozen
class Entry:
    """An event as the journal took it. ``seq`` counts from 1 without gaps; ``at`` is seconds since 1970 (UTC)."""

    seq: int
    at: float
    event: Event


def encode(event: Event) -> dict[str, Any]:
    """``event`` as plain JSON data; anything that JSON lacks (dates, bytes, sets, odd keys) becomes text."""
    data: dict[str, Any] = _plain(to_json(event))
    return data


def told(event: Event, redact: Callable[[Any], Any]) -> dict[str, Any]:
    """``event`` as plain JSON data as everybody may see it: without secrets, and very long texts cut before any copy of
    them is made."""
    data = to_json(event)
    if _chars(data) > MOST_TOLD_CHARS:
        data = _shortened(data, redact)
    found: dict[str, Any] = redact(_plain(data))
    return found


def is_long(event: Event) -> bool:
    """Whether ``event`` is sure not to be written whole."""
    return _chars(to_json(event)) > RESULT_BYTES


def decode(data: Mapping[str, Any]) -> Event:
    """The event behind ``data``."""
    return from_json(data)


def is_json(value: Any) -> bool:
    """Whether ``value`` is the same after a way through JSON (a tuple comes back as a list, which is as good)."""
    match value:
        case None | bool() | int() | float():
            return True
        case str():
            return value.isascii() or value == value.encode("utf-8", "replace").decode()
        case Mapping():
            return all(isinstance(key, str) and is_json(each) for key, each in value.items())
        case list() | tuple():
            return all(map(is_json, value))
    return False


def is_short(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` is written whole."""
    return _chars(data) <= RESULT_BYTES and len(_dump(data)) <= RESULT_BYTES


def text_of(data: Mapping[str, Any]) -> str:
    """``data`` as one line of JSON, trimmed where it is larger than ``RESULT_BYTES``."""
    if _chars(data) <= RESULT_BYTES and len(text := _dump(data)) <= RESULT_BYTES:
        return text
    for kept in (KEPT_CHARS, KEPT_CHARS // 16):
        text = _dump(_trimmed(data, kept))
        if len(text) <= RESULT_BYTES:
            return text
    return _dump(_gutted(data, len(text)))


_SCALARS = frozenset({type(None), bool, int, float})


def _chars(data: Any) -> int:
    """How many characters are in the texts of ``data``: its JSON is at least so long. What is far too long is
    not made to be measured."""
    total, left = 0, [data]
    while left:
        value = left.pop()
        kind = type(value)
        if kind is str:
            total += len(value)
        elif kind is dict:
            left += value.values()
        elif kind is list or kind is tuple:
            left += value
        elif kind not in _SCALARS:
            if isinstance(value, str):
                total += len(value)
            elif isinstance(value, Mapping):
                left += value.values()
    return total


_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON as the journal writes it; one encoder for all, since making it costs more than most events."""


def _named(key: Any) -> str:
    """A key of a mapping, as JSON names what is no text."""
    said: str = _plain(str(key).lower() if type(key) is bool else str(key))
    return said


def _plain(value: Any) -> Any:
    kind = type(value)
    if (kind is str and value.isascii()) or value is None or kind in (bool, int, float):
        return value  # most values, told apart without asking what they are like
    if kind is dict:
        return {key if type(key) is str and key.isascii() else _named(key): _plain(value[key]) for key in value}
    if isinstance(value, Mapping):
        return {_named(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # a byte that is no text is told as ?, as Ansible prints it
    if isinstance(value, set | frozenset):
        return sorted((_plain(each) for each in value), key=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, int | float) else str(value)


def _trimmed(value: Any, kept: int) -> Any:
    if isinstance(value, str) and len(value) > kept:
        was_cut = value[-60:].partition("… [trimmed: ")[2].removesuffix("]")
        return f"{value[:kept]}… [trimmed for the journal: {was_cut or f'{len(value)} characters'}]"
    if isinstance(value, Mapping):
        return {key: _trimmed(each, kept) for key, each in value.items()}
    if isinstance(value, list):
        few = [_trimmed(each, kept) for each in value[:1000]]
        return few if len(value) <= 1000 else [*few, f"… [trimmed for the journal: {len(value)} items]"]
    return value


def _shortened(value: Any, redact: Callable[[Any], Any]) -> Any:
    if isinstance(value, str) and len(value) > TOLD_CHARS + MARGIN_CHARS:
        seen: str = redact(_plain(value[: TOLD_CHARS + MARGIN_CHARS]))
        return f"{seen[:-MARGIN_CHARS]}… [trimmed: {len(value)} characters]"
    if isinstance(value, Mapping):
        return {key: _shortened(each, redact) for key, each in value.items()}
    if isinstance(value, list | tuple):
        few = value[: _fitting(value)]
        rest = [] if len(few) == len(value) else [f"… [trimmed: {len(value)} items]"]
        return [*(_shortened(each, redact) for each in few), *rest]
    return value


def _fitting(values: Sequence[Any]) -> int:
    """How many of ``values`` are told: all, but of texts – a text's lines – no more than together make a long one."""
    if not all(isinstance(each, str) for each in values):
        return len(values)
    return bisect(list(accumulate(map(len, values))), TOLD_CHARS)


def _gutted(data: Mapping[str, Any], size: int) -> dict[str, Any]:
    """``data`` with only its small fields: the last resort for an event of very many values."""
    small = {key: value for key, value in data.items() if not isinstance(value, Mapping | list)}
    if "result" in data:
        small["result"] = {"msg": f"[trimmed for the journal: a result of {size} characters]"}
    return small
