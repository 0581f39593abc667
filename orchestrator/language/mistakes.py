"""What went wrong in a YAML file, in words a person can act on: cause, place, the line itself, and a hint."""

from __future__ import annotations

import re

import yaml

from orchestrator.model.errors import UserError
from orchestrator.model.place import Place

QUOTE_TEMPLATE = 'a value that starts with {{ needs quotes around it: "{{ name }}"'
_LINE_LIMIT = 160

_BARE_TEMPLATE = re.compile(r"^\s*(?:-\s+)*(?:[\w.\s]+:\s+)?(?P<value>\{\{.*\}\})")
_TASK_VALUE = re.compile(r"^\s*(?:-\s+)*(?:[\w\s.\[\]{}]+:\s+)?(?P<value>.*)$")
_QUOTED_START = re.compile(r"^\s*(?:-\s+)*(?:[\w.\s]+:\s+)?(?P<value>[\"'].*?)\s*$")
_NO_SPACE = re.compile(r"^\s*(?:-\s+)*(?P<key>[\w.]+):(?=[^\s:/])")


def explain(
    cause: yaml.YAMLError, text: str, file: str, error: type[UserError], *, is_secret: bool = False
) -> UserError:
    """``error`` for what the YAML parser complained about; lines of a secret file are not shown."""
    if not isinstance(cause, yaml.MarkedYAMLError):
        return _about_characters(cause, text, file, error)
    mark = cause.problem_mark or cause.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    message, hint, column = _advice(cause, line, lines[place.line - 2] if 2 <= place.line <= len(lines) + 1 else "")
    if _is_unclosed(cause) and cause.context_mark:
        place = Place(file, cause.context_mark.line + 1, cause.context_mark.column + 1)
    elif column is not None:
        place = Place(file, place.line, column)
    return error(message, place=place, evidence=None if is_secret else line_of(text, place.line), hint=hint)


def line_of(text: str, number: int) -> str | None:
    """The line of ``text`` with this number (from 1), short enough to print; None where there is none."""
    lines = text.splitlines()
    if not 1 <= number <= len(lines) or not lines[number - 1].strip():
        return None
    line = lines[number - 1].rstrip()
    return line if len(line) <= _LINE_LIMIT else line[:_LINE_LIMIT] + " …"


def _advice(cause: yaml.MarkedYAMLError, line: str, before: str) -> tuple[str, str | None, int | None]:
    """Message, hint and, where the real culprit stands elsewhere in the line, its column."""
    if _is_unclosed(cause):
        what = "quote" if "quoted" in str(cause.context) else "bracket or brace"
        return f"a {what} is opened here and never closed", f"close the {what}", None
    if (tab := line.find("\t")) >= 0:
        return "tabs cannot indent YAML", "use spaces", tab + 1
    if match := _BARE_TEMPLATE.match(line):
        return "a template stands without quotes", QUOTE_TEMPLATE, match.start("value") + 1
    mark = cause.problem_mark
    if mark and "expected '-' indicator" in str(cause.problem) and line[mark.column :].startswith("- "):
        return "this entry stands at another column than those before it", "line it up with them", None
    if match := _NO_SPACE.match(before) or _NO_SPACE.match(line):
        return _plain(cause), f"a space is missing after the colon of {match['key']}:", None
    if (colon := _stray_colon(line)) is not None:
        return "a colon in unquoted text reads as a key", "put the whole value in quotes", colon
    if match := _QUOTED_START.match(line):
        value = match["value"]
        if value[0] != value[-1] or value.count(value[0]) > 2:
            return (
                "a value that starts with a quote must end with it, and not go on after it",
                "put other quotes around the whole value",
                match.start("value") + 1,
            )
    return _plain(cause), _indent_hint(cause), None


def _is_unclosed(cause: yaml.MarkedYAMLError) -> bool:
    problem, context = str(cause.problem), str(cause.context)
    if "quoted scalar" in context:
        return "end of stream" in problem or "document" in problem
    return "while parsing a flow" in context and ("<stream end>" in problem or "did not find expected" in problem)


def _plain(cause: yaml.MarkedYAMLError) -> str:
    return ", ".join(filter(None, (cause.context, cause.problem))) or "this is not YAML"


def _stray_colon(line: str) -> int | None:
    match = _TASK_VALUE.match(line)
    if not match or line.lstrip().startswith(":"):
        return None
    value = match["value"]
    if re.fullmatch(r"\s*('[^']*'|\"[^\"]*\")\s*", value):
        return None
    found = re.search(r":($| )", value)
    return match.start("value") + found.start() + 1 if found else None


def _indent_hint(cause: yaml.MarkedYAMLError) -> str | None:
    problem = str(cause.problem)
    if "block end" in problem or "mapping values" in problem or "expected '-' indicator" in problem:
        return "check the indentation of this line and of those above it"
    if "cannot start any token" in problem:
        return "put the value in quotes"
    return None


def _about_characters(cause: yaml.YAMLError, text: str, file: str, error: type[UserError]) -> UserError:
    """A character that YAML does not allow: found here, since the C parser gives no line."""
    found = re.search("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    if not found:
        return error(str(cause), place=Place(file))
    before = text[: found.start()]
    place = Place(file, before.count("\n") + 1, found.start() - before.rfind("\n"))
    return error(f"character U+{ord(found[0]):04X} is not allowed in YAML", place=place, hint="remove it")
