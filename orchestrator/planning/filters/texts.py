"""Filters that make text of text: quoting, regular expressions, comments, URLs, base64."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus, urlsplit

from orchestrator.model.errors import TemplateError


def text_of(value: Any) -> str:
    """``value`` as text: bytes decoded, all else as Python prints it."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def bytes_of(value: Any, encoding: str = "utf-8") -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(encoding, "surrogateescape")


def _flags(ignorecase: bool = False, multiline: bool = False) -> int:
    return (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0)


def quote(value: Any) -> str:
    """``value`` as one word of a shell; nothing for None."""
    return shlex.quote("" if value is None else text_of(value))


def regex_replace(
    value: Any = "",
    pattern: str = "",
    replacement: str = "",
    ignorecase: bool = False,
    multiline: bool = False,
    count: int = 0,
    mandatory_count: int = 0,
) -> str:
    """``value`` with what ``pattern`` matches replaced; an error unless it happened ``mandatory_count`` times."""
    compiled = re.compile(pattern, _flags(ignorecase, multiline))
    changed, times = compiled.subn(replacement, text_of(value), count=count)
    if mandatory_count and mandatory_count != times:
        raise TemplateError(f"'{pattern}' should match {mandatory_count} times, but matches {times} times in '{value}'")
    return changed


def regex_findall(value: Any, regex: str, multiline: bool = False, ignorecase: bool = False) -> list[Any]:
    """All matches of ``regex``: texts, or tuples where it has several groups."""
    return re.findall(regex, text_of(value), _flags(ignorecase, multiline))


def regex_search(
    value: Any, regex: str, *groups: str, ignorecase: bool = False, multiline: bool = False, **_ignored: Any
) -> Any:
    """The first match, or its ``groups`` (``\\1``, ``\\g<name>``) as a list; None where nothing matches."""
    wanted = [_group(group) for group in groups]
    match = re.search(regex, text_of(value), _flags(ignorecase, multiline))
    if match is None:
        return None
    return [match.group(group) for group in wanted] if wanted else match.group()


def _group(name: str) -> str | int:
    if named := re.match(r"\\g<(\S+)>", name):
        return named.group(1)
    if numbered := re.match(r"\\(\d+)", name):
        return int(numbered.group(1))
    said = "'NoneType' object has no attribute 'group'" if name.startswith("\\") else "Unknown argument"
    raise TemplateError(said, hint=r"groups are written \1 or \g<name>")


def regex_escape(value: Any, re_type: str = "python") -> str:
    """``value`` as a pattern that matches only itself."""
    if re_type == "python":
        return re.escape(text_of(value))
    if re_type == "posix_basic":
        return re.sub(r"([].[^$*\\])", r"\\\1", text_of(value))
    if re_type == "posix_extended":
        raise TemplateError(f"Regex type ({re_type}) not yet implemented")
    raise TemplateError(f"Invalid regex type ({re_type})")


def split(value: str, sep: str | None = None, maxsplit: int = -1) -> list[str]:
    """``value`` cut at ``sep``, or at blanks."""
    return str.split(value, sep, maxsplit)


def b64encode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """``value`` in base64."""
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    return encode(bytes_of(value, encoding)).decode("ascii")


def b64decode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """The text behind base64."""
    decode = base64.urlsafe_b64decode if urlsafe else base64.b64decode
    return decode(bytes_of(value)).decode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")


_URL_PARTS = ("fragment", "hostname", "netloc", "password", "path", "port", "query", "scheme", "username")


def split_url(value: str, query: str = "") -> Any:
    """The parts of a URL by name, or the one part asked for."""
    url = urlsplit(value)
    parts = {part: getattr(url, part) for part in _URL_PARTS}
    if not query:
        return parts
    if query not in parts:
        raise ValueError(f"urlsplit: unknown URL component: {query}")
    return parts[query]


_COMMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "plain": {"decoration": "# "},
    "erlang": {"decoration": "% "},
    "c": {"decoration": "// "},
    "cblock": {"beginning": "/*", "decoration": " * ", "end": " */"},
    "xml": {"beginning": "<!--", "decoration": " - ", "end": "-->"},
}


def comment(text: str, style: str = "plain", **changes: Any) -> str:
    """``text`` as a comment; ``changes`` may set newline, beginning, prefix, prefix_count, decoration, postfix …"""
    if style not in _COMMENTS:
        raise TemplateError(f"Invalid style {style!r}.", hint=f"Available styles: {', '.join(_COMMENTS)}")
    edge = changes.get("decoration", _COMMENTS[style]["decoration"]).rstrip()
    part: dict[str, Any] = {
        "newline": "\n",
        "beginning": "",
        "end": "",
        "decoration": "",
        "prefix": edge,
        "prefix_count": 1,
        "postfix": edge,
        "postfix_count": 1,
        **_COMMENTS[style],
        **changes,
    }
    newline, decoration = part["newline"], part["decoration"]
    beginning = part["beginning"] + newline if part["beginning"] else ""
    prefix = newline if part["prefix"] == newline else part["prefix"] + newline if part["prefix"] else ""
    body = decoration + text.replace(newline, newline + decoration)
    body = body.replace(decoration + newline, decoration.rstrip() + newline)
    postfix = (newline + part["postfix"]) * int(part["postfix_count"])
    end = newline + part["end"] if part["end"] else ""
    return f"{beginning}{prefix * int(part['prefix_count'])}{body}{postfix}{end}"


TEXTS: Final[Mapping[str, Callable[..., Any]]] = {
    "b64decode": b64decode,
    "b64encode": b64encode,
    "comment": comment,
    "quote": quote,
    "regex_escape": regex_escape,
    "regex_findall": regex_findall,
    "regex_replace": regex_replace,
    "regex_search": regex_search,
    "split": split,
    "urldecode": unquote_plus,
    "urlsplit": split_url,
}
