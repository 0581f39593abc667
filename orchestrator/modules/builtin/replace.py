"""This module replaces all that matches an expression in a file."""

from __future__ import annotations

import re
from typing import Self

from pydantic import Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module
from orchestrator.modules.builtin.edit import EditArgs, Edited, edit
from orchestrator.modules.types import Str


class ReplaceArgs(EditArgs):
    regexp: Str = Field(description="What to replace; ^ and $ match at each line.")
    replace: Str = Field("", description="What to put there; \\1 and \\g<name> stand for groups.")
    after: Str | None = Field(None, description="Only behind the first match of this expression.")
    before: Str | None = Field(None, description="Only before the first match of this expression.")
    encoding: Str = Field("utf-8", description="The file's encoding.")

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        for expression in (self.regexp, self.section()):
            try:
                re.compile(expression)
            except re.error as error:
                raise ValueError(f"invalid regular expression {expression}: {error}") from None
        return self

    def section(self) -> str:
        """The expression for the part of the file that is worked on; empty: all of it."""
        if not self.after and not self.before:
            return ""
        if not self.before:
            return f"{self.after}(?P<subsection>.*)"
        lazy = ".*?" if self.after else ".*"
        return f"{self.after or ''}(?P<subsection>{lazy}){self.before}"


def replaced(text: str, args: ReplaceArgs) -> tuple[str, int] | None:
    """The new text and the number of replacements; None where the part to work on is not found. Raises re.error."""
    start, end = 0, len(text)
    if section := args.section():
        match = re.search(section, text, re.DOTALL)
        if match is None:
            return None
        start, end = match.span("subsection")
    new, count = re.subn(args.regexp, args.replace, text[start:end], flags=re.MULTILINE)
    return text[:start] + new + text[end:], count


TOLD = frozenset({"rc", "backup_file", "stderr"})
"""What is returned beside ``msg``: nothing of the file."""


def steps(args: ReplaceArgs, ctx: Context) -> Steps:
    def change(old: bytes | None) -> Edited | Result:
        if old is None:
            return failure(f"Path {args.path} does not exist !", rc=257)
        try:
            found = replaced(old.decode(args.encoding), args)
        except (re.error, IndexError) as error:
            return failure(f"Unable to process replace due to error: {error}")
        except (UnicodeDecodeError, LookupError) as error:
            return failure(f"{args.path} cannot be read as {args.encoding}: {error}")
        if found is None:
            msg = f"Pattern for before/after params did not match the given file: {args.section()}"
            return Edited(None, msg, {"rc": 0})
        new, count = found
        content = new.encode(args.encoding)
        return Edited(content, f"{count} replacements made" if content != old else "", {"rc": 0})

    result = yield from edit(args, ctx, change)
    content_only = tuple(each for each in result.diff if each.after_header)
    return result.but(data={name: value for name, value in result.data.items() if name in TOLD}, diff=content_only)


REPLACE = Module("replace", ReplaceArgs, steps, "Replaces what matches an expression in a file.")
