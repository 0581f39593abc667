"""Module arguments for the moment, as modules use it that look at what they were given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ._told import ARGUMENTS


@contextmanager
def patch_module_args(args: dict[str, Any] | None = None) -> Iterator[None]:
    """``args`` are the module's arguments while this holds."""
    before = dict(ARGUMENTS)
    ARGUMENTS.clear()
    ARGUMENTS.update(args or {})
    try:
        yield
    finally:
        ARGUMENTS.clear()
        ARGUMENTS.update(before)
