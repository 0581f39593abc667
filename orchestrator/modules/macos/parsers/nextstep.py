"""
Old-style property lists, as `launchctl list LABEL`, `mdmclient` and `defaults read` print them.

    { key = value; "other key" = ( item, "item" ); data = <0a0b>; blob = {length = 2, bytes = 0x0a0b}; none = (null) }

The reader is forgiving: items may be parted by `,` or `;`, closing brackets may be missing, and it never fails.
"""

import re
from collections.abc import Iterator
from typing import Any

from orchestrator.modules.macos.parsers.structured import REDACTED, hides
from orchestrator.modules.macos.parsers.values import MAX_DEPTH, typed

_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*"?)"""
    r"""|(?P<blob>\{\s*length\s*=\s*(?P<length>[0-9]{1,12}),\s*bytes\s*=[^{}"=;]*\})"""
    r"""|(?P<null>\(null\))|(?P<data><[0-9a-fA-F\s]*>)|(?P<mark>[{}()=;,])"""
    r"""|(?P<word>[^\s{}()=;,"]+)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:U([0-9a-fA-F]{4})|([0-7]{3})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r"}
_END = ("end", None)


class _Tokens:
    """The tokens of a text with one of look-ahead; each is (kind, value), kind `mark`, `value` or `end`."""

    def __init__(self, text: str) -> None:
        self._source = _scan(text)
        self.head = next(self._source, _END)

    def take(self) -> tuple[str, Any]:
        """The next token, removed."""
        taken, self.head = self.head, next(self._source, _END)
        return taken


def from_nextstep(text: str) -> Any | None:
    """The first value in the text as JSON-able data; None for an empty text and for `(null)`."""
    return _value(_Tokens(text), 0)


def _scan(text: str) -> Iterator[tuple[str, Any]]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "quoted":
            yield "value", _unquoted(match[0])
        elif match["blob"]:
            yield "value", {"data_bytes": int(match["length"])}
        elif kind == "null":
            yield "value", None
        elif kind == "data":
            yield "value", {"data_bytes": len("".join(match[0][1:-1].split())) // 2}
        elif kind == "mark":
            yield "mark", match[0]
        else:
            yield "value", {"true": True, "false": False}.get(match[0], typed(match[0]))


def _unquoted(token: str) -> str:
    body = token[1:-1] if len(token) > 1 and token.endswith('"') else token[1:]
    return _ESCAPE.sub(_unescaped, body)


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2]:
        return chr(int(match[2], 8))
    return _LETTERS.get(match[3], match[3])


def _value(tokens: _Tokens, depth: int) -> Any:
    kind, value = tokens.take()
    if kind == "value":
        return value
    if depth > MAX_DEPTH or kind == "end":
        return None
    if value == "{":
        return _dictionary(tokens, depth + 1)
    return _array(tokens, depth + 1) if value == "(" else None


def _dictionary(tokens: _Tokens, depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    while tokens.head != _END:
        kind, key = tokens.take()
        if kind == "mark" and key == "}":
            break
        if kind == "value" and tokens.head == ("mark", "="):
            tokens.take()
            value = _value(tokens, depth)
            result[str(key)] = REDACTED if hides(str(key), value) else value
    return result


def _array(tokens: _Tokens, depth: int) -> list[Any]:
    result: list[Any] = []
    while tokens.head != _END:
        if tokens.head[0] == "mark" and tokens.head[1] in {")", ";", ",", "}", "="}:
            if tokens.take()[1] == ")":
                break
            continue
        result.append(_value(tokens, depth))
    return result
