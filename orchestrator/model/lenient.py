"""Values as Ansible's option types take them: the same leniency, so that playbooks run as they are.

Sources: ansible-core's documented option types (``bool`` takes yes/no/on/off/1/0/true/false, ``list`` splits text at
commas, ``raw`` is anything; numbers and booleans given for text become text). Each raises ValueError for what it
cannot take.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

TRUE = frozenset({"y", "yes", "on", "1", "true", "t"})
FALSE = frozenset({"n", "no", "off", "0", "false", "f"})


class AsSaid(ValueError):
    """A mistake in the whole words that Ansible has for it: no argument's name is put before them."""


def to_bool(value: Any) -> bool:
    """``value`` as a boolean. Raises ValueError for what is neither yes nor no."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, str | int | float):
        raise ValueError(f"{_kind(value)} cannot be converted to a bool")
    word = str(value).lower().strip()
    if word in TRUE or value == 1:
        return True
    if word in FALSE or value == 0:
        return False
    valid = ", ".join(repr(each) for each in (*sorted(TRUE | FALSE), 1, 0))
    raise ValueError(f"The value '{value}' is not a valid boolean. Valid booleans include: {valid}")


def to_text(value: Any) -> str:
    """``value`` as text: what is none, in Python's own spelling; nothing at all is empty text."""
    if isinstance(value, bytes):  # what `!!binary` gives
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else str(value)


def to_int(value: Any) -> int:
    """``value`` as an integer; numbers with a fraction of zero are some, too."""
    if isinstance(value, int):
        return int(value)
    try:
        number = Decimal(value)
        if number != (whole := int(number)):
            raise ValueError
    except (ArithmeticError, TypeError, ValueError):
        raise ValueError(f'"{value!r}" cannot be converted to an int') from None
    return whole


def to_float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{_kind(value)} cannot be converted to a float") from None


def to_list(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if value else []
    if isinstance(value, bool | int | float):
        return [str(value)]
    raise ValueError(f"{_kind(value)} cannot be converted to a list")


def to_dict(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.lstrip().startswith("{"):
        loaded = json.loads(value)
        if isinstance(loaded, dict):
            return loaded
    if isinstance(value, str) and "=" in value:
        return dict(pair.strip().split("=", 1) for pair in value.split(","))
    if isinstance(value, str):
        raise ValueError("dictionary requested, could not parse JSON or key=value")
    raise ValueError(f"{_kind(value)} cannot be converted to a dict")


def to_mode(value: Any) -> str:
    """A file mode as text. A number is read as Ansible does: YAML's 0644 arrives as the integer 420."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:04o}"
    return to_text(value)


def _kind(value: Any) -> str:
    """The type of ``value`` as Python itself names it: our texts and containers know their places besides."""
    return str(next(base for base in type(value).__mro__ if base.__module__ == "builtins"))
