"""This module sees to one line of a file: it is there, or it is not."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module
from orchestrator.modules.builtin.edit import EditArgs, Edited, as_editor, compiles, edit
from orchestrator.modules.builtin.settled import settled_line
from orchestrator.modules.types import Bool, Str


class LineArgs(EditArgs):
    state: Literal["absent", "present"] = Field("present", description="Whether the line is to be there.")
    regexp: Str | None = Field(
        None,
        validation_alias=AliasChoices("regexp", "regex"),
        description="present: the last line that matches is replaced; absent: all that match go.",
    )
    search_string: Str | None = Field(None, description="As regexp, but fixed text within the line.")
    line: Str | None = Field(None, validation_alias=AliasChoices("line", "value"), description="The line.")
    insertafter: Str | None = Field(None, description="EOF, BOF or an expression: where a new line goes, after it.")
    insertbefore: Str | None = Field(None, description="BOF or an expression: where a new line goes, before it.")
    backrefs: Bool = Field(False, description="Groups of regexp are filled into line; without a match nothing changes.")
    firstmatch: Bool = Field(False, description="Work with the first match, not with the last.")
    create: Bool = Field(False, description="Create a file that is not there.")

    _compiles = field_validator("regexp", "insertafter", "insertbefore")(compiles)

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        for one, other in (("insertbefore", "insertafter"), ("regexp", "search_string"), ("backrefs", "search_string")):
            if getattr(self, one) and getattr(self, other):
                raise ValueError(f"parameters are mutually exclusive: {one}|{other}")
        if self.backrefs and self.regexp is None:
            raise ValueError("regexp is required with backrefs=true")
        if self.state == "present" and self.line is None:
            raise ValueError("line is required with state=present")
        if self.state == "absent" and self.line is None and self.regexp is None and self.search_string is None:
            raise ValueError("one of line, search_string, or regexp is required with state=absent")
        return self


def split(content: bytes) -> list[bytes]:
    """Lines with their ends; only a line feed ends one."""
    return [line + b"\n" for line in content.split(b"\n")[:-1]] + [last for last in [content.split(b"\n")[-1]] if last]


def _target(args: LineArgs, lines: list[bytes]) -> tuple[int, re.Match[bytes] | None] | None:
    """The line that regexp or search_string is about: the last that fits, the first with firstmatch."""
    numbers = range(len(lines)) if args.firstmatch else reversed(range(len(lines)))
    for number in numbers:
        if args.regexp is not None:
            if match := re.search(args.regexp.encode(), lines[number]):
                return number, match
        elif args.search_string is not None and args.search_string.encode() in lines[number]:
            return number, None
    return None


def _insertion(args: LineArgs, lines: list[bytes], line: bytes) -> tuple[int | None, int | None]:
    """Where the very line stands (the last), and where a new one would go; None where there is no such place."""
    after, before = args.insertafter, args.insertbefore
    wanted = after if after not in (None, "BOF", "EOF") else before if before != "BOF" else None
    exact: int | None = None
    place: int | None = None
    for number, current in enumerate(lines):
        if current.rstrip(b"\r\n") == line:
            exact = number
        elif wanted is not None and re.search(wanted.encode(), current):
            place = number + 1 if args.insertafter else number
            if args.firstmatch:
                break
    return exact, place


def present(content: bytes, args: LineArgs) -> tuple[bytes, str]:
    """The content with the line in it, and what was done. Source: the documented rules of ansible.builtin.lineinfile.

    One deliberate difference: a new line after a last line without an end is not glued to it.
    """
    lines, line = split(content), (args.line or "").encode()
    target = _target(args, lines)
    exact, place = (None, None) if target else _insertion(args, lines, line)
    if target or exact is not None:
        number, match = target or (exact or 0, None)
        new = match.expand(line) if args.backrefs and match else line
        new = new if new.endswith(b"\n") else new + b"\n"
        if lines[number] == new:
            return content, ""
        lines[number] = new
        return b"".join(lines), "line replaced"
    if args.backrefs:
        return content, ""
    if "BOF" in (args.insertbefore, args.insertafter):
        place = 0
    elif place is None:
        place = len(lines)
    elif args.insertafter and lines[min(place, len(lines) - 1)].rstrip(b"\r\n") == line:
        return content, ""
    if 0 < place == len(lines) and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += b"\n"
    lines.insert(place, line + b"\n")
    return b"".join(lines), "line added"


def absent(content: bytes, args: LineArgs) -> tuple[bytes, int]:
    """The content without the lines that fit, and how many went."""

    def fits(line: bytes) -> bool:
        if args.regexp is not None:
            return re.search(args.regexp.encode(), line) is not None
        if args.search_string is not None:
            return args.search_string.encode() in line
        return line.rstrip(b"\r\n") == (args.line or "").encode()

    lines = split(content)
    kept = [line for line in lines if not fits(line)]
    return b"".join(kept), len(lines) - len(kept)


def _matches_all(args: LineArgs) -> str | None:
    """The warning, in Ansible's words, that an empty expression fits every line."""
    said = {"regular expression": args.regexp, "search string": args.search_string}
    empty = next((name for name, value in said.items() if value == ""), None)
    if empty is None or args.state != "present":
        return None
    advice = " If this is desired, use '^' to match every line in the file and avoid this warning."
    return (
        f"The {empty} is an empty string, which will match every line in the file. This may have unintended "
        "consequences, such as replacing the last line in the file rather than appending."
        + (advice if args.regexp == "" else "")
    )


def steps(args: LineArgs, ctx: Context) -> Steps:
    seen: list[bytes] = []

    def change(old: bytes | None) -> Edited | Result:
        seen.extend([] if old is None else [old])
        if args.state == "absent":
            if old is None:
                return Result(msg="file not present")
            new, found = absent(old, args)
            return Edited(new, f"{found} line(s) removed" if found else "", {"found": found})
        if old is None and not args.create:
            return failure(f"Destination {args.path} does not exist !", rc=257)
        try:
            new, msg = present(old or b"", args)
        except (re.error, IndexError) as error:
            return failure(f"cannot fill the groups of regexp into line: {error}")
        return Edited(new, msg)

    # the node can tell that nothing is to be done, but then sends no content for a diff
    is_plain = args.state == "present" and not (args.backrefs or args.firstmatch or ctx.diff)
    settled = settled_line(args.line, args.regexp, args.search_string) if is_plain else {}
    result = yield from edit(args, ctx, change, settled)
    if result.failed or result.msg == "file not present":
        return result
    told = {name: result.data[name] for name in ("found",) if name in result.data}
    told["backup"] = result.data.get("backup_file", "")
    if empty := _matches_all(args):
        told["warnings"] = [empty]
    return as_editor(result, args.path, seen[0] if seen else None, told, ctx)


LINEINFILE = Module("lineinfile", LineArgs, steps, "Sees to one line of a text file.")
