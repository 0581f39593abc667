"""Where plug-ins look for ``Group``."""

from __future__ import annotations

import re

from .data import Group


def to_safe_group_name(name: str, replacer: str = "_", force: bool = False, silent: bool = False) -> str:
    """``name`` with ``replacer`` for all that could be in no variable's name."""
    return re.sub(r"^[\d\W]|[^\w]", replacer, name)


__all__ = ["Group", "to_safe_group_name"]
