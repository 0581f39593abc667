"""
Values as macOS tools print them: numbers, sizes, durations. Each reader returns None for what it does not understand.

Digits are ASCII and bounded in length, so that no text can make a reader fail or produce a number JSON cannot carry.
"""

import math
import re
from typing import Any

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,15})?")
_SIZE = re.compile(r"(-?[0-9]{1,12}(?:[.,][0-9]{1,6})?)\s*([KMGTPE]?)(i?)(B?)i?", re.IGNORECASE)
_CLOCK = re.compile(r"(?:([0-9]{1,6})[-+])?(?:([0-9]{1,6}):)?([0-9]{1,6}):([0-9]{2})(?:[.,]([0-9]{1,6}))?")
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
MAX_DEPTH = 60


def integer(text: str | None) -> int | None:
    """The decimal integer that is the whole text."""
    text = (text or "").strip()
    return int(text) if _INTEGER.fullmatch(text) else None


def number(text: str | None) -> float | None:
    """The decimal number that is the whole text; a comma may stand for the point, as some locales print it."""
    text = (text or "").strip()
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def size_bytes(text: str | None, base: int = 1024) -> int | None:
    """Bytes of a size such as `228Gi`, `711888KiB`, `2680M`, `7 GB`. Letters with an `i` always mean powers of 1024."""
    match = _SIZE.fullmatch((text or "").strip())
    if not match:
        return None
    step: int = 1024 if match[3] else base
    unit: int = step ** _POWERS[match[2].upper()]
    return round(float(match[1].replace(",", ".")) * unit)


def clock_s(text: str | None) -> float | None:
    """Seconds of `[[days-]hours:]minutes:seconds[.hundredths]`, as `ps` prints elapsed and processor time."""
    match = _CLOCK.fullmatch((text or "").strip())
    if not match:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
    fraction = float("0." + match[5]) if match[5] else 0.0
    return days * 86400 + hours * 3600 + minutes * 60 + seconds + fraction


def on_off(text: str | None) -> bool | None:
    """True for on, yes, enabled, true; False for their opposites."""
    word = (text or "").strip().rstrip(".").lower()
    if word in {"on", "yes", "enabled", "true"}:
        return True
    return False if word in {"off", "no", "disabled", "false"} else None


def identifier(name: str) -> str:
    """The printed name as a JSON key: `last exit code` → `last_exit_code`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def typed(text: str) -> int | str:
    """The text, or the integer it spells; leading zeros and signs make it a text (identifiers often have them)."""
    text = text.strip()
    value = integer(text)
    return text if value is None or str(value) != text else value


def decimal(value: float) -> float | None:
    """The float, or None where JSON has no word for it."""
    return value if math.isfinite(value) else None


def comma_list(text: str | None) -> list[str]:
    """The items of a list printed with commas, blanks around them dropped."""
    return [item.strip() for item in (text or "").split(",") if item.strip()]


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one: for foreign structures that may hold anything."""
    return value if isinstance(value, list) else []
