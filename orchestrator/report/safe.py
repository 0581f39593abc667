"""Text from nodes made harmless for screens and files: control and direction characters become visible escapes."""

from __future__ import annotations

import re

# C0 but tab and newline, DEL and C1; Arabic letter mark, zero-width and direction marks, embeddings, isolates, line and
# paragraph separators, BOM. With these a node's output could rewrite the screen or reorder words. Lone surrogates stand
# for bytes that are no UTF-8.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def safe(text: str) -> str:
    """``text`` with each unsafe character as ``\\xNN`` or ``\\uNNNN``, and each byte that is no text as ``?`` (as
    ansible-core prints it); tabs and newlines stay."""
    return UNSAFE.sub(_escape, text)


def one_line(text: str) -> str:
    """``safe(text)`` on one line."""
    return safe(text).replace("\n", "\\n").replace("\t", " ")


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xD800 <= code <= 0xDFFF:
        return "?"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
