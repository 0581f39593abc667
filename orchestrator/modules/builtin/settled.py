"""How a node can see for itself that a line is as ``lineinfile`` wants it, so that one program is enough.

grep(1) must find the very lines that Python's ``re`` finds. That is sure of plain expressions only: characters, some of
them repeated, white space, and the ends of the line. All others are judged here, after the file was read.
"""

from __future__ import annotations

import re

_ATOM = re.compile(r"""(?P<atom>[A-Za-z0-9 _=/:,;"'<>@%&~`#!-]|\\[.^$*+?(){|\[\\]|\\s)(?P<many>[*+?]?)(?![*+?{])""")
_ANY_REST = re.compile(r"(?<!\\)\.\*\$?$")
_SPACE = "[[:space:]]"


def extended(pattern: str) -> str | None:
    """``pattern`` as an extended regular expression (POSIX) that fits the same lines in the C locale; None for one of
    which that is not sure."""
    body = _ANY_REST.sub("", pattern)  # whatever follows fits
    start, body = ("^", body[1:]) if body.startswith("^") else ("", body)
    end, body = ("$", body[:-1]) if body.endswith("$") and not body.endswith("\\$") else ("", body)
    found, at, may_be_the_end = [start], 0, False
    while at < len(body):
        token = _ATOM.match(body, at)
        if token is None:
            return None
        at = token.end()
        is_space, is_certain = token["atom"] == "\\s", token["many"] in ("", "+")
        found.append((_SPACE if is_space else token["atom"]) + token["many"])
        if is_certain:
            may_be_the_end = is_space  # Python's \\s fits the line feed, too
    return None if may_be_the_end or not body else "".join([*found, end])


def settled_line(line: str | None, regexp: str | None, search: str | None) -> dict[str, str]:
    """The shell values that tell edit.sh when a file is as it should be: ``line`` is in it, and is all that the
    expression or the fixed text fits; empty where the node cannot tell."""
    pattern = extended(regexp) if regexp is not None else search or ""
    if not line or pattern is None or set(line + pattern) & set("\n\r\0"):
        return {}
    how = "E" if regexp is not None else "F" if search else "line"
    return {"settled_how": how, "settled_pattern": pattern, "settled_line": line}
