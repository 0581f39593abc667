"""The argument types of Ansible's modules: the same leniency, so that playbooks run as they are.

Sources: ansible-core's documented option types (``bool`` takes yes/no/on/off/1/0/true/false, ``list`` splits text at
commas, ``raw`` is anything; numbers and booleans given for text become text).
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BeforeValidator

from orchestrator.model.truth import to_bool as to_bool

def to_text(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, dict | list):
        return json.dumps(value, default=str)
    raise ValueError(f"expected text, got {type(value).__name__}")


def to_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is not a whole number")
    if isinstance(value, float) and value != int(value):
        raise ValueError(f"{value!r} is not a whole number")
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a whole number") from None


def to_float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a number") from None


def to_list(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if value else []
    if isinstance(value, bool | int | float):
        return [str(value)]
    raise ValueError(f"expected a list, got {type(value).__name__}")


def to_dict(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.lstrip().startswith("{"):
        loaded = json.loads(value)
        if isinstance(loaded, dict):
            return loaded
    if isinstance(value, str) and "=" in value:
        return dict(pair.strip().split("=", 1) for pair in value.split(","))
    raise ValueError(f"expected a mapping, got {type(value).__name__}")


def to_mode(value: Any) -> str:
    """A file mode as text. A number is read as Ansible does: YAML's 0644 arrives as the integer 420."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:04o}"
    return to_text(value)


Bool = Annotated[bool, BeforeValidator(to_bool)]
Str = Annotated[str, BeforeValidator(to_text)]
Int = Annotated[int, BeforeValidator(to_int)]
Float = Annotated[float, BeforeValidator(to_float)]
StrList = Annotated[list[Str], BeforeValidator(to_list)]
AnyList = Annotated[list[Any], BeforeValidator(to_list)]
Dict = Annotated[dict[str, Any], BeforeValidator(to_dict)]
Mode = Annotated[str, BeforeValidator(to_mode)]
