"""This module sees to a block of lines between two markers in a file."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module
from orchestrator.modules.builtin.edit import EditArgs, Edited, as_editor, compiles, edit
from orchestrator.modules.types import Bool, Str


class BlockArgs(EditArgs):
    state: Literal["absent", "present"] = Field("present", description="Whether the block is to be there.")
    block: Str = Field("", validation_alias=AliasChoices("block", "content"), description="The lines; empty: no block.")
    marker: Str = Field("# {mark} ANSIBLE MANAGED BLOCK", description="The marker lines; {mark} tells them apart.")
    marker_begin: Str = Field("BEGIN", description="{mark} of the opening marker.")
    marker_end: Str = Field("END", description="{mark} of the closing marker.")
    insertafter: Str | None = Field(None, description="EOF or an expression: a new block goes after the last match.")
    insertbefore: Str | None = Field(None, description="BOF or an expression: a new block goes before the last match.")
    create: Bool = Field(False, description="Create a file that is not there.")
    append_newline: Bool = Field(False, description="A blank line after the block, unless it ends the file.")
    prepend_newline: Bool = Field(False, description="A blank line before the block, unless it starts the file.")

    _compiles = field_validator("insertafter", "insertbefore")(compiles)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.insertafter is not None and self.insertbefore is not None:
            raise ValueError("parameters are mutually exclusive: insertbefore|insertafter")
        return self

    def markers(self) -> tuple[bytes, bytes]:
        words = (self.marker_begin, self.marker_end)
        begin, end = (self.marker.replace("{mark}", word).encode() + b"\n" for word in words)
        return begin, end

    def block_lines(self) -> list[bytes]:
        """The block with its markers; empty where there is to be none."""
        if self.state == "absent" or not self.block:
            return []
        begin, end = self.markers()
        text = self.block if self.block.endswith("\n") else self.block + "\n"
        return [begin, *text.encode().splitlines(keepends=True), end]


def _place(args: BlockArgs, content: bytes, lines: list[bytes]) -> int:
    """Where a new block goes."""
    if args.insertbefore == "BOF":
        return 0
    expression = args.insertafter if args.insertafter not in (None, "EOF") else args.insertbefore
    if expression is None:
        return len(lines)
    pattern = re.compile(expression.encode())
    after = 1 if args.insertafter is not None else 0
    if pattern.flags & re.MULTILINE:
        match = pattern.search(content)
        if match is None:
            return len(lines)
        return content.count(b"\n", 0, match.end() if after else match.start()) + after
    found = [number for number, line in enumerate(lines) if pattern.search(line)]
    return found[-1] + after if found else len(lines)


def with_block(content: bytes, args: BlockArgs) -> bytes:
    """The content with the block as it is to be. Source: the documented rules of ansible.builtin.blockinfile.

    One deliberate difference: where there is no block to insert, a last line without an end stays as it is.
    """
    lines = content.splitlines(keepends=True)
    begin, end = args.markers()
    opening = [number for number, line in enumerate(lines) if line == begin][-1:]
    closing = [number for number, line in enumerate(lines) if line == end][-1:]
    if opening and closing:
        first, last = sorted((opening[0], closing[0]))
        del lines[first : last + 1]
        place = first
    else:
        place = _place(args, content, lines)
    block = args.block_lines()
    if block and place > 0 and not lines[place - 1].endswith(b"\n"):
        lines[place - 1] += b"\n"
    if args.prepend_newline and args.state == "present" and place > 0 and lines[place - 1] != b"\n":
        lines.insert(place, b"\n")
        place += 1
    lines[place:place] = block
    behind = place + len(block)
    if args.append_newline and args.state == "present" and behind < len(lines) and lines[behind] != b"\n":
        lines.insert(behind, b"\n")
    return b"".join(lines)


def steps(args: BlockArgs, ctx: Context) -> Steps:
    seen: list[bytes] = []

    def change(old: bytes | None) -> Edited | Result:
        seen.extend([] if old is None else [old])
        if old is None and not args.create:
            return failure(f"Path {args.path} does not exist !", rc=257)
        if old is None and args.state == "absent":
            return Result(msg=f"File {args.path} not present")
        new = with_block(old or b"", args)
        if new == old:
            return Edited(None)
        if old is None:
            return Edited(new, "File created")
        return Edited(new, "Block inserted" if args.block_lines() else "Block removed")

    result = yield from edit(args, ctx, change)
    if result.failed or result.data == {}:
        return result
    told = {name: result.data[name] for name in ("backup_file",) if name in result.data}
    return as_editor(result, args.path, seen[0] if seen else None, told, ctx)


BLOCKINFILE = Module("blockinfile", BlockArgs, steps, "Sees to a block of lines in a text file.")
