"""Content brought to a file: compared on the node, written beside the target and renamed into place.

Up to 16 KB go along with the first program; more is sent only where the checksum differs: up to 256 KB inside a second
program, beyond that as a file on a channel of its own. Where a look ahead has seen that it differs, up to 256 KB go
along with the first program. Inside a program it is compressed where that spares enough and the node has gzip(1).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import shlex
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pydantic import Field

from orchestrator.model.program import Glimpse, Reply, Request, Run, Upload
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Context, script
from orchestrator.modules.builtin.files import (
    FILE_SCRIPTS,
    FileArgs,
    attribute_diff,
    attributes_told,
    changes,
    last_stat,
    worded,
)
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

CONTENT_SH = script("content", __file__)
AT_ONCE_BYTES = 16 * 1024
INLINE_BYTES = 256 * 1024
SHOWN_BYTES = 104448
"""Ansible's limit for content in a diff."""


class WriteArgs(FileArgs):
    """What every module that writes a file takes."""

    backup: Bool = Field(False, description="Keep the old file beside the new one, with the time in its name.")
    validate_: Str | None = Field(
        None, alias="validate", description="A command that must accept the new file, `%s`, before it is put in place."
    )


@dataclass(frozen=True)
class Content:
    """Bytes for a file: in hand, or in the controller's file ``source``."""

    data: bytes | None = None
    source: Path | None = None

    @cached_property
    def size(self) -> int:
        return len(self.data) if self.data is not None else self._source().stat().st_size

    def digest(self, algorithm: str) -> str:
        """The hex digest of the bytes."""
        if self.data is not None:
            return hashlib.new(algorithm, self.data, usedforsecurity=False).hexdigest()
        with self._source().open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()

    def bytes(self) -> bytes:
        return self.data if self.data is not None else self._source().read_bytes()

    def values(self, asked: Reply | None = None) -> dict[str, str]:
        """The content as shell values; ``asked``: what a program has said of the node, if one has."""
        return _worded(self.bytes(), may_be_packed=asked is not None and asked.first("unpacks") == "gzip")

    def _source(self) -> Path:
        assert self.source is not None
        return self.source


@lru_cache(maxsize=16)
def _worded(data: bytes, *, may_be_packed: bool) -> dict[str, str]:
    """``data`` as shell values: as text where it is text, since that needs no decoding on the node. The same for all
    hosts, as most content is."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    plain = base64.b64encode(data).decode() if "\0" in text else text
    if may_be_packed:
        packed = base64.b64encode(gzip.compress(data, compresslevel=6, mtime=0)).decode()
        if len(packed) + AT_ONCE_BYTES < len(plain):
            return {"how": "gzip", "base64": packed, "text": ""}
    if "\0" in text:
        return {"how": "base64", "base64": plain, "text": ""}
    return {"how": "text", "text": plain, "base64": ""}


def content_of(source: Path, ctx: Context, *, decrypt: bool = True) -> Content:
    """What is in the controller's file ``source``; of a vault file, unless ``decrypt`` is off, what it holds."""
    plain = ctx.opened(source) if decrypt else None
    return Content(source=source) if plain is None else Content(data=plain)


def upload_of(path: str, source: Path, ctx: Context, *, decrypt: bool) -> Upload:
    """The request to bring ``source`` (see ``content_of``) to the new file ``path`` on the node."""
    content = content_of(source, ctx, decrypt=decrypt)
    return Upload(path, source=str(source) if content.data is None else None, content=content.data)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where content goes, and how. ``expected``: the cksum of what must be there still, or ``absent``."""

    dest: str
    basename: str = ""
    follow: bool = False
    force: bool = True
    expected: str = ""
    directory_mode: str = ""
    make_parents: bool = False
    backup: bool = False
    validate: str | None = None
    mode: str = ""
    owner: str = ""
    group: str = ""
    unsafe_writes: bool | None = None
    """None: as the environment says."""

    def values(self) -> dict[str, str]:
        return {
            **worded(shlex.split(self.validate or "")),
            "dest_given": self.dest,
            "basename": self.basename,
            "follow": as_shell(self.follow),
            "force": as_shell(self.force),
            "expected": self.expected,
            "directory_mode": self.directory_mode,
            "make_parents": as_shell(self.make_parents),
            "backup": as_shell(self.backup),
            "mode": self.mode,
            "owner": self.owner,
            "group": self.group,
            "unsafe_writes": "" if self.unsafe_writes is None else as_shell(self.unsafe_writes),
        }


def target_of(args: WriteArgs, dest: str, **more: Any) -> Target:
    """The target that a module's common arguments describe; ``more`` are further fields."""
    return Target(
        dest=dest,
        **{
            "backup": args.backup,
            "validate": args.validate_,
            "mode": args.mode or "",
            "owner": args.owner or "",
            "group": args.group or "",
            "unsafe_writes": args.unsafe_writes if "unsafe_writes" in args.model_fields_set else None,
            **more,
        },
    )


Putting = Generator[Request, Any, Reply]


