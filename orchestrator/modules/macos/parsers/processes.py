"""`ps`: with a header, or in the headless form `ps -o pid=,ppid=,user=,etime=,comm=`."""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, known, otherwise
from orchestrator.modules.macos.parsers.values import clock_s, integer, number

_HEADLESS = re.compile(r"\s*(\d+)\s+(\d+)\s+(\S+)\s+((?:\d+-)?(?:\d+:)?\d+:\d\d)\s+(\S.*)")
_WEEKDAY = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)")
_COLUMNS = {
    "%CPU": "cpu_percent", "%MEM": "memory_percent", "VSZ": "virtual_bytes", "RSS": "resident_bytes", "TT": "terminal",
    "TTY": "terminal", "TIME": "cpu_s", "ELAPSED": "elapsed_s", "COMM": "command", "ARGS": "command", "CMD": "command",
    "STAT": "state",    "UID": "uid", "PGID": "pgid", "SESS": "session",
}  # fmt: skip
_INTEGERS = {"pid", "ppid", "pgid", "uid", "pri", "ni"}


def parse_ps(output: Output) -> Parsed:
    """
    `processes`, keys after the columns: pid, ppid, user, command, `elapsed_s`, `cpu_s`, `virtual_bytes`,
    `resident_bytes`, … Other columns keep their text. A command line may hold secrets: handle it as such.
    """
    rows = output.rows
    titles = rows[0].split() if rows else []
    if "PID" in titles:
        found = [_titled(line, titles) for line in rows[1:]]
    else:
        found = [_headless(line) for line in rows]
    if not any(found) and "PID" not in titles:
        return known(processes=[], extra=[]) if output.silent and output.exit_code in {0, 1} else otherwise(output)
    first = 1 if "PID" in titles else 0
    extra = [line.strip() for line, process in zip(rows[first:], found, strict=True) if process is None]
    return known(processes=[process for process in found if process], extra=extra)


def _headless(line: str) -> Parsed | None:
    match = _HEADLESS.fullmatch(line)
    if not match:
        return None
    return {
        "pid": integer(match[1]),
        "ppid": integer(match[2]),
        "user": match[3],
        "elapsed_s": clock_s(match[4]),
        "command": match[5],
    }


def _titled(line: str, titles: list[str]) -> Parsed | None:
    """Cells left to right, the last one with all that is left; `lstart` has five words under one title."""
    cells: list[str] = []
    rest = line.strip()
    for title in titles[:-1]:
        words = 5 if title == "STARTED" and _WEEKDAY.fullmatch(rest.split(" ", 1)[0]) else 1
        parts = rest.split(None, words)
        if len(parts) <= words:
            return None
        cells.append(" ".join(parts[:words]))
        rest = parts[words]
    values = dict(zip(titles, [*cells, rest], strict=True))
    process = {_COLUMNS.get(title, title.lower()): _cell(title, text) for title, text in values.items()}
    return process if process.get("pid") is not None else None


def _cell(title: str, text: str) -> int | float | str | None:
    name = _COLUMNS.get(title, title.lower())
    if name in _INTEGERS:
        return integer(text)
    if name.endswith("_percent"):
        return number(text)
    if name.endswith("_s"):
        return clock_s(text)
    if name.endswith("_bytes"):
        kibibytes = integer(text)
        return None if kibibytes is None else kibibytes * 1024
    return None if name == "terminal" and text == "??" else text
