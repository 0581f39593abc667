"""Who is logged in, and since when the system is up: who, w, last, uptime."""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, known, otherwise
from orchestrator.modules.macos.parsers.values import integer, number

_WHO = re.compile(
    r"\s*(\S+)\s+(\S.*?)\s+"
    r"((?:[^\W\d_]{3,5}\.?\s+\d{1,2}|\d{1,2}\.? {1,2}[^\W\d_]{3,5}\.?|\d{4}-\d\d-\d\d) \d\d:\d\d)(?:\s+(.*))?"
)
_WHO_REST = re.compile(r"(?:(\.|old|-?\d\d?:\d\d|\?)\s+)?(?:(\d+)\b\s*)?(.*)")
_HOST = re.compile(r"\((.*)\)")
_LAST = re.compile(
    r"(\S+)\s+(\S+)\s+(.*?)\s*"
    r"([A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2}(?: \d{4})? \d\d:\d\d(?::\d\d)?(?: \d{4})?)(?!\S)\s*(.*)"
)
_NO_LINE = {("reboot", "time"), ("shutdown", "time")}
_UNTIL = re.compile(r"- (\S+)\s*(?:\(((?:\d+\+)?\d+:\d\d(?::\d\d)?)\))?.*")
_BEGINS = re.compile(r"(?:wtmp|utx)\S* begins (.*\S)\s*")
_UPTIME = re.compile(r"\s*(\S+)\s+up\s+(.+?),\s*(\d+) users?,\s*load averages?:\s*(.+)")
_UP_PART = re.compile(r"(\d+) (day|hr|hour|min|sec)s?|(\d+):(\d\d)")
_UNIT_S = {"day": 86400, "hr": 3600, "hour": 3600, "min": 60, "sec": 1}


def parse_who(output: Output) -> Parsed:
    """`sessions`: user, line, since (local time, no year), host; with -a idle, pid, comment. `console_user` or None."""
    sessions: list[Parsed] = []
    extra: list[str] = []
    for line in output.rows:
        if match := _WHO.fullmatch(line):
            sessions.append(_who(match))
        elif line.split()[:2] not in (["USER", "LINE"], ["NAME", "LINE"]):
            extra.append(line.strip())
    if not sessions and not (output.silent and output.exit_code == 0):
        return otherwise(output)
    users = [entry["user"] for entry in sessions if entry["line"] == "console"]
    return known(sessions=sessions, console_user=users[0] if users else None, extra=extra)


def _who(match: re.Match[str]) -> Parsed:
    rest = match[4] or ""
    host = _HOST.fullmatch(rest.strip())
    details = None if host else _WHO_REST.fullmatch(rest.strip())
    return {
        "user": match[1],
        "line": match[2],
        "since": " ".join(match[3].split()),
        "host": host[1] if host else None,
        "idle": details[1] if details else None,
        "pid": integer(details[2]) if details and details[2] else None,
        "comment": (details[3] or None) if details else None,
    }


def parse_uptime(output: Output) -> Parsed:
    """`up_s` (whole minutes as a rule), `users`, `load` of 1, 5 and 15 minutes, `clock` (local time of day)."""
    found = next((match for line in output.rows if (match := _UPTIME.fullmatch(line))), None)
    return known(**_uptime(found)) if found else otherwise(output)


def _uptime(match: re.Match[str]) -> Parsed:
    load = re.split(r",?\s+", match[4].strip())
    return {
        "clock": match[1],
        "up_s": _up_s(match[2]),
        "users": integer(match[3]),
        "load": [number(part.rstrip(",")) for part in load],
    }


def _up_s(text: str) -> int | None:
    total = None
    for count, unit, hours, minutes in _UP_PART.findall(text):
        seconds = int(count[:9]) * _UNIT_S[unit] if unit else int(hours[:9]) * 3600 + int(minutes) * 60
        total = (total or 0) + seconds
    return total


def parse_w(output: Output) -> Parsed:
    """`uptime` (as `parse_uptime`, None with -h) and `sessions`: user, line, from, login, idle, command as printed."""
    heading = next((match for line in output.rows if (match := _UPTIME.fullmatch(line))), None)
    titled = any(line.split()[:2] == ["USER", "TTY"] for line in output.rows)
    if not heading and not titled:
        return otherwise(output)
    rows = [line.split(None, 5) for line in output.rows if not _UPTIME.fullmatch(line)]
    names = ("user", "line", "from", "login", "idle", "command")
    sessions = [
        {name: None if value == "-" else value for name, value in zip(names, row, strict=True)}
        for row in rows
        if len(row) == len(names) and row[:2] != ["USER", "TTY"]
    ]
    extra = [" ".join(row) for row in rows if len(row) != len(names) and row[:2] != ["USER", "TTY"]]
    return known(uptime=_uptime(heading) if heading else None, sessions=sessions, extra=extra)


def parse_last(output: Output) -> Parsed:
    """
    `entries`, newest first: user (or reboot, shutdown), line, host, since, `until` (a clock, "shutdown", "crash" or
    None), `lasted_s`, `still_in`. Times are local and without a year. `begins`: since when the file is kept.
    """
    entries: list[Parsed] = []
    extra: list[str] = []
    begins = None
    for line in output.rows:
        if match := _BEGINS.fullmatch(line):
            begins = " ".join(match[1].split())
        elif match := _LAST.fullmatch(line):
            entries.append(_last(match))
        else:
            extra.append(line.strip())
    if not entries and begins is None:
        return otherwise(output)
    return known(entries=entries, begins=begins, extra=extra)


def _last(match: re.Match[str]) -> Parsed:
    until = _UNTIL.fullmatch(match[5])
    return {
        "user": match[1],
        "line": None if match[2] == "~" or (match[1], match[2]) in _NO_LINE else match[2],
        "host": match[3].strip() or None,
        "since": " ".join(match[4].split()),
        "until": until[1] if until else None,
        "lasted_s": _lasted_s(until[2]) if until and until[2] else None,
        "still_in": "still logged in" in match[5],
    }


def _lasted_s(text: str) -> int | None:
    """Seconds of last's `(days+hours:minutes)`, which unlike ps prints no seconds unless told to."""
    days, _, clock = text.rpartition("+")
    parts = [integer(part) or 0 for part in clock.split(":")]
    seconds = parts[2] if len(parts) == 3 else 0
    return (integer(days) or 0) * 86400 + parts[0] * 3600 + parts[1] * 60 + seconds
