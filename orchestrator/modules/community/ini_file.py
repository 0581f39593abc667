"""This module sees to an option of an INI file, or to a whole section."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.builtin.edit import ATTRIBUTES, EditArgs, Edited, edit
from orchestrator.modules.types import Bool, Str, StrList


class Condition(Args):
    """One of ``section_has_values``: an option the section must have, with one of the values where they are given."""

    option: Str
    value: Str | None = None
    values: StrList = Field(default_factory=list)

    def wanted(self) -> list[str]:
        return self.values or ([] if self.value is None else [self.value])

    def holds_in(self, lines: list[str]) -> bool:
        """Whether one of ``lines`` has the option, commented out or not, with one of the values where any is given."""
        found = [match["value"] for line in lines if (match := about(line, self.option))]
        return any(not self.wanted() or value in self.wanted() for value in found)


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
    follow: Bool = Field(False, description="Follow a link; else a file takes its place.")

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

    def wanted(self) -> list[str]:
        """The values, each once."""
        return list(dict.fromkeys(self.values or ([] if self.value is None else [self.value])))

    def line(self, value: str | None, option: str | None = None) -> str:
        """The line that sets the option; None: without an equals sign."""
        name = option or self.option
        if value is None:
            return f"{name}\n"
        return f"{name}={value}\n" if self.no_extra_spaces else f"{name} = {value}\n"


NOTHING = re.compile(r"[ \t]*([#;].*)?$")
"""A line that is blank or a comment."""
TOP = "[ad01e11446efb704fcdbdb21f2c43757423d91c5]"
"""A head for what stands before the first section, as community.general has it."""


def about(line: str, option: str, *, inactive: bool = True) -> re.Match[str] | None:
    """What ``line`` says of ``option``: ``off`` where it is commented out (with ``inactive`` alone), and its ``value``,
    empty where it has none. None for a line about something else."""
    mark = r"[ \t]*(?P<off>[#;]?)" if inactive else "(?P<off>)"
    return re.match(rf"{mark}[ \t]*{re.escape(option)}[ \t]*(?:=|$)[ \t]*(?P<value>.*)", line)


@dataclass
class Lines:
    """The lines of a section, its head first, at work: which are as wanted (``settled``), and what was done."""

    lines: list[str]
    args: IniArgs
    settled: set[int] = field(default_factory=set)
    msg: str | None = None

    def put(self, index: int, new: str) -> None:
        """The line at ``index`` as ``new``, unless only blanks differ and those do not count."""
        option = self.args.option or ""
        old, wanted = about(self.lines[index], option), about(new, option)
        is_same = self.lines[index] == new
        if self.args.ignore_spaces and old and wanted and not old["off"]:
            is_same = old["value"] == wanted["value"]
        if not is_same:
            self.lines[index], self.msg = new, "option changed"
        self.settled.add(index)

    def matching(self) -> list[tuple[int, str]]:
        """The lines about the option that are not settled, by number, with their values."""
        found = (about(line, self.args.option or "", inactive=self.args.modify_inactive_option) for line in self.lines)
        return [(n, match["value"]) for n, match in enumerate(found) if match and n not in self.settled]

    def present(self) -> None:
        """First lines that have a wanted value, then others about the option get the rest or go, then new lines."""
        values, allows, has_bare = self.args.wanted(), self.args.allow_no_value, False
        for index, value in self.matching():
            if value in values:
                has_bare |= allows and not value
                self.put(index, self.args.line(value if value or not allows else None))
                values.remove(value)
            elif not values and allows:
                has_bare = True
                self.put(index, self.args.line(None))
                break
        if self.args.exclusive and not allows:
            for index, _ in self.matching()[: len(values)]:
                self.put(index, self.args.line(values.pop(0)))
            for index, _ in reversed(self.matching()):
                del self.lines[index]
                self.msg = "option changed"
        new = [self.args.line(value) for value in values] or ([self.args.line(None)] if allows and not has_bare else [])
        if new:
            end = max(number for number, line in enumerate(self.lines, start=1) if not NOTHING.match(line))
            self.lines[end:end] = new
            self.msg = "option added"

    def absent(self) -> None:
        """Without the option; with ``exclusive: false`` only without the given values."""
        found = ((line, about(line, self.args.option or "", inactive=False)) for line in self.lines)
        wanted = self.args.wanted()
        kept = [line for line, match in found if not match or not (self.args.exclusive or match["value"] in wanted)]
        if kept != self.lines:
            self.lines, self.msg = kept, "option changed"


def bounds(lines: list[str], args: IniArgs) -> tuple[int, int] | None:
    """Where the section is, its head included: it ends where any line begins with a bracket. None: no such section."""
    name = (args.section or TOP[1:-1]).strip()
    head = re.compile(rf"\[\s*{re.escape(name)}\s*]")
    start: int | None = None
    for index, line in enumerate(lines):
        if start is not None and line.startswith("["):
            if all(each.holds_in(lines[start:index]) for each in args.section_has_values):
                return start, index
            start = None
        if head.match(line):
            start = index
    return None


def changed(content: str, args: IniArgs) -> tuple[str | None, str]:
    """The new content, None where it is as it should be, and what was done."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", re.sub("\r\n?", "\n", content)) or ["\n"]
    has_end = lines[-1].endswith("\n")
    lines = [TOP, *lines[:-1], lines[-1].removesuffix("\n") + "\n", "["]
    found = bounds(lines, args)
    if found is None and args.state == "present":
        new, msg = _new_section(args)
        return "".join([*lines[1:-1], *new]), msg
    start, end = found or (0, 0)
    section = Lines(lines[start:end], args)
    if args.option is None and args.state == "absent" and found:
        section.lines, section.msg = [], "section removed"
    elif args.option is not None:
        (section.present if args.state == "present" else section.absent)()
    whole = "".join([*lines[:start], *section.lines, *lines[end:]][1:-1])
    return (whole if section.msg or not has_end else None), section.msg or "OK"


def _new_section(args: IniArgs) -> tuple[list[str], str]:
    """A section that is not there yet, with what makes it the one that was asked for; and what that is called."""
    lines = [f"[{args.section}]\n" if args.section else f"{TOP}\n"]
    values = args.wanted()
    for each in args.section_has_values:
        if each.option != args.option:
            given: list[str | None] = [*each.wanted()] or ([None] if args.allow_no_value else [])
            lines += [args.line(value, each.option) for value in given]
        elif not args.exclusive:
            values += [value for value in each.wanted() if value not in values]
    if args.option is None or not (values or args.allow_no_value):
        return lines, "only section added"
    added: list[str | None] = [*values] or [None]
    return [*lines, *(args.line(value) for value in added)], "section and option added"


def steps(args: IniArgs, ctx: Context) -> Steps:
    def change(old: bytes | None) -> Edited | Result:
        if old is None and (not args.create or args.state == "absent"):
            missing = failure(f"Destination {args.path} does not exist!", rc=257)
            return Result(msg="OK", data={"path": args.path}) if args.create else missing
        text = (old or b"").decode(errors="surrogateescape")
        bare = text.removeprefix("\ufeff")  # a byte order mark is no part of the first line, and is not written again
        new, msg = changed(bare, args)
        return Edited(None if new is None else new.encode(errors="surrogateescape"), msg)

    result = yield from edit(args, ctx, change, follow=args.follow)
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
