"""A form as ``multipart/form-data``, as the fields of ``uri`` describe it.

Sources: RFC 7578; the order and the heads of the parts are those of Ansible's uri, so that servers see the same.
"""

from __future__ import annotations

import base64
import mimetypes
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LINE_END = "\r\n"


def multipart(fields: Mapping[str, Any], read: Callable[[str], bytes]) -> tuple[str, str]:
    """The content type and the body; ``read`` gives the bytes of a field's file. Raises ValueError for what is no
    field."""
    boundary = f"==============={secrets.randbits(63):019d}=="
    parts = [_part(name, value, read) for name, value in sorted(fields.items())]
    body = "".join(f"--{boundary}{LINE_END}{part}{LINE_END}" for part in parts)
    return f'multipart/form-data; boundary="{boundary}"', f"{body}--{boundary}--{LINE_END}"


def _part(name: str, value: Any, read: Callable[[str], bytes]) -> str:
    """One field, head and content."""
    if isinstance(value, str):
        return _joined(["Content-Type: text/plain", _disposition(name)], value)
    if not isinstance(value, Mapping):
        raise ValueError(f"value must be a string, or mapping, cannot be type {type(value).__name__}")
    file, content = str(value.get("filename") or ""), value.get("content")
    if not file and not content:
        raise ValueError("at least one of filename or content must be provided")
    kind = value.get("mime_type") or mimetypes.guess_type(file, strict=False)[0] or "application/octet-stream"
    head = [f"Content-Type: {kind}", _disposition(name, file)]
    if content:
        return _joined(head, str(content))
    if (encoding := value.get("multipart_encoding") or "base64") == "base64":
        text = base64.encodebytes(read(file)).decode().replace("\n", LINE_END)
        return _joined(["Content-Transfer-Encoding: base64", *head], text)
    if encoding != "7or8bit":
        raise ValueError("multipart_encoding must be one of dict_keys(['base64', '7or8bit']).")
    data = read(file)
    return _joined([f"Content-Transfer-Encoding: {'7bit' if data.isascii() else '8bit'}", *head], data.decode())


def _disposition(name: str, file: str = "") -> str:
    named = f'; filename="{Path(file).name}"' if file else ""
    return f'Content-Disposition: form-data; name="{name}"{named}'


def _joined(head: list[str], content: str) -> str:
    return LINE_END.join([*head, "", content])
