"""What keeps secrets out of sight: values known to be secret, found again in any text and in their usual encodings."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from orchestrator.model.secrets import Secret, plain

STARS = "***"
SHORTEST = 6
"""Shorter values are parts of too many innocent words to be hidden inside text."""
SHORTEST_LINE = 16
"""Lines of a secret of several lines (a key file) that are at least so long are hidden on their own, too."""
SHORTEST_PART = 8
"""Members of a JSON secret are often user names or regions; shorter ones are left alone."""
COMMON = frozenset(
    "admin administrator changeme default example localhost password passwd private public secret".split()
)


def is_trackable(secret: str | Secret) -> bool:
    """Whether ``secret`` can be hidden inside other text: it is long enough, and no common word."""
    value = plain(secret)
    return len(value) >= SHORTEST and value.lower() not in COMMON


class Redactor:
    """Replaces every registered value, and its encodings, by stars. Cheap where nothing is registered.

    Known encodings: base64 (both alphabets, at the three offsets a longer text can put it), hex, URL, JSON (and JSON
    in JSON), and the ways of shells to quote. ``too_short`` names what could not be hidden inside text: such a value is
    only hidden where it stands alone, and whoever registered it must tell the user.
    """

    def __init__(self, secrets: Mapping[str, str | Secret] | None = None) -> None:
        self.too_short: list[str] = []
        self._forms: set[str] = set()
        self._alone: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for name, value in (secrets or {}).items():
            self.add(value, name)

    def add(self, secret: str | Secret, name: str = "a secret") -> None:
        """Hide ``secret`` from now on; ``name`` is how messages call it."""
        value = plain(secret)
        if not value:
            return
        if not is_trackable(secret):
            self._alone.add(value)
            if name not in self.too_short:
                self.too_short.append(name)
            return
        new = set(_forms(value)) - self._forms
        if new:
            self._forms |= new
            longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """``text`` with stars in place of secrets."""
        if text in self._alone:
            return STARS
        return self._pattern.sub(STARS, text) if self._pattern else text

    def data(self, value: Any) -> Any:
        """Plain data (mappings, lists, scalars) with stars in place of secrets, in keys as well."""
        if not self._pattern and not self._alone:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.data(key): self.data(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(each) for each in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = str(value)
            return value if self.text(shown) == shown else STARS
        return value

    def stream(self) -> Stream:
        """A redactor for text that comes in pieces."""
        return Stream(self)

    def longest(self) -> int:
        """The length of the longest form that is looked for; 0 where there is none."""
        return max(map(len, self._forms), default=0)

    def matches(self, text: str) -> Iterator[tuple[int, int]]:
        """Where secrets stand in ``text``, as (start, end)."""
        return (found.span() for found in self._pattern.finditer(text)) if self._pattern else iter(())


class Stream:
    """Text in pieces, redacted as if it had come whole: what might be the beginning of a secret is held back."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, piece: str) -> str:
        """What may be shown after ``piece`` has come."""
        text = self._held + piece
        # Before this point every form fits into the text, so that a longer one cannot turn up later.
        certain = max(0, len(text) - self._redactor.longest() + 1)
        shown: list[str] = []
        done = 0
        for start, end in self._redactor.matches(text):
            if start >= certain:
                break
            shown += text[done:start], STARS
            done = end
        certain = max(done, certain)
        shown.append(text[done:certain])
        self._held = text[certain:]
        return "".join(shown)

    def end(self) -> str:
        """What was held back, when nothing follows."""
        held, self._held = self._held, ""
        return self._redactor.text(held)


def _forms(value: str) -> Iterator[str]:
    """``value`` in every shape in which it is looked for. Shapes of less than ``SHORTEST`` characters are left out."""
    lines = [line.strip() for line in value.splitlines() if len(line.strip()) >= SHORTEST_LINE]
    for text in dict.fromkeys([value, value.strip(), *lines, *_parts(value)]):
        yield from (form for form in _encodings(text) if len(form) >= SHORTEST)


def _parts(value: str) -> Iterator[str]:
    """What is secret by itself inside ``value``: the texts in JSON, the password in a URL."""
    if value.lstrip().startswith(("{", "[")):
        with suppress(ValueError, RecursionError):
            yield from (text for text in _leaves(json.loads(value)) if len(text) >= SHORTEST_PART)
    elif "://" in value:
        with suppress(ValueError):
            if len(password := urlsplit(value).password or "") >= SHORTEST_PART:
                yield from (password, unquote(password))


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _leaves(each)


def _encodings(text: str) -> Iterable[str]:
    data = text.encode("utf-8", "surrogateescape")
    yield text
    yield from _base64(data)
    yield from _wrapped(base64.b64encode(data).decode(), (64, 76))  # openssl, and base64 of Linux
    yield from _wrapped(base64.b64encode(data + b"\n").decode(), (64, 76))
    yield from _wrapped(data.hex(), (60,))  # xxd -p
    yield data.hex()
    yield data.hex().upper()
    yield from (quote(data), quote(data, safe=""), quote_plus(data))
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]
    yield repr(text)[1:-1]
    yield text.replace("'", "'\\''")
    yield text.replace("'", "'\"'\"'")
    yield re.sub(r'(["\\$`])', r"\\\1", text)
    yield re.sub(r"([^\w@%+=:,./-])", r"\\\1", text, flags=re.ASCII)


def _wrapped(text: str, widths: Iterable[int]) -> Iterator[str]:
    """The lines that tools break a long encoding into."""
    for width in widths:
        if len(text) > width:
            yield from (text[at : at + width] for at in range(0, len(text), width))


def _base64(data: bytes) -> Iterator[str]:
    """The part of ``data``'s base64 that does not depend on what stands before and behind it, at each offset."""
    for offset in range(3):
        whole = base64.b64encode(bytes(offset) + data).decode().rstrip("=")
        first = (offset * 8 + 5) // 6
        last = (offset + len(data)) * 8 // 6
        sure = whole[first:last]
        yield sure
        yield sure.replace("+", "-").replace("/", "_")
