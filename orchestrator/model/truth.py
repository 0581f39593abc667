"""What counts as yes and as no, in Ansible's words."""

from __future__ import annotations

from typing import Any

TRUE = frozenset({"y", "yes", "on", "1", "true", "t"})
FALSE = frozenset({"n", "no", "off", "0", "false", "f"})


def to_bool(value: Any) -> bool:
    """``value`` as a boolean. Raises ValueError for what is neither yes nor no."""
    if isinstance(value, bool):
        return value
    word = str(value).lower().strip()
    if word in TRUE or value == 1:
        return True
    if word in FALSE or value == 0:
        return False
    raise ValueError(f"{value!r} is not a valid boolean; valid: yes/no, on/off, true/false, 1/0")
