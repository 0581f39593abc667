"""
Structured text: JSON and XML property lists as plain data, cleaned for JSON and free of identity and secrets.

Serial numbers, hardware UUIDs, network addresses and push tokens name one machine; they are replaced by the fixed
word "redacted" (no key, nothing to reverse). So are the values of settings whose name says secret.
"""

import json
import plistlib
import re
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError

from orchestrator.modules.macos.parsers.values import MAX_DEPTH, decimal

REDACTED = "redacted"
_IDENTITY = re.compile(
    r"serial_?number.*|.*udid|(platform|hardware|boot|machine)_?uuid|(bluetooth|ethernet|wi-?fi)_?mac(_?address)?"
    r"|unique_?chip_?id|ecid|.*token|.*accounthash|imei|meid|escrow.*|.*personalrecoverykey",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"passw|passphrase|secret|challenge|credential|private_?key|preshared|\bpsk\b|api_?key", re.IGNORECASE
)
# What plistlib and the XML reader below it raise for malformed input; found by reading both and by fuzzing.
_MALFORMED = (ValueError, ExpatError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


def from_json(text: str) -> Any | None:
    """The JSON document as clean data, None when it is not one."""
    try:
        return clean(json.loads(text, parse_constant=str))
    except (ValueError, RecursionError):
        return None


def from_xml_plist(text: str) -> Any | None:
    """
    The XML property list in the text as clean data, None when there is none.

    Its XML declaration and DOCTYPE are skipped: the text is decoded already, and no entity is wanted.
    """
    start, end = text.find("<plist"), text.rfind("</plist>")
    if start < 0 or end < 0:
        return None
    document = text[start : end + len("</plist>")].encode("utf-8", "replace")
    try:
        return clean(plistlib.loads(document, fmt=plistlib.FMT_XML))
    except _MALFORMED:
        return None


def clean(value: Any, depth: int = 0) -> Any:
    """The value with dates as ISO texts, data as its length, identity and secrets redacted, and depth bounded."""
    if depth > MAX_DEPTH:
        return "too deep"
    if isinstance(value, dict):
        return {str(key): _member(str(key), item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item, depth + 1) for item in value]
    if isinstance(value, bytes):
        return {"data_bytes": len(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return decimal(value)
    if isinstance(value, int) and abs(value) >= 10**18:
        return "number out of range"
    return value if isinstance(value, str | int | bool | None) else str(value)


def _member(key: str, value: Any, depth: int) -> Any:
    return REDACTED if hides(key, value) else clean(value, depth)


def hides(key: str, value: Any) -> bool:
    """True when the value must not be shown: its key is sensitive, and it is no switch and no group of fields."""
    return sensitive(key) and not isinstance(value, dict | bool | None) and value not in (0, 1)


def sensitive(key: str) -> bool:
    """True when the name of a field says that its value identifies the machine or is a secret."""
    return bool(_IDENTITY.fullmatch(key) or _SECRET.search(key))
