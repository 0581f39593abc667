"""This module writes a file from a template of the controller's."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Steps
from orchestrator.model.results import failure
from orchestrator.modules.base import Context, Module, lost
from orchestrator.modules.builtin.content import Content, WriteArgs, content_of, copied, put, target_of
from orchestrator.modules.builtin.copy import kept_mode
from orchestrator.modules.types import Bool, Mode, Str

OPTIONS = (
    "newline_sequence", "block_start_string", "block_end_string", "variable_start_string", "variable_end_string",
    "comment_start_string", "comment_end_string", "trim_blocks", "lstrip_blocks",
)  # fmt: skip
NEWLINES = {"\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n", "\n": "\n", "\r": "\r", "\r\n": "\r\n"}


class TemplateArgs(WriteArgs):
    when_missing = "src and dest are required"
    src: Str = Field(min_length=1, description="The template.")
    dest: Str = Field(min_length=1, description="Where to; a directory if it ends in / or is one.")
    force: Bool = Field(True, description="Replace what differs.")
    follow: Bool = Field(False, description="Write to what a link at dest leads to.")
    directory_mode: Mode | None = Field(None, description="The mode of directories that are created.")
    newline_sequence: Str = Field("\n", description="How lines end: \\n, \\r or \\r\\n.")
    block_start_string: Str = Field("{%", description="What starts a block.")
    block_end_string: Str = Field("%}", description="What ends a block.")
    variable_start_string: Str = Field("{{", description="What starts an expression.")
    variable_end_string: Str = Field("}}", description="What ends an expression.")
    comment_start_string: Str | None = Field(None, description="What starts a comment.")
    comment_end_string: Str | None = Field(None, description="What ends a comment.")
    trim_blocks: Bool = Field(True, description="Drop the line break after a block.")
    lstrip_blocks: Bool = Field(False, description="Drop the blanks before a block.")
    output_encoding: Str = Field("utf-8", description="The encoding of the file written.")

    @model_validator(mode="after")
    def _as_ansible_says(self) -> Self:
        if self.newline_sequence not in NEWLINES:
            raise ValueError("newline_sequence needs to be one of: \n, \r or \r\n")
        return self


def steps(args: TemplateArgs, ctx: Context) -> Steps:
    try:
        source = ctx.find("templates", args.src)
        text = content_of(source, ctx).bytes().decode()
    except PlaybookError as error:
        return lost(error)
    except (OSError, UnicodeDecodeError) as error:
        return failure(f"the template {args.src} cannot be read: {error}")
    options = {name: value for name in OPTIONS if (value := getattr(args, name)) is not None}
    options["newline_sequence"] = NEWLINES[args.newline_sequence]
    about = {"path": str(source), "name": args.src, "destination": args.dest}
    rendered = ctx.render_template(text, {**options, **about})
    try:
        content = Content(data=rendered.encode(args.output_encoding or "utf-8", errors="surrogateescape"))
    except (LookupError, UnicodeEncodeError) as error:
        return failure(f"cannot write {args.dest} as {args.output_encoding}: {error}")
    target = target_of(
        args,
        args.dest,
        basename=source.name,
        follow=args.follow,
        force=args.force,
        mode=kept_mode(source, args.mode),
        directory_mode=args.directory_mode or "",
    )
    reply = yield from put(content, target, ctx)
    return copied(reply, content, ctx, written=args.dest, src=str(source), title=None)


TEMPLATE = Module("template", TemplateArgs, steps, "Writes a file from a template.", behind="copy")
