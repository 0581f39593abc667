"""Files of assignments that shells and services read: ``NAME=value``, ``export NAME='value'``."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")


def read_dotenv(file: Path) -> dict[str, str]:
    """The assignments of ``file``; empty where it cannot be read. Quotes are a shell's; nothing is expanded."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    found = [match for match in map(LINE.fullmatch, lines) if match]
    return {match[1]: _unquoted(match[2].strip()) for match in found}


def _unquoted(text: str) -> str:
    try:
        return "".join(shlex.split(text, comments=True)[:1])
    except ValueError:
        return text
