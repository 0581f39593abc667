"""This module sees to an option of an INI file, or to a whole section."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.builtin.edit import ATTRIBUTES, EditArgs, Edited, edit
from orchestrator.modules.types import Bool, Str, StrList

COMMENT = "#;"
NOTHING = re.compile(rf"[ \t\r\n]*([{COMMENT}].*)?$")
"""A line that is blank or a comment."""


class Condition(Args):
    """One of ``section_has_values``: an option the section must have, with one of the values where they are given."""

    option: Str
    value: Str | None = None
    values: StrList = Field(default_factory=list)


class IniArgs(EditArgs):
    unlisted = frozenset({"validate"})

    path: Str = Field(min_length=1, validation_alias=AliasChoices("path", "dest"), description="The file.")
    section: Str | None = Field(None, description="The section; left out: what stands before the first one.")
    section_has_values: list[Condition] = Field(
        default_factory=list, description="Among sections of one name: the one with these options."
    )
    option: Str | None = Field(None, description="The option; left out with state absent: the whole section.")
    value: Str | None = Field(None, description="Its value.")
    values: StrList = Field(default_factory=list, description="Its values, a line each.")
    exclusive: Bool = Field(True, description="These values and no others.")
    state: Literal["absent", "present"] = Field("present", description="Whether it is to be there.")
    no_extra_spaces: Bool = Field(False, description="No blanks around the equals sign.")
    ignore_spaces: Bool = Field(False, description="A line that differs only in blanks around it is left.")
    create: Bool = Field(True, description="Create a file that is not there.")
    allow_no_value: Bool = Field(False, description="An option may be without a value and equals sign.")
    modify_inactive_option: Bool = Field(True, description="Take a commented-out option for the place to write to.")
    follow: Bool = Field(False, description="Accepted: links are followed.")

    @field_validator("section")
    @classmethod
    def _no_name_is_none(cls, value: str | None) -> str | None:
        return value or None

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.value is not None and self.values:
            raise ValueError("parameters are mutually exclusive: value|values")
        if self.state == "present" and self.value is None and not self.values and not self.allow_no_value:
            raise ValueError("Parameter 'value(s)' must be defined if state=present and allow_no_value=False.")
        return self

    def wanted(self) -> list[str | None]:
        """The values; a None is an option without one."""
        given: list[str | None] = [*self.values] if self.values else [self.value] if self.value is not None else []
        return list(dict.fromkeys(given)) or ([None] if self.state == "present" else [])

    def line(self, value: str | None) -> str:
        if value is None:
            return f"{self.option}\n"
        return f"{self.option}={value}\n" if self.no_extra_spaces else f"{self.option} = {value}\n"


Parsed = tuple[bool, str | None]
"""Whether the line is active (no comment), and its value; None: without an equals sign."""


def read_line(line: str, option: str) -> Parsed | None:
    """What ``line`` says about ``option``; None where it is about something else."""
    form = rf"^(?P<off>[{COMMENT}]?)[ \t]*{re.escape(option)}[ \t]*(?:=[ \t]*(?P<value>.*?))?[ \t]*$"
    match = re.match(form, line.rstrip("\r\n"))
    if match is None:
        return None
    return not match["off"], match["value"]


def bounds(lines: list[str], args: IniArgs) -> tuple[int, int] | None:
    """The lines of the section: its first after the header, and the one behind its last. None: no such section."""
    heads = [(number, line.strip()[1:-1]) for number, line in enumerate(lines) if is_head(line)]
    starts = [number for number, _ in heads] + [len(lines)]
    if args.section is None:
        return 0, starts[0]
    for place, (number, name) in enumerate(heads):
        inside = number + 1, starts[place + 1]
        if name == args.section and all(_has(lines[slice(*inside)], each) for each in args.section_has_values):
            return inside
    return None


def is_head(line: str) -> bool:
    text = line.strip()
    return text.startswith("[") and text.endswith("]")


def _has(lines: list[str], condition: Condition) -> bool:
    wanted = condition.values or ([condition.value] if condition.value is not None else [])
    found = [parsed[1] for line in lines if (parsed := read_line(line, condition.option)) and parsed[0]]
    return all(value in found for value in wanted) if wanted else bool(found)


def present(lines: list[str], args: IniArgs) -> tuple[list[str], str]:
    """The section's lines with the option in them, and what was done."""
    wanted = args.wanted()
    kept: list[str] = []
    msg = "OK"
    # where new values go: first to the lines of old ones, then to those of commented-out ones
    spare: list[int] = []
    inactive: list[int] = []
    for line in lines:
        parsed = read_line(line, args.option or "")
        if parsed is None or not parsed[0]:
            if parsed is not None and args.modify_inactive_option and (parsed[1] in wanted or args.exclusive):
                inactive.append(len(kept))
            kept.append(line)
        elif parsed[1] in wanted:
            exact = args.line(parsed[1])
            msg = msg if args.ignore_spaces or line == exact else "option changed"
            kept.append(line if args.ignore_spaces else exact)
            wanted.remove(parsed[1])
        elif args.exclusive:
            spare.append(len(kept))
            kept.append("")
            msg = "option changed"
        else:
            kept.append(line)
    return _filled(kept, [*spare, *inactive], [args.line(value) for value in wanted], msg)


