"""
ps, pgrep, pkill in their BSD forms, over this Mac's own processes.

Recorded: `ps -o pid=,ppid=,user=,etime=,comm=` of 26. Unrecorded: the widths of other columns.
"""

from __future__ import annotations

import os
import re
import signal
import time

from orchestrator.sim.tools.base import Mac, Refusal
from orchestrator.sim.tools.processes import Process, processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Keyword: heading, width (negative = left), value.
_COLUMNS: dict[str, tuple[str, int, Callable[[Mac, Process], str]]] = {
    "pid": ("PID", 5, lambda _, p: str(p.pid)),
    "ppid": ("PPID", 5, lambda _, p: str(p.ppid)),
    "pgid": ("PGID", 5, lambda _, p: str(p.pgid)),
    "sess": ("SESS", 6, lambda _, p: str(p.sid)),
    "user": ("USER", -16, lambda mac, p: mac.users().get(p.uid, str(p.uid))),
    "uid": ("UID", 5, lambda _, p: str(p.uid)),
    "etime": ("ELAPSED", 11, lambda _, p: _elapsed(time.time() - p.started_at_s)),
    "lstart": ("STARTED", 24, lambda _, p: time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(p.started_at_s))),
    "start": ("STARTED", 8, lambda _, p: time.strftime("%I:%M%p", time.localtime(p.started_at_s))),
    "time": ("TIME", 9, lambda _, p: f"{int(p.cpu_s // 60)}:{p.cpu_s % 60:05.2f}"),
    "%cpu": ("%CPU", 5, lambda _, p: "0.0"),
    "%mem": ("%MEM", 4, lambda _, p: "0.1"),
    "rss": ("RSS", 6, lambda _, p: str(p.resident_kib)),
    "vsz": ("VSZ", 8, lambda _, p: str(p.size_kib)),
    "stat": ("STAT", -4, lambda _, p: p.state),
    "tty": ("TTY", -8, lambda _, p: "??"),
    "comm": ("COMM", 0, lambda _, p: p.argv[0] or p.comm),
    "ucomm": ("UCOMM", 0, lambda _, p: p.name),
    "command": ("COMMAND", 0, lambda _, p: p.command),
    "args": ("ARGS", 0, lambda _, p: p.command),
}  # fmt: skip
_ALIASES = {"pcpu": "%cpu", "pmem": "%mem", "state": "stat", "tt": "tty", "vsize": "vsz", "cputime": "time"}


def _elapsed(seconds: float) -> str:
    whole = max(0, int(seconds))
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    clock = f"{minutes:02d}:{whole % 60:02d}"
    if days or hours:
        clock = f"{hours:02d}:{clock}"
    return f"{days:02d}-{clock}" if days else clock


def ps(mac: Mac, argv: list[str]) -> int:
    columns: list[tuple[str, str]] = []
    pids: set[int] | None = None
    users: set[str] | None = None
    everybody, wide, user_style = False, 0, False
    words = list(argv)
    while words:
        word = words.pop(0)
        for place, letter in enumerate(word.lstrip("-")):
            if letter in "opuUg" and (word.startswith("-") or letter != "u") and letter != "g":
                value = word.lstrip("-")[place + 1 :] or (words.pop(0) if words else "")
                if letter == "o":
                    columns += _chosen(value)
                elif letter == "p":
                    pids = {int(part) for part in re.split(r"[,\s]+", value) if part}
                else:
                    users = set(value.split(","))
                break
            everybody = everybody or letter in "aAex"
            user_style = user_style or letter == "u"
            wide += letter == "w"
    rows = [p for p in processes(mac) if p.pid != os.getpid()]
    if pids is not None:
        rows = [p for p in rows if p.pid in pids]
    elif users is not None:
        rows = [p for p in rows if str(p.uid) in users or mac.users().get(p.uid) in users]
    elif not everybody:
        rows = [p for p in rows if p.uid == mac.uid]
    if not columns:
        names = "user pid %cpu %mem vsz rss tty stat start time command" if user_style else "pid tty time command"
        columns = [(name, _COLUMNS[name][0]) for name in names.split()]
    _table(mac, columns, rows, wide)
    return 0 if rows else 1


