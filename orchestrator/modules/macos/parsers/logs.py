"""Lines of the unified log and of launchd's own log."""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, known, otherwise
from orchestrator.modules.macos.parsers.values import integer

_ROW = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\S*)\s+(\S{1,3})\s+(.+?)\[(\d+):([0-9a-fA-F]+)\] ?(.*)")
_LABEL = re.compile(
    r"\(([\w.-]+\.[\w.-]+)(?:\[\d+\])?\)(?=:)|\[(?:system|(?:gui|user|pid|login)/\d+)/(\S+?)(?: \[\d+\])?:?\]"
)
_THROTTLED = re.compile(r"only ran for (\d+) seconds?\. Pushing respawn out by (\d+) seconds?")
_SPAWNED = re.compile(r"Successfully spawned (.+?) because (.+)")
_EXITED = re.compile(r"exited (?:due to|with exit reason|with) (.+)")
_PROGRAM = re.compile(r"(.*)\[(\d+)\]")


def parse_log_show(output: Output) -> Parsed:
    """`entries` of `log show --style compact`: time (local, with zone where printed), level, process, pid, message."""
    entries: list[Parsed] = []
    for line in output.rows:
        if match := _ROW.fullmatch(line):
            entries.append(_entry(match))
        elif entries and not line.startswith("Timestamp"):
            entries[-1]["message"] += "\n" + line
    if not entries and not any(re.match(r"Timestamp\s+Ty", line) for line in output.rows):
        return otherwise(output)
    return known(entries=entries)


def _entry(match: re.Match[str]) -> Parsed:
    return {
        "time": match[1],
        "level": match[2],
        "process": match[3],
        "pid": integer(match[4]),
        "thread": match[5],
        "message": match[6],
    }


def parse_launchd_log(output: Output) -> Parsed:
    """`events` of launchd: "on-demand only", "throttled" (ran_s, delayed_s), "spawned" (because), "exited" (how)."""
    events, extra = [], []
    for line in output.lines:
        event = _event(line)
        if event:
            events.append({**event, "label": _label(line)})
        else:
            extra.append(line.strip())
    return known(events=events, extra=extra) if events else otherwise(output)


def _label(line: str) -> str | None:
    match = _LABEL.search(line)
    return (match[1] or match[2]) if match else None


def _event(line: str) -> Parsed | None:
    if "on-demand-only mode" in line:
        return {"event": "on-demand only"}
    if match := _THROTTLED.search(line):
        return {"event": "throttled", "ran_s": integer(match[1]), "delayed_s": integer(match[2])}
    if match := _SPAWNED.search(line):
        program = _PROGRAM.fullmatch(match[1])
        name, pid = (program[1], integer(program[2])) if program else (match[1], None)
        return {"event": "spawned", "program": None if name == "…" else name, "pid": pid, "because": match[2].strip()}
    if match := _EXITED.search(line):
        return {"event": "exited", "how": match[1].strip()}
    return None
