"""Where plug-ins talk to people: on stderr, so that stdout stays the run's own."""

from __future__ import annotations

import sys
from typing import Any


class Display:
    """Ansible's ``Display``, as far as plug-ins use it."""

    verbosity = 0

    def display(self, msg: Any, *_more: Any, **_options: Any) -> None:
        """Tell ``msg``."""
        sys.stderr.write(f"{msg}\n")

    def warning(self, msg: Any, formatted: bool = False, **_options: Any) -> None:
        """Tell ``msg`` as a warning."""
        sys.stderr.write(f"warning: {msg}\n")

    error = deprecated = warning

    def v(self, msg: Any, host: str | None = None, **_options: Any) -> None:
        """Details for developers: not shown."""

    vv = vvv = vvvv = vvvvv = debug = verbose = v