def put_values(content: Content, target: Target, ctx: Context) -> dict[str, str]:
    """What content.sh is told of ``content``, but for the bytes themselves."""
    return {
        **target.values(),
        "wanted_sum": content.digest("sha1"),
        "size": str(content.size),
        "check": as_shell(ctx.check),
        "diff": as_shell(ctx.diff),
    }


def put(content: Content, target: Target, ctx: Context, *, is_last: bool = True) -> Putting:
    """Brings ``content`` to ``target``; returns the records of the last program. Use with ``yield from``. ``is_last``:
    the module asks the node for nothing after it."""
    common = put_values(content, target, ctx)

    def program(values: Mapping[str, str]) -> Run:
        return Run(
            main="with_words put",
            scripts=(*FILE_SCRIPTS, CONTENT_SH),
            values={**common, **values},
            environment=ctx.environment,
            repeatable=True,
            is_last=is_last,
        )

    if content.size <= AT_ONCE_BYTES:
        only: Reply = yield program(content.values())
        return only
    later = {"how": "later", "text": "", "base64": ""}
    if content.size <= INLINE_BYTES:
        look = replace(program(later), main="look_content", is_last=False)
        seen: Reply | None = yield Glimpse(look)
        if seen is not None and seen.first("same") == "false":
            sent: Reply = yield program(content.values(seen))
            return sent
    first: Reply = yield program(later)
    place = first.first("later")
    if refusal(first) or place is None:
        return first
    if not place:
        last: Reply = yield program({**content.values(first), "diff": "false"})
        return _joined(first, last)
    path = f"{place}/content"
    yield Upload(path, source=str(content.source)) if content.source else Upload(path, content=content.bytes())
    last = yield program({"how": "upload", "uploaded": path, "diff": "false"})
    return _joined(first, last)


def _joined(first: Reply, last: Reply) -> Reply:
    """The last program's records, with the old content that only the first has shown."""
    shown = tuple(pair for pair in first.said if pair[0] in ("before", "before_size"))
    return Reply(last.rc, first.stdout, last.stderr, (*last.said, *shown))


def content_diff(reply: Reply, content: Content, dest: str, source: str | None = None) -> Diff:
    """Old and new content as a diff; what is binary or too large is named, not shown. ``source``: what the new content
    is headed with, where that is not ``dest``."""
    old: str = _shown(reply.stdout, int(reply.first("before_size") or len(reply.stdout)), "destination")
    new = _shown(content.bytes() if content.size <= SHOWN_BYTES else b"", content.size, "source")
    return Diff(old, new, dest if reply.first("before") else "", source or dest)


def _shown(data: bytes, size: int, what: str) -> str:
    if size > SHOWN_BYTES:
        return f"(diff skipped: the {what} file is larger than {SHOWN_BYTES} bytes)\n"
    if b"\0" in data[:8192]:
        return f"(diff skipped: the {what} file appears to be binary)\n"
    return data.decode(errors="replace")


def copied(reply: Reply, content: Content, ctx: Context, *, written: str, src: str | None, title: str | None) -> Result:
    """The result of copy and template, in the shape that Ansible registers. Where the content was right already it is
    that of its file module; in check mode nothing is told of a file that would be written. ``written``: the
    destination as the task has it; ``title`` heads the diff."""
    if (status := reply.first("validation")) is not None:
        return not_valid(reply, int(status))
    result = put_result(reply, content, ctx)
    if result.failed:
        return result.but(data={**result.data, "checksum": content.digest("sha1"), "diff": []})
    dest = result.data["dest"]
    if reply.first("kept"):
        return Result(data={"dest": written, "src": src})
    if reply.first("changed") is None:
        told = {name: value for name, value in result.data.items() if name != "md5sum"}
        return result.but(
            data={**told, "path": dest, "diff": attributes_told(dest, changes(reply)) if ctx.diff else []}
        )
    shown = (content_diff(reply, content, dest, title),) if ctx.diff else ()
    told = {} if ctx.check else {**result.data, "src": src}
    return result.but(data=told if shown else {**told, "diff": []}, diff=shown, lists_diff=True)


def not_valid(reply: Reply, status: int) -> Result:
    """What copy and template say of content that was refused; both streams of the command are in ``stderr``."""
    words = (reply.first("fail") or "").partition(" error:")[2]
    streams = {"stdout": "", "stdout_lines": [], "stderr": words, "stderr_lines": words.splitlines()}
    return failure("failed to validate", exit_status=status, **streams)


def put_result(reply: Reply, content: Content, ctx: Context, **data: Any) -> Result:
    """The result of ``put``: changed, the file's attributes, checksums, the backup's name, the diff."""
    if refused := refusal(reply):
        return refused
    dest = reply.first("dest") or ""
    stat = last_stat(reply)
    found = changes(reply)
    wrote = reply.first("changed") is not None
    diff = (content_diff(reply, content, dest),) if ctx.diff and wrote else ()
    told: dict[str, Any] = {"dest": dest, "checksum": content.digest("sha1"), "md5sum": content.digest("md5"), **data}
    if stat:
        told.update(stat.info())
    if backup := reply.first("backup_file"):
        told["backup_file"] = backup
    msg = "file already exists" if reply.first("kept") else None
    return Result(changed=wrote or bool(found), msg=msg, data=told, diff=(*diff, *attribute_diff(dest, found)))
