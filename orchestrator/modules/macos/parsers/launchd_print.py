"""
`launchctl print` of a job or a domain.

The text is explicitly no interface (launchctl(1)), yet the only complete source. So: only lines at the first level
count (one tab; some copies have blanks instead), unknown fields are kept as text under `extra`, and blocks are left
out: environments and arguments may hold secrets, the service list may hold arguments. Which blocks were met is told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from orchestrator.modules.macos.parsers.launchd_codes import command_error
from orchestrator.modules.macos.parsers.output import (
    MAX_LINE,
    Output,
    Parsed,
    absent,
    failed,
    known,
    otherwise,
    unknown,
)
from orchestrator.modules.macos.parsers.values import identifier, integer, typed

_HEADER = re.compile(r"(\S.*?) = \{")
_OPENING = re.compile(r"(.+?) =>? [{\[]")
_DOMAIN = re.compile(r"system|(?:gui|user|login|pid|session)/[0-9]+")
_TARGET = re.compile(r"(system|(?:gui|user|login|pid|session)/[0-9]+)/(.+)", re.DOTALL)
_EXIT = re.compile(r"(-?[0-9]{1,9})(?:: (\S+))?")
_SIGNAL = re.compile(r"(.*\S): ([0-9]{1,3})")
_NUMBERED = re.compile(r"(.*\S) \(([0-9]{1,9})\)")
_IN_SESSION = re.compile(r"(\S+) \[([0-9]{1,9})\]")
_SECRET_BLOCKS = {"arguments", "environment", "inherited environment", "default environment", "services"}
_READ_BLOCKS = {"semaphores", "resource coalition"}
_NUMBERS = {
    "active count", "pid", "runs", "forks", "execs", "successive crashes", "handle", "on-demand count", "asid",
    "service count", "active service count", "creator euid", "jetsam priority", "uniqueid",
}  # fmt: skip
_TEXTS = {
    "path", "type", "state", "program", "program identifier", "managed_by", "bundle id", "parent bundle identifier",
    "stdout path", "stderr path", "stdin path", "working directory", "username", "group", "immediate reason",
    "pended nondemand spawn", "last exit reason", "job state", "creator",
}  # fmt: skip
_SECONDS = {
    "minimum runtime": "minimum_runtime_s", "exit timeout": "exit_timeout_s", "run interval": "run_interval_s",
    "maximum allowed shutdown time": "maximum_shutdown_s", "start interval": "run_interval_s",
}  # fmt: skip
_SPECIAL = {"last exit code", "last terminating signal", "spawn type", "properties", "domain", *_SECONDS}
_FIELDS = _NUMBERS | _TEXTS | _SPECIAL | _SECRET_BLOCKS | _READ_BLOCKS
_ALWAYS_TOLD = ("pid", "runs", "state", "path", "program", "minimum_runtime_s", "exit_timeout_s")
_ERRORS = re.compile(r"could not find|bad request|does not support|not permitted|unrecognized target", re.IGNORECASE)


@dataclass
class _Top:
    """What stands at the first level: fields in order, names of blocks, lines without `=`, and the blocks we read."""

    header: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    blocks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    inside: dict[str, dict[str, str]] = field(default_factory=dict)
    complete: bool = False
    trimmed: bool = False


def parse_print(output: Output) -> Parsed:
    """
    A job (`kind` "service") or a domain (`kind` "domain").

    Times are seconds. `last_exit_code` None with `never_exited` True: it has not ended since it was loaded; with a
    `last_terminating_signal`: it was killed. `loaded` False is said only for exit status 113. `on_demand_only` is
    None where the header is too short to tell. Exit statuses 112, 113, 125: see `launchd_codes`.
    """
    if output.exit_code or (not output.stdout.strip() and not output.silent) or _is_error(output):
        return _refusal(output)
    top = _read_top(output.stdout)
    if not top.fields and not top.blocks:
        return otherwise(output, quote=False)
    return known(**_identity(top) | (_domain(top) if _is_domain(top) else _service(top)) | _common(top))


def _is_error(output: Output) -> bool:
    first = next(iter(output.lines), "")
    return " = " not in first and bool(_ERRORS.search(first))


def _refusal(output: Output) -> Parsed:
    error = command_error(output)
    code = error["code"]
    if code == 113:
        return absent("no such service in the domain", missing="service", loaded=False, error=error)
    if code == 112:
        return absent("no such domain: the user has no such session", missing="domain", loaded=None, error=error)
    if code == 125:
        return failed("the domain does not support this", missing=None, loaded=None, error=error)
    if error["text"] is None:
        return unknown(f"exit status {output.exit_code} and no text", loaded=None, error=error)
    return {**otherwise(output, quote=False), "loaded": None, "error": error}


def _read_top(text: str) -> _Top:
    top = _Top()
    lines = [line[:MAX_LINE] for line in text.replace("\r\n", "\n").split("\n")]
    start = _header_line(lines)
    if start is not None:
        top.header = lines[start].rstrip().removesuffix(" = {")
        lines = lines[start + 1 :]
    body = [line for line in lines if line.strip() not in {"", "}"}]
    indent = re.match(r"\s*", body[0])[0] if body else ""  # type: ignore[index]
    _walk(top, lines, indent)
    return top


def _header_line(lines: list[str]) -> int | None:
    """Index of `TARGET = {`: the first line that is not blank, or one naming a domain (below a chatty login shell)."""
    first = True
    for index, line in enumerate(lines):
        match = _HEADER.fullmatch(line.rstrip()) if line[:1] not in {"", " ", "\t"} else None
        if match and (first or _DOMAIN.fullmatch(match[1]) or _TARGET.fullmatch(match[1])):
            return index
        first = first and not line.strip()
    return None


def _walk(top: _Top, lines: list[str], indent: str) -> None:
    """Sorts lines into the top level and the blocks below it; a block ends at a bracket with the top level's indent."""
    position = 0
    while position < len(lines):
        line = lines[position].rstrip()
        position += 1
        body = line[len(indent) :]
        if line == "}" and top.header and indent:
            top.complete = True
        elif not line.startswith(indent) or not body or body[0] in " \t":
            continue
        elif opening := _OPENING.fullmatch(body):
            end = _block_end(lines, position, indent, opening[1])
            top.blocks.append(opening[1].strip('"'))
            if opening[1] in _READ_BLOCKS:
                top.inside[opening[1]] = _pairs(lines[position:end])
            position = end + 1
        elif " = " in body or body.endswith(" ="):
            key, _, value = body.partition(" =")
            top.fields[key] = value.strip()
        elif body == "...":
            top.trimmed = True
        elif body != "}":
            top.notes.append(body)


