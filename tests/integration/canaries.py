"""Values that must never be seen, the shapes in which they would be seen, and a search that is not the product's.

The values are made by chance from a seed, so that the same ones come again and none stands in this file.
"""

from __future__ import annotations

import base64
import json
import random
import shlex
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def made(seed: int) -> dict[str, str]:
    """The 24 canaries of this seed, by kind."""
    chance = random.Random(seed)

    def letters(count: int) -> str:
        return "".join(chance.choices(LETTERS, k=count))

    def b64(count: int) -> str:
        return base64.b64encode(chance.randbytes(count)).decode()

    body = b64(96)
    key = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return {
        "hex_16": chance.randbytes(16).hex(),
        "hex_32": chance.randbytes(32).hex(),
        "hex_64": chance.randbytes(64).hex(),
        "base64_16": b64(16),
        "base64_32": b64(32),
        "base64_64": b64(64),
        "base64_url": base64.urlsafe_b64encode(chance.randbytes(33)).decode(),
        "pem": f"-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----",
        "json": json.dumps({"user": "admin", "password": letters(20), "port": 8443}),
        "double_quotes": f'{letters(8)}"{letters(8)}"x',
        "single_quotes": f"{letters(8)}'{letters(8)}'x",
        "spaces": f"{letters(6)} {letters(6)}  {letters(6)}",
        "dollar": f"{letters(6)}$HOME${{PATH}}$(id){letters(6)}",
        "backticks": f"{letters(6)}`id`{letters(6)}",
        "utf8": f"{letters(5)}påsswörd–ключ–鍵{letters(5)}",
        "leading_dash": f"-n{letters(14)}",
        "six": letters(6),
        "url": f"https://robot:{letters(18)}@git.example.org/team/repo.git?x=1&y=%20",
        "common": "password",
        "backslashes": f"{letters(6)}\\n\\t\\\\{letters(8)}",
        "percent": f"{letters(6)}%s%d%{letters(8)}",
        "template": f"{letters(6)}{{{{ 7 * 6 }}}}{letters(6)}",
        "shell": f"{letters(6)};id|cat&*?[a-z]~#{letters(6)}",
        "jwt": f"eyJ{letters(33)}.eyJ{letters(60)}.{letters(43)}",
    }


def _base64(offset: int) -> Callable[[str], list[str]]:
    def cores(text: str) -> list[str]:
        data = text.encode()
        whole = base64.b64encode(b"\0" * offset + data).decode()
        # Without the characters that share bits with what stands before or behind.
        first, last = -(-offset * 8 // 6), (offset + len(data)) * 8 // 6
        core = whole[first:last]
        return [core, core.replace("+", "-").replace("/", "_")]

    return cores


ENCODINGS: Mapping[str, Callable[[str], Iterable[str]]] = {
    "raw": lambda text: [text, *(line for line in text.splitlines() if len(line) > 40)],
    "base64": _base64(0),
    "base64, one byte on": _base64(1),
    "base64, two bytes on": _base64(2),
    "hex": lambda text: [text.encode().hex(), text.encode().hex().upper()],
    "url": lambda text: [quote(text), quote(text, safe=""), quote_plus(text)],
    "json": lambda text: [json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]],
    "shell": lambda text: [shlex.quote(text).strip("'"), text.replace("'", "'\"'\"'")],
    "html": lambda text: [text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")],
    "json in json": lambda text: [json.dumps(json.dumps(text)[1:-1])[1:-1]],
}
"""Encoding → what to look for. Chunks and gzip are ways to a sink: they leave one of these shapes behind."""


class Hunt:
    """Looks for all shapes of some canaries."""

    def __init__(self, canaries: Mapping[str, str]) -> None:
        self.shapes = [
            (name, encoding, shape.encode("utf-8", "surrogateescape"))
            for name, value in canaries.items()
            for encoding, encode in ENCODINGS.items()
            for shape in dict.fromkeys(encode(value))
            if len(shape) >= 6
        ]
        self.looks = 0
        self.found: list[str] = []

    def look(self, sink: str, *contents: bytes | str) -> None:
        """Look through everything that ``sink`` holds; hits go to ``found``."""
        data = b"\0".join(map(_bytes, contents))
        unpacked = b"\0".join([data, *_gzips(data)])
        self.looks += len({(name, encoding) for name, encoding, _ in self.shapes})
        self.found += [f"{sink}: {name}, {encoding}" for name, encoding, shape in self.shapes if shape in unpacked]


def _bytes(content: bytes | str) -> bytes:
    return content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content


def _gzips(data: bytes) -> Iterator[bytes]:
    """What is packed in ``data``."""
    at = data.find(b"\x1f\x8b\x08")
    while at >= 0:
        try:
            yield zlib.decompressobj(31).decompress(data[at:])
        except zlib.error:
            pass
        at = data.find(b"\x1f\x8b\x08", at + 1)
