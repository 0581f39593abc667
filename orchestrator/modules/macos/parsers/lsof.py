"""
`lsof` of network files: the table, and the field form of -F.

COMMAND is cut at 9 characters unless +c 0 was given and shows blanks as `\\x20`. Without root lsof shows the caller's
own processes only. No match is exit status 1 and no text at all, which is a known answer: nothing.
"""

import re

from orchestrator.modules.macos.parsers.addresses import coloned
from orchestrator.modules.macos.parsers.output import Output, Parsed, known, otherwise
from orchestrator.modules.macos.parsers.values import integer

_ROW = re.compile(
    r"(\S+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(IPv4|IPv6)\s+(\S+)\s+(\S+)\s+([A-Z0-9]+)\s+(\S+)(?:\s+\(([A-Z0-9_ ]+)\))?"
)
_COUNT = re.compile(r"\s*(\d+)\s+(\S.*)")
_DESCRIPTOR = re.compile(r"(\d+)([a-zA-Z-]*)")
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})")
_PROCESS = {"p": "pid", "c": "command", "L": "user", "g": "group", "R": "parent", "u": "uid"}
_FILE = {"f": "fd", "a": "access", "t": "type", "P": "protocol", "n": "name", "d": "device", "o": "offset"}
_SETS = "pcLgRuKfatPnTdDosikGSFNlxrzZMmj"


def parse_lsof(output: Output) -> Parsed:
    """`sockets` of the table; `counts` (command → sockets) instead when the lines are those of `uniq -c`."""
    if nothing := _nothing(output):
        return nothing
    rows = [match for line in output.rows if (match := _ROW.fullmatch(line.strip()))]
    heading = any(line.split()[:2] == ["COMMAND", "PID"] for line in output.rows)
    counted = [match for line in output.rows if (match := _COUNT.fullmatch(line))]
    if not rows and not heading and counted and len(counted) == len(output.rows):
        return known(sockets=None, counts={match[2]: integer(match[1]) for match in counted})
    if not rows and not heading:
        return otherwise(output)
    extra = [line for line in output.rows if not _ROW.fullmatch(line.strip()) and not line.startswith("COMMAND")]
    return known(sockets=[_from_row(match) for match in rows], extra=extra)


def _nothing(output: Output) -> Parsed | None:
    """Nothing was found: exit status 0 or 1 and not a word, in particular none on stderr."""
    return known(sockets=[], extra=[]) if output.silent and output.exit_code in {0, 1} else None


def _from_row(match: re.Match[str]) -> Parsed:
    command = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), match[1])
    descriptor = _DESCRIPTOR.fullmatch(match[4])
    return _socket(
        pid=integer(match[2]),
        command=command,
        user=match[3],
        fd=integer(descriptor[1]) if descriptor else None,
        access=(descriptor[2] or None) if descriptor else None,
        family=match[5],
        protocol=match[8],
        name=match[9],
        state=match[10],
    )


def _socket(name: str, family: str | None, **fields: Parsed | str | int | None) -> Parsed:
    local, _, remote = name.partition("->")
    if family is None and name.startswith("["):
        family = "IPv6"
    return {
        **fields,
        "family": family.lower() if family else None,
        "local": coloned(local),
        "remote": coloned(remote) if remote else None,
    }


def parse_lsof_fields(output: Output) -> Parsed:
    """
    `sockets` of the -F form, one for each file set that has a name; the same socket may stand there twice.

    pid and command are None for files before the first `p` line. Other fields are kept in `extra` by their letter.
    """
    if nothing := _nothing(output):
        return nothing
    process: dict[str, str] = {}
    files: list[tuple[dict[str, str], dict[str, str]]] = []
    for line in output.stdout.replace("\0", "\n").replace("\r\n", "\n").split("\n"):
        letter, value = line[:1], line[1:]
        if letter == "p":
            process = {"p": value}
        elif letter in _PROCESS and letter:
            process[letter] = value
        elif letter == "f" or (letter in _SETS and letter and (not files or files[-1][0] is not process)):
            files.append((process, {letter: value}))
        elif letter in _SETS and letter:
            _add_field(files[-1][1], letter, value)
    sockets = [_from_fields(owner, found) for owner, found in files if "n" in found]
    if not sockets and not process:
        return otherwise(output)
    return known(sockets=sockets, extra=[])


def _add_field(found: dict[str, str], letter: str, value: str) -> None:
    """T fields carry a name of their own: `TST=LISTEN`, `TQR=0`."""
    name, mark, told = value.partition("=")
    if letter == "T" and mark:
        found["T" + name] = told
    else:
        found[letter] = value


def _from_fields(process: dict[str, str], found: dict[str, str]) -> Parsed:
    others = {key: value for key, value in found.items() if key not in _FILE and key != "TST"}
    return _socket(
        pid=integer(process.get("p")),
        command=process.get("c"),
        user=process.get("L"),
        fd=integer(found.get("f")),
        access=(found.get("a") or "").strip() or None,
        family=found.get("t"),
        protocol=found.get("P"),
        name=found["n"],
        state=found.get("TST"),
        extra=others,
    )