def _block_end(lines: list[str], start: int, indent: str, name: str) -> int:
    """
    Index of the line that closes a block (or of the end).

    Without indentation brackets are counted. Arguments are free text, perhaps a script with brackets of its own:
    there only a bracket followed by something launchd prints counts.
    """
    depth = 1
    for index in range(start, len(lines)):
        line = lines[index].rstrip()
        if indent:
            closes = line in {indent + "}", indent + "]"}
            if closes and (name != "arguments" or _launchd_goes_on(lines, index + 1, indent)):
                return index
        else:
            depth += line.endswith(("{", "[")) - line.endswith(("}", "]"))
            if depth == 0:
                return index
    return len(lines)


def _launchd_goes_on(lines: list[str], index: int, indent: str) -> bool:
    line = lines[index].rstrip() if index < len(lines) else ""
    if line in {"", "}", indent + "..."}:
        return True
    return line.startswith(indent) and line[len(indent) :].partition(" =")[0] in _FIELDS


def _pairs(lines: list[str]) -> dict[str, str]:
    parts = (re.split(r" =>? ", line.strip(), maxsplit=1) for line in lines)
    return {pair[0]: pair[1] for pair in parts if len(pair) == 2}


def _is_domain(top: _Top) -> bool:
    if top.header:
        return bool(_DOMAIN.fullmatch(top.header))
    return "service count" in top.fields or "handle" in top.fields


