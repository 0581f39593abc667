"""A file edited: read on the node, changed by a pure function here, written if it is still what was read.

So regular expressions and encodings are Python's, as with Ansible, whatever tools the node has.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import AliasChoices, Field

from orchestrator.model.errors import Bug
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Context, script
from orchestrator.modules.builtin.content import CONTENT_SH, Content, WriteArgs, put, put_result, target_of
from orchestrator.modules.builtin.files import FILE_SCRIPTS, attribute_diff, changes, parse_stat, worded
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Str

EDIT_SH = script("edit", __file__)
SCRIPTS = (*FILE_SCRIPTS, EDIT_SH)
BATCH = 64
"""How many files one program reads."""


class EditArgs(WriteArgs):
    path: Str = Field(
        min_length=1,
        validation_alias=AliasChoices("path", "dest", "destfile", "name"),
        description="The file; ~ and $NAME are expanded on the node.",
    )


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit came to: the new content (None: leave the file), words for people, further return values."""

    content: bytes | None
    msg: str = ""
    data: dict[str, Any] = field(default_factory=dict)


Edit = Callable[[bytes | None], Edited | Result]
"""From the content (None: no such file) to the new one, or to a result that ends the task."""


def edit(args: EditArgs, ctx: Context, change: Edit) -> Steps:
    """Reads the file, applies ``change``, writes and gives the attributes. Use with ``yield from``."""
    read: Reply = yield Run(
        main="read_file",
        scripts=SCRIPTS,
        values={"path_given": args.path},
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(read):
        is_directory = (refused.msg or "").endswith("is a directory !")
        return refused.but(data={**refused.data, "rc": 256}) if is_directory else refused
    if "stdout" in read.capped:
        return failure(f"{args.path} is too large to be edited")
    old = read.stdout if parse_stat(read.first("stat")) else None
    edited = change(old)
    if isinstance(edited, Result):
        return edited
    return (yield from _written(args, ctx, read, old, edited))


def _written(args: EditArgs, ctx: Context, read: Reply, old: bytes | None, edited: Edited) -> Steps:
    path = read.first("path") or args.path
    target = target_of(args, path, expected=read.first("cksum") or "absent", make_parents=True)
    if edited.content is None or edited.content == old:
        attributes = yield from _attributes(args, ctx, path)
        return attributes.but(
            msg=_with_attributes(edited.msg, changed=attributes.changed) if not attributes.failed else attributes.msg,
            data={**attributes.data, **edited.data},
        )
    content = Content(data=edited.content)
    reply = yield from put(content, target, ctx)
    result = put_result(reply, content, ctx)
    if result.failed:
        return result
    msg = _with_attributes(edited.msg, changed=bool(changes(reply)))
    data = {name: value for name, value in result.data.items() if name not in ("dest", "checksum", "md5sum")}
    return result.but(msg=msg, data={**data, "path": path, **edited.data})


def as_editor(result: Result, path: str, data: dict[str, Any]) -> Result:
    """``result`` as Ansible's editors of lines and blocks tell it: ``data``, and always two diffs, content first."""
    content = next((each for each in result.diff if each.after_header), None)
    attributes = next((each for each in result.diff if not each.after_header), None)
    headed = [(content, f"{path} (content)"), (attributes, f"{path} (file attributes)")]
    listed = [_registered(each, header, blank=header.endswith("(content)")) for each, header in headed]
    diff = tuple(Diff(each.before, each.after, header, header) for each, header in headed if each is not None)
    return result.but(data={**data, "diff": listed}, diff=diff)


def _registered(diff: Diff | None, header: str, *, blank: bool) -> dict[str, str]:
    shown = {"before": diff.before, "after": diff.after} if diff else {"before": "", "after": ""} if blank else {}
    return {**shown, "before_header": header, "after_header": header}


def _with_attributes(msg: str, *, changed: bool) -> str:
    words = ["ownership, perms or SE linux context changed"] if changed else []
    return " and ".join([msg, *words] if msg else words)


def _attributes(args: EditArgs, ctx: Context, path: str) -> Generator[Run, Reply, Result]:
    """The attributes of a file whose content is right already; no program at all where none is asked for."""
    if not (args.mode or args.owner or args.group):
        return Result(data={"path": path})
    target = target_of(args, path)
    values = {**target.values(), "check": as_shell(ctx.check)}
    reply = yield Run(
        main="attributes_only",
        scripts=(*FILE_SCRIPTS, CONTENT_SH),
        values=values,
        environment=ctx.environment,
        repeatable=True,
    )
    found = changes(reply)
    return refusal(reply) or Result(changed=bool(found), data={"path": path}, diff=attribute_diff(path, found))


def read_all(paths: Sequence[str], ctx: Context) -> Generator[Run, Reply, dict[str, bytes] | Result]:
    """The contents of the node's files ``paths``; one that cannot be read is left out."""
    contents: dict[str, bytes] = {}
    for start in range(0, len(paths), BATCH):
        batch = paths[start : start + BATCH]
        reply = yield Run(
            main="with_words read_files",
            scripts=SCRIPTS,
            values=worded(batch),
            environment=ctx.environment,
            repeatable=True,
        )
        if refused := refusal(reply):
            return refused
        if "stdout" in reply.capped:
            return failure("the files are too large to be read together")
        sizes = [int(size) for size in reply.all("size")]
        if len(sizes) != len(batch):
            raise Bug("read_files did not answer for each file")
        offset = 0
        for path, size in zip(batch, sizes, strict=True):
            if size >= 0:
                contents[path] = reply.stdout[offset : offset + size]
                offset += size
    return contents