def _chosen(value: str) -> list[tuple[str, str]]:
    """Keywords with their headings, from `pid=,user,comm=NAME`."""
    found = []
    for part in re.split(r"[,\s]+", value):
        name, equals, heading = part.partition("=")
        name = _ALIASES.get(name, name)
        if name not in _COLUMNS:
            raise Refusal(1, f"ps: {name}: keyword not found")
        found.append((name, heading if equals else _COLUMNS[name][0]))
    return found


def _table(mac: Mac, columns: list[tuple[str, str]], rows: list[Process], wide: int) -> None:
    # Without -ww a line is cut at 79 columns even into a pipe, as measured on a real Mac.
    limit = {0: 79, 1: 131}.get(wide)
    headings = [heading for _, heading in columns]
    lines = [headings] if any(headings) else []
    lines += [[_COLUMNS[name][2](mac, row) for name, _ in columns] for row in rows]
    for line in lines:
        cells = []
        for (name, _), cell in zip(columns, line, strict=True):
            width = _COLUMNS[name][1]
            cells.append(cell.rjust(width) if width > 0 else cell.ljust(-width))
        print(" ".join(cells).rstrip()[:limit])


class _Search:
    """The options of pgrep and pkill, and the processes they select."""

    def __init__(self, mac: Mac, argv: list[str]) -> None:
        self.signal: int = signal.SIGTERM
        self.quiet = self.long = False
        full = exact = invert = newest = oldest = insensitive = False
        users: set[str] | None = None
        parents: set[int] | None = None
        pattern = ""
        words = list(argv)
        while words:
            word = words.pop(0)
            if not word.startswith("-") or word == "-":
                pattern = word
            elif word == "--":
                pattern = words.pop(0)
            elif (number := _signal(word[1:])) is not None:
                self.signal = number
            elif word in ("-u", "-U", "-P", "-g", "-t"):
                value = words.pop(0).split(",")
                users = set(value) if word in ("-u", "-U") else users
                parents = {int(part) for part in value} if word == "-P" else parents
            else:
                letters = set(word[1:])
                full, exact, invert = full or "f" in letters, exact or "x" in letters, invert or "v" in letters
                newest, oldest = newest or "n" in letters, oldest or "o" in letters
                insensitive = insensitive or "i" in letters
                self.quiet, self.long = self.quiet or "q" in letters, self.long or "l" in letters
        try:
            expression = re.compile(pattern, re.IGNORECASE if insensitive else 0)
        except re.error as error:
            raise Refusal(2, f"pgrep: Cannot compile regular expression `{pattern}' ({error})") from error
        match = expression.fullmatch if exact else expression.search
        found = []
        ancestors = _ancestors()
        for process in processes(mac):
            # pgrep and pkill never report themselves nor, without -a, the processes they descend from.
            if process.pid in ancestors:
                continue
            if users is not None and not users & {str(process.uid), mac.users().get(process.uid, "")}:
                continue
            if parents is not None and process.ppid not in parents:
                continue
            if bool(match(process.command if full else process.name)) != invert:
                found.append(process)
        found.sort(key=lambda process: process.started_at_s)
        self.found = found[-1:] if newest else found[:1] if oldest else found
        self.full = full


def _signal(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    name = word.upper().removeprefix("SIG")
    return signal.Signals[f"SIG{name}"] if len(word) > 2 and f"SIG{name}" in signal.Signals.__members__ else None


def _ancestors() -> set[int]:
    """This process and those it descends from."""
    pid, found = os.getpid(), set()
    while pid > 1 and pid not in found:
        found.add(pid)
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            break
    return found


def pgrep(mac: Mac, argv: list[str]) -> int:
    search = _Search(mac, argv)
    for process in search.found:
        if not search.quiet:
            detail = process.command if search.full else process.name
            print(f"{process.pid} {detail}" if search.long else process.pid)
    return 0 if search.found else 1


def pkill(mac: Mac, argv: list[str]) -> int:
    search = _Search(mac, argv)
    for process in search.found:
        try:
            os.kill(process.pid, search.signal)
        except ProcessLookupError:
            continue
    return 0 if search.found else 1