def _identity(top: _Top) -> Parsed:
    target = _TARGET.fullmatch(top.header or "")
    session = _IN_SESSION.fullmatch(top.fields.get("domain", ""))
    named = session[1] if session else top.fields.get("domain")
    if _is_domain(top):
        return {"kind": "domain", "target": top.header, "domain": top.header, "label": None}
    return {
        "kind": "service",
        "target": top.header,
        "domain": target[1] if target else named,
        "label": target[2] if target else top.header,
        "audit_session": integer(session[2]) if session else integer(top.fields.get("asid")),
    }


def _common(top: _Top) -> Parsed:
    typed_fields = dict(_typed_fields(top.fields))
    rest = {name: text for name, text in top.fields.items() if name not in _NUMBERS | _TEXTS | _SPECIAL}
    unread = {name: text for name, text in top.fields.items() if name in _NUMBERS and integer(text) is None}
    return {
        **typed_fields,
        "properties": _properties(top.fields.get("properties")),
        "dropped_blocks": [name for name in top.blocks if name in _SECRET_BLOCKS],
        "skipped_blocks": [name for name in top.blocks if name not in _SECRET_BLOCKS | _READ_BLOCKS],
        "coalition": top.inside.get("resource coalition", {}).get("name"),
        "notes": top.notes,
        "complete": top.complete and not top.trimmed,
        "extra": rest | unread,
    }


def _properties(text: str | None) -> list[str] | None:
    """The words between bars; None when the line is missing (up to macOS 10.15 it was a block)."""
    return None if text is None else [part.strip() for part in text.split("|") if part.strip()]


def _typed_fields(fields: dict[str, str]) -> Iterator[tuple[str, int | str | None]]:
    for name, text in fields.items():
        if name in _NUMBERS:
            yield identifier(name), integer(text)
        elif name in _TEXTS:
            yield identifier(name), text
        elif name in _SECONDS:
            yield _SECONDS[name], integer(text.split()[0]) if text else None


def _service(top: _Top) -> Parsed:
    fields = top.fields
    killed = _SIGNAL.fullmatch(fields.get("last terminating signal", ""))
    code = _EXIT.fullmatch(fields.get("last exit code", ""))
    spawn = _NUMBERED.fullmatch(fields.get("spawn type", ""))
    semaphores = {name: typed(value) for name, value in top.inside.get("semaphores", {}).items()}
    return {
        "loaded": True,
        **dict.fromkeys(_ALWAYS_TOLD),
        "last_exit_code": integer(code[1]) if code else None,
        "last_exit_name": code[2] if code else None,
        "never_exited": _never_exited(fields),
        "last_terminating_signal": {"name": killed[1], "number": integer(killed[2])} if killed else None,
        "semaphores": semaphores,
        "spawn_type": {"name": spawn[1], "number": integer(spawn[2])} if spawn else None,
    }


def _never_exited(fields: dict[str, str]) -> bool | None:
    """Exit code, terminating signal and exit reason exclude each other; None when none of them was printed."""
    if "last exit code" in fields:
        return fields["last exit code"] == "(never exited)"
    return False if {"last terminating signal", "last exit reason"} & fields.keys() else None


def _domain(top: _Top) -> Parsed:
    """The on-demand count is printed always by older launchd, by newer only above zero, before the service count."""
    count = integer(top.fields.get("on-demand count"))
    if count is None and "on-demand count" not in top.fields and "service count" in top.fields:
        count = 0
    return {"on_demand_count": count, "on_demand_only": None if count is None else count > 0}
