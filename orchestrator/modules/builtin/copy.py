"""This module copies a file, a tree, or text given in the task, from the controller or within the node."""

from __future__ import annotations

import json
import stat as modes
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Context, Module, lost, script
from orchestrator.modules.builtin.content import (
    CONTENT_SH,
    Content,
    WriteArgs,
    content_of,
    copied,
    not_valid,
    put,
    target_of,
)
from orchestrator.modules.builtin.copy_tree import copy_tree
from orchestrator.modules.builtin.files import FILE_SCRIPTS, changes, last_stat
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Mode, Str, to_text

COPY_SH = script("copy", __file__)


def _text(value: Any) -> str:
    """Content as text: mappings and lists as JSON, as Ansible writes them."""
    if isinstance(value, dict | list):
        return json.dumps(value, default=str)
    return to_text(value) if isinstance(value, bytes) else str(value)


class CopyArgs(WriteArgs):
    unlisted = frozenset({"decrypt"})
    also_listed = frozenset({"_original_basename"})
    src: Str | None = Field(None, description="A file or directory; of a directory ending in / only the contents.")
    content: Annotated[str, BeforeValidator(_text)] | None = Field(
        None, description="The text of the file, instead of src."
    )
    when_missing = "dest is required"
    dest: Str = Field(min_length=1, description="Where to; a directory if it ends in / or is one.")
    remote_src: Bool = Field(False, description="src is on the node.")
    force: Bool = Field(True, validation_alias=AliasChoices("force", "thirsty"), description="Replace what differs.")
    directory_mode: Mode | None = Field(None, description="The mode of directories that are created.")
    follow: Bool = Field(False, description="Write to what a link at dest leads to.")
    local_follow: Bool | None = Field(
        None, description="Copy what links in the source lead to; left out: yes, but within the node links stay links."
    )
    checksum: Str | None = Field(None, description="The SHA-1 that the source must have.")
    decrypt: Bool = Field(True, description="Open a source that is a vault file.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if not self.src and self.content is None:
            raise ValueError("src (or content) is required")
        if self.src and self.content is not None:
            raise ValueError("src and content are mutually exclusive")
        if self.content is not None and self.dest.endswith("/"):
            raise ValueError("can not use content with a dir as dest")
        return self


CONTENT_MODES = {"preserve": "0600"}
"""What ``preserve`` means for ``content``: Ansible keeps the mode of the temporary file that it puts it into."""


def kept_mode(path: Path, mode: str | None) -> str:
    """``mode``, with ``preserve`` replaced by the controller's file's own."""
    return f"{modes.S_IMODE(path.stat().st_mode):04o}" if mode == "preserve" else mode or ""


def only_file(tree: Path) -> Path | None:
    """The only thing in the directory ``tree``, where that is a file: then Ansible tells of it, not of the tree."""
    inside = list(tree.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_file() and not inside[0].is_symlink() else None


def from_node(args: CopyArgs, ctx: Context) -> Steps:
    """A copy within the node, in one program."""
    target = target_of(args, args.dest, follow=args.follow, force=args.force, directory_mode=args.directory_mode or "")
    values = {
        **target.values(),
        "src": args.src or "",
        "local_follow": "" if args.local_follow is None else as_shell(args.local_follow),
        "expected_sum": args.checksum or "",
        "needs_parents": "true",
        "check": as_shell(ctx.check),
        "diff": as_shell(ctx.diff),
    }
    reply: Reply = yield Run(
        main="with_words copy_here",
        scripts=(*FILE_SCRIPTS, CONTENT_SH, COPY_SH),
        values=values,
        environment=ctx.environment,
        repeatable=True,
    )
    if (status := reply.first("validation")) is not None:
        return not_valid(reply, int(status))
    if refused := refusal(reply):
        return refused
    src, dest = reply.first("src"), reply.first("dest")
    if folder := reply.first("folder"):
        return Result(changed=True, msg=f"dest directory {folder} would be created", data={"src": src})
    stat, found = last_stat(reply), changes(reply)
    if reply.first("kept"):
        return Result(msg="file already exists", data={"src": src, "dest": dest, **(stat.info() if stat else {})})
    data = {"src": src, "dest": dest, "checksum": reply.first("checksum"), "md5sum": reply.first("md5sum")}
    data.update(stat.info() if stat else {})
    if backup := reply.first("backup_file"):
        data["backup_file"] = backup
    return Result(changed=bool(found) or reply.first("changed") is not None, data=data)


def steps(args: CopyArgs, ctx: Context) -> Steps:
    if args.remote_src and args.src:
        return (yield from from_node(args, ctx))
    content, source, dest = Content(data=(args.content or "").encode(errors="surrogateescape")), None, args.dest
    if args.src:
        try:
            source = ctx.find("files", args.src)
        except PlaybookError as error:
            return lost(error, registered="Unexpected AnsibleActionFail error: ")
        if source.is_dir() and (only := only_file(source)) is None:
            return (yield from copy_tree(args, source, ctx))
        if source.is_dir() and only:
            dest = f"{dest.rstrip('/')}/{'' if args.src.endswith('/') else f'{source.name}/'}"
            source = only
        content = content_of(source, ctx, decrypt=args.decrypt)
    if args.checksum and content.digest("sha1") != args.checksum:
        return failure(
            "Copied file does not match the expected checksum. Transfer failed.", checksum=content.digest("sha1")
        )
    mode = kept_mode(source, args.mode) if source else CONTENT_MODES.get(args.mode or "", args.mode or "")
    target = target_of(
        args,
        dest,
        basename=source.name if source else "",
        follow=args.follow,
        force=args.force,
        mode=mode,
        directory_mode=args.directory_mode or "",
    )
    reply = yield from put(content, target, ctx)
    where = str(source) if source else None
    return copied(reply, content, ctx, written=dest, src=where, title=where)


COPY = Module("copy", CopyArgs, steps, "Copies files, trees and text to the node.", behind="copy")
