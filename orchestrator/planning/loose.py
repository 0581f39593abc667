"""Versions as Python's old distutils read them where it was not strict: what tests compare and filters sort by."""

from __future__ import annotations

import re


def loose(text: str) -> list[int | str]:
    """Numbers and words in order: ``1.5.1b2`` is 1 5 1 b 2. A number beside a word cannot be compared."""
    parts = [part for part in re.split(r"(\d+|[a-z]+|\.)", text) if part and part != "."]
    return [int(part) if part.isdigit() else part for part in parts]
