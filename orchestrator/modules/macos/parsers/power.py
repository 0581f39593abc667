"""`pmset`: power settings and what keeps the Mac awake."""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, known, otherwise
from orchestrator.modules.macos.parsers.values import clock_s, comma_list, integer, typed

_SETTING = re.compile(r"\s+(\S.*?)\s+(\S+?)(?:\s+\((.*)\))?")
_REASON = re.compile(r"(?:.*\s)?prevented by (.*)")
_ASSERTION = re.compile(r'\s*pid ([0-9]+)\((.*?)\): \[(0x[0-9a-f]+)\] ([0-9:]+) (\S+) named: "(.*?)"(.*)')
_STATUS = re.compile(r"\s+([A-Za-z]+)\s+([0-9]+)")
_TIMERS = ("sleep", "displaysleep", "disksleep")


def parse_pmset(output: Output) -> Parsed:
    """
    `settings` in use and `system_wide` ones, by pmset's own names; values are integers or texts.

    `timers_s`: sleep, displaysleep, disksleep in seconds, 0 = never, None = not printed. `prevented_by`: which
    processes hold a timer off. `sleep_disabled` is None when its line is missing (Apple silicon may leave it out).
    """
    settings: dict[str, int | str] = {}
    system_wide: dict[str, int | str] = {}
    prevented: dict[str, list[str]] = {}
    notes: dict[str, str] = {}
    current = settings
    for line in output.rows:
        if line.endswith(":") and not line[0].isspace():
            current = system_wide if line.startswith("System-wide") else settings
        elif match := _SETTING.fullmatch(line):
            current[match[1]] = typed(match[2])
            _note(match[1], match[3], prevented, notes)
    if not settings and not system_wide:
        return otherwise(output)
    disabled = system_wide.get("SleepDisabled", settings.get("SleepDisabled"))
    return known(
        settings=settings,
        system_wide=system_wide,
        timers_s={name: _minutes(settings.get(name)) for name in _TIMERS},
        prevented_by=prevented,
        sleep_disabled=None if disabled is None else disabled == 1,
        notes=notes,
    )


def _note(name: str, note: str | None, prevented: dict[str, list[str]], notes: dict[str, str]) -> None:
    if note and (reason := _REASON.fullmatch(note)):
        prevented[name] = comma_list(reason[1])
    elif note:
        notes[name] = note


def _minutes(value: int | str | None) -> int | None:
    return value * 60 if isinstance(value, int) else None


def parse_assertions(output: Output) -> Parsed:
    """`assertions`: pid, process, kind, name, `held_s`, and details below them; `totals`: kind → count, system-wide."""
    assertions: list[Parsed] = []
    totals: dict[str, int | None] = {}
    extra: list[str] = []
    section = ""
    for line in output.rows:
        if match := _ASSERTION.fullmatch(line):
            assertions.append(_assertion(match))
        elif not line[0].isspace():
            section = line.strip()
            extra += [] if section.endswith(":") else [section]
        elif section.startswith("Assertion status") and (match := _STATUS.fullmatch(line)):
            totals[match[1]] = integer(match[2])
        elif section.startswith("Listed by") and assertions:
            assertions[-1]["details"].append(line.strip())
        else:
            extra.append(line.strip())
    if not assertions and not totals and not any(line.startswith("Listed by") for line in output.rows):
        return otherwise(output)
    return known(assertions=assertions, totals=totals, extra=extra)


def _assertion(match: re.Match[str]) -> Parsed:
    return {
        "pid": integer(match[1]),
        "process": match[2],
        "id": match[3],
        "held_s": clock_s(match[4]),
        "kind": match[5],
        "name": match[6],
        "details": [match[7].strip()] if match[7].strip() else [],
    }
