"""The line to the controller: an action plug-in asks, and waits for the answer."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

from . import errors
from .module_utils.common.text.converters import to_text

_line: dict[str, TextIO] = {}


def begin() -> dict[str, Any]:
    """Take stdin and stdout for the line, so that what a plug-in prints cannot break it; returns what is told."""
    _line["in"], _line["out"] = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    told: dict[str, Any] = json.loads(_line["in"].readline())
    return told


def ask(do: str, **said: Any) -> Any:
    """What the controller answers. Raises one of Ansible's errors where it cannot."""
    _say({"do": do, **said})
    line = _line["in"].readline()
    if not line:
        sys.exit(1)  # the task is over, nobody waits for us
    answer = json.loads(line)
    if "error" in answer:
        raise getattr(errors, answer["error"], KeyError)(answer["message"])
    return answer["value"]


def end(result: dict[str, Any]) -> None:
    """Tell the task's result."""
    _say({"do": "end", "result": result})


def _say(said: dict[str, Any]) -> None:
    _line["out"].write(json.dumps(said, default=_plain, skipkeys=True) + "\n")
    _line["out"].flush()


def _plain(value: Any) -> Any:
    """A value that JSON does not know, as Ansible would keep it."""
    if isinstance(value, (set, frozenset)) or (hasattr(value, "keys") and hasattr(value, "__getitem__")):
        return dict(value) if hasattr(value, "keys") else list(value)
    return value.isoformat() if hasattr(value, "isoformat") else to_text(value)
