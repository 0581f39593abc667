"""Property list values as Apple's tools print and parse them, and property list files read and written whole."""

from __future__ import annotations

import os
import plistlib

from orchestrator.sim.tools.base import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_plist(path: str) -> Any:
    """The value in a file, XML or binary; raises ValueError or OSError."""
    with open(path, "rb") as file:
        content = file.read()
    try:
        return plistlib.loads(content)
    except (plistlib.InvalidFileException, ValueError, IndexError, OverflowError) as error:
        raise ValueError(str(error)) from error
    except Exception as error:  # the XML parser's own error class is not worth an import at each start
        if type(error).__name__ == "ExpatError":
            raise ValueError(str(error)) from error
        raise


def write_plist(path: str, value: Any, binary: bool) -> None:
    """Replace a file's value in one step; the mode of the file is kept."""
    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o644
    fresh = f"{path}.{os.getpid()}"
    with open(fresh, "wb") as file:
        plistlib.dump(value, file, fmt=plistlib.FMT_BINARY if binary else plistlib.FMT_XML, sort_keys=False)
    os.chmod(fresh, mode)
    os.replace(fresh, path)


def is_binary(path: str) -> bool:
    if not os.path.exists(path):
        return False
    with open(path, "rb") as file:
        return file.read(6) == b"bplist"


def openstep(value: Any, depth: int = 0) -> str:
    """A value in the old property list form that `defaults read` prints."""
    pad, inner = "    " * depth, "    " * (depth + 1)
    if isinstance(value, dict):
        rows = (f"{inner}{quoted(key)} = {openstep(item, depth + 1)};\n" for key, item in sorted(value.items()))
        return "{\n" + "".join(rows) + pad + "}"
    if isinstance(value, list):
        return "(\n" + ",\n".join(f"{inner}{openstep(item, depth + 1)}" for item in value) + f"\n{pad})"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes):
        return f"{{length = {len(value)}, bytes = 0x{value.hex()}}}"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return quoted(str(value)) if depth else str(value)


def quoted(text: str) -> str:
    """Text bare where it is one plain word, else in double quotes."""
    if text and all(letter.isascii() and (letter.isalnum() or letter in "_.$/:") for letter in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def raw(value: Any) -> str:
    """A value as `plutil -extract KEY raw` prints it: containers by their keys or length."""
    if isinstance(value, dict):
        return "\n".join(value)
    if isinstance(value, list):
        return str(len(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:f}"
    return str(value)


def typed(flag: str, words: list[str]) -> Any:
    """The value of `-int 3`, `-array a b`, `-dict k v`… as `defaults write` takes them."""
    text = words[0] if words else ""
    try:
        match flag.lstrip("-"):
            case "string" | "":
                return text
            case "int" | "integer":
                return int(text)
            case "float" | "real":
                return float(text)
            case "bool" | "boolean":
                return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.lower()]
            case "data":
                return bytes.fromhex(text)
            case "array" | "array-add":
                return list(words)
            case "dict" | "dict-add":
                return dict(zip(words[::2], words[1::2], strict=True))
    except (ValueError, KeyError) as error:
        raise Refusal(255, f"Unexpected argument {text}; leaving defaults unchanged.") from error
    raise Refusal(255, f"Unexpected argument {flag}; leaving defaults unchanged.")