def _filled(kept: list[str], spare: list[int], new: list[str], msg: str) -> tuple[list[str], str]:
    """The new lines in the places to spare, the rest behind the section's last one that says something."""
    for place in spare:
        if new:
            kept[place] = new.pop(0)
            msg = "option changed"
    kept = [line for line in kept if line]
    if not new:
        return kept, msg
    end = len(kept)
    while end and NOTHING.match(kept[end - 1]):
        end -= 1
    return [*kept[:end], *new, *kept[end:]], "option added"


def absent(lines: list[str], args: IniArgs) -> list[str]:
    """The section's lines without the option; with ``exclusive: false`` only without the given values."""
    wanted = args.wanted()

    def goes(line: str) -> bool:
        parsed = read_line(line, args.option or "")
        return parsed is not None and parsed[0] and (args.exclusive or parsed[1] in wanted)

    return [line for line in lines if not goes(line)]


def changed(content: str, args: IniArgs) -> tuple[str, str]:
    """The new content, and what was done."""
    lines = content.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if not lines and args.state == "present":
        lines = ["\n"]  # an empty line stays before what a new file begins with, as in community.general
    found = bounds(lines, args)
    if args.state == "absent":
        if found is None:
            return content, "OK"
        start, end = found
        if args.option is None:
            whole = [*lines[: max(start - 1, 0)], *lines[end:]] if args.section is not None else lines
            return "".join(whole), "section removed"
        kept = absent(lines[start:end], args)
        return "".join([*lines[:start], *kept, *lines[end:]]), "option changed"
    if found is None:
        added = "section and option added" if args.option is not None else "only section added"
        return "".join([*lines, *_new_section(args)]), added
    start, end = found
    if args.option is None:
        return content, "OK"
    body, msg = present(lines[start:end], args)
    return "".join([*lines[:start], *body, *lines[end:]]), msg


def _new_section(args: IniArgs) -> list[str]:
    """A section that is not there yet, with what makes it the one that was asked for."""
    marks = [(each.option, value) for each in args.section_has_values for value in each.values or [each.value or ""]]
    options = [args.line(value) for value in args.wanted()] if args.option else []
    return [f"[{args.section}]\n", *(f"{option} = {value}\n" for option, value in marks), *options]


def steps(args: IniArgs, ctx: Context) -> Steps:
    def change(old: bytes | None) -> Edited | Result:
        if old is None and (not args.create or args.state == "absent"):
            missing = failure(f"Destination {args.path} does not exist!", rc=257)
            return Result(msg="OK", data={"path": args.path}) if args.create else missing
        text = (old or b"").decode(errors="surrogateescape")
        bare = text.removeprefix("\ufeff")  # a byte order mark is no part of the first line, and is not written again
        new, msg = changed(bare, args)
        return Edited(None, "OK") if new == bare else Edited(new.encode(errors="surrogateescape"), msg)

    result = yield from edit(args, ctx, change)
    if result.failed or "path" not in result.data:
        return result
    header = f"{args.path} (content)"
    diff = tuple(replace(each, before_header=header, after_header=header) for each in result.diff if each.after_header)
    shown = {"before": diff[0].before, "after": diff[0].after} if diff else {"before": "", "after": ""}
    told = {**result.data, "diff": {**shown, "before_header": header, "after_header": header}}
    if args.backup and result.changed and not ctx.check:
        told = {"backup_file": "", **told}  # of a file that was not there
    return result.but(msg=(result.msg or "").removesuffix(f" and {ATTRIBUTES}"), data=told, diff=diff)


INI_FILE = Module("ini_file", IniArgs, steps, "Sees to an option of an INI file.")
