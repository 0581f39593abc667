"""This module puts a file together from the fragments in a directory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Reply, Request, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module, lost
from orchestrator.modules.builtin.content import Content, WriteArgs, content_of, put, put_result, target_of
from orchestrator.modules.builtin.edit import SCRIPTS, read_all
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import Bool, Str


class AssembleArgs(WriteArgs):
    when_missing = "src and dest are required"
    src: Str = Field(min_length=1, description="The directory of the fragments.")
    dest: Str = Field(min_length=1, description="The file.")
    delimiter: Str | None = Field(None, description="Put between fragments; \\n and the like are understood.")
    regexp: Str | None = Field(None, description="Only fragments whose name matches.")
    ignore_hidden: Bool = Field(False, description="Leave out names that start with a dot.")
    remote_src: Bool = Field(True, description="src is on the node.")
    decrypt: Bool = Field(True, description="Open fragments that are vault files.")

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        try:
            re.compile(self.regexp or "")
        except re.error as error:
            raise ValueError(f'Invalid Regexp ({error}) in "{self.regexp}"') from None
        return self

    def chosen(self, names: Iterable[str]) -> list[str]:
        """The fragments in order."""
        kept = (name for name in names if not (self.ignore_hidden and name.startswith(".")))
        return sorted(name for name in kept if not self.regexp or re.search(self.regexp, name))


def assembled(fragments: Iterable[bytes], delimiter: str | None, *, is_here: bool = False) -> bytes:
    """The fragments in one: each starts on a line of its own, the delimiter stands between them. Of fragments that are
    here Ansible ends the delimiter's line even where it has an end."""
    between = codecs.escape_decode(delimiter.encode())[0] if delimiter else b""
    if between and (is_here or not between.endswith(b"\n")):
        between += b"\n"
    whole, seam = b"", b""
    for fragment in fragments:
        whole += seam + fragment
        seam = (b"" if fragment.endswith(b"\n") else b"\n") + between
    return whole


def _from_node(args: AssembleArgs, ctx: Context) -> Generator[Request, Any, bytes | Result]:
    values = {"path_given": args.src}
    listed: Reply = yield Run(
        main="list_files", scripts=SCRIPTS, values=values, environment=ctx.environment, repeatable=True
    )
    if refused := refusal(listed):
        return refused
    paths = [f"{listed.first('path')}/{name}" for name in args.chosen(listed.all("name"))]
    contents = yield from read_all(paths, ctx)
    if isinstance(contents, Result):
        return contents
    missing = [path for path in paths if path not in contents]
    if missing:
        return failure(f"cannot read {missing[0]}")
    return assembled((contents[path] for path in paths), args.delimiter)


def _from_here(args: AssembleArgs, ctx: Context) -> bytes | Result:
    try:
        root: Path = ctx.find("files", args.src)
    except PlaybookError as error:
        return lost(error, registered="Task failed: ")
    if not root.is_dir():
        return failure(f"Source ({args.src}) is not a directory")
    names = args.chosen(path.name for path in root.iterdir() if path.is_file())
    fragments = (content_of(root / name, ctx, decrypt=args.decrypt).bytes() for name in names)
    return assembled(fragments, args.delimiter, is_here=True)


def steps(args: AssembleArgs, ctx: Context) -> Steps:
    data = (yield from _from_node(args, ctx)) if args.remote_src else _from_here(args, ctx)
    if isinstance(data, Result):
        return data
    content = Content(data=data)
    reply = yield from put(content, target_of(args, args.dest, follow=True), ctx)
    result = put_result(reply, content, ctx, src=args.src)
    if result.failed:
        return result
    if args.remote_src:
        return result.but(msg="OK", registers_diff=False)  # of its own module Ansible registers no diff
    wrote = next((each for each in result.diff if each.after_header), None)
    return result.but(data={**result.data, "diff": {"before": wrote.before, "after": wrote.after}}) if wrote else result


ASSEMBLE = Module("assemble", AssembleArgs, steps, "Puts a file together from fragments.", behind="assemble")
