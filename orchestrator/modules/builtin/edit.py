"""A file edited: read on the node, changed by a pure function here, written if it is still what was read.

So regular expressions and encodings are Python's, as with Ansible, whatever tools the node has. The program that reads
is enough where the file turns out to be as it should be, or not to be there: what it would hold then is sent along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import field
from typing import Any, ClassVar

from pydantic import AliasChoices, Field

from orchestrator.model.errors import Bug
from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Context, script
from orchestrator.modules.builtin.content import (
    AT_ONCE_BYTES,
    CONTENT_SH,
    Content,
    WriteArgs,
    put,
    put_result,
    put_values,
    target_of,
)
from orchestrator.modules.builtin.files import (
    FILE_SCRIPTS,
    as_json,
    attribute_diff,
    changes,
    last_stat,
    parse_stat,
    worded,
)
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import AsSaid, Str

EDIT_SH = script("edit", __file__)
SCRIPTS = (*FILE_SCRIPTS, EDIT_SH)
ATTRIBUTES = "ownership, perms or SE linux context changed"
UNSETTLED = {"settled_how": "", "settled_pattern": "", "settled_line": ""}
"""The node cannot tell."""
BATCH = 64
"""How many files one program reads."""


def compiles(value: str | None) -> str | None:
    """The argument, if it is a regular expression for bytes. Raises ValueError."""
    try:
        re.compile((value or "").encode())
    except re.error as error:
        raise AsSaid(f"Task failed: Module failed: {error}") from None
    return value


class EditArgs(WriteArgs):
    makes_parents: ClassVar[bool] = True
    """Whether directories above a new file are made."""
    path: Str = Field(
        min_length=1,
        validation_alias=AliasChoices("path", "dest", "destfile", "name"),
        description="The file; ~ and $NAME are expanded on the node.",
    )


@frozen
class Edited:
    """What an edit came to: the new content (None: leave the file), words for people, further return values."""

    content: bytes | None
    msg: str = ""
    data: dict[str, Any] = field(default_factory=dict)


Edit = Callable[[bytes | None], Edited | Result]
"""From the content (None: no such file) to the new one, or to a result that ends the task."""


def edit(
    args: EditArgs, ctx: Context, change: Edit, settled: Mapping[str, str] = UNSETTLED, *, follow: bool = True
) -> Steps:
    """Reads the file, applies ``change``, writes and gives the attributes. Use with ``yield from``.

    ``settled``: how the node can tell that there is nothing to change (``settled.settled_line``). ``follow``: off where
    what is written takes the place of a link.
    """
    guess = _guess(change)
    seeing = {**(settled or UNSETTLED), **({} if follow else {"replaces_link": "true"})}
    read: Reply = yield _first(args, ctx, guess.content if guess else None, seeing)
    if refused := refusal(read):
        is_directory = (refused.msg or "").endswith("is a directory !")
        return refused.but(data={**refused.data, "rc": 256}) if is_directory else refused
    path = read.first("path") or args.path
    if read.first("settled"):
        return _told_attributes(read, read, path, Edited(None))
    if read.first("later") is None and guess is not None and guess.content is not None:
        return _told_content(read, read, path, guess, Content(data=guess.content), ctx)
    if "stdout" in read.capped:
        return failure(f"{args.path} is too large to be edited")
    old = read.stdout if parse_stat(read.first("stat")) else None
    edited = change(old)
    if isinstance(edited, Result):
        return edited
    return (yield from _written(args, ctx, read, old, edited))


def _guess(change: Edit) -> Edited | None:
    """What the edit comes to where there is no file; None where it makes none, or one too large to send on a guess."""
    edited = change(None)
    is_one = isinstance(edited, Edited) and edited.content is not None and len(edited.content) <= AT_ONCE_BYTES
    return edited if is_one and isinstance(edited, Edited) else None


def _first(args: EditArgs, ctx: Context, guess: bytes | None, settled: Mapping[str, str]) -> Run:
    content = Content(data=guess or b"")
    target = target_of(args, args.path, expected="absent", make_parents=args.makes_parents)
    values = {**settled, "path_given": args.path, "guess": as_shell(guess is not None)}
    return Run(
        main="with_words edit_file",
        scripts=(*FILE_SCRIPTS, CONTENT_SH, EDIT_SH),
        values={**put_values(content, target, ctx), **content.values(), **values},
        environment=ctx.environment,
        repeatable=True,
        is_last=True,
    )


def _written(args: EditArgs, ctx: Context, read: Reply, old: bytes | None, edited: Edited) -> Steps:
    path = read.first("path") or args.path
    target = target_of(args, path, expected=read.first("cksum") or "absent", make_parents=args.makes_parents)
    if edited.content is None or edited.content == old:
        reply = yield from _attributes(args, ctx, path)
        return refusal(reply) or _told_attributes(read, reply, path, edited)
    content = Content(data=edited.content)
    reply = yield from put(content, target, ctx)
    return _told_content(read, reply, path, edited, content, ctx)


def _told_content(read: Reply, reply: Reply, path: str, edited: Edited, content: Content, ctx: Context) -> Result:
    """The result of an edit that wrote ``content``."""
    result = put_result(reply, content, ctx)
    if result.failed:
        return result
    msg = _with_attributes(edited.msg, changed=bool(changes(reply)))
    data = {name: value for name, value in result.data.items() if name not in ("dest", "checksum", "md5sum")}
    return result.but(msg=msg, data={**data, **_seen(read, reply), "path": path, **edited.data})


def _seen(*replies: Reply) -> dict[str, Any]:
    """What the last of ``replies`` that saw the file says of it."""
    stats = [stat for reply in replies if (stat := last_stat(reply))]
    return stats[-1].info() if stats else {}


def _told_attributes(read: Reply, reply: Reply, path: str, edited: Edited) -> Result:
    """The result of an edit that left the content as it was."""
    found = changes(reply)
    msg = _with_attributes(edited.msg, changed=bool(found))
    data = {**_seen(read, reply), "path": path, **edited.data}
    return Result(changed=bool(found), msg=msg, data=data, diff=attribute_diff(path, found))


def as_editor(result: Result, path: str, old: bytes | None, data: dict[str, Any], ctx: Context) -> Result:
    """``result`` as Ansible's editors of lines and blocks tell it: ``data``, and always two diffs, content first,
    even of content that stays as it is. Of a file that check mode does not make there is one."""
    content = next((each for each in result.diff if each.after_header), None)
    attributes = next((each for each in result.diff if not each.after_header), None)
    kept = (old or b"").decode(errors="replace") if ctx.diff else ""
    first = {"before": content.before, "after": content.after} if content else {"before": kept, "after": kept}
    second = {when: json.loads(text) for when, text in _sides(attributes)}
    for each in second.values():
        del each["path"]
    listed = [_headed(first, f"{path} (content)"), _headed(second, f"{path} (file attributes)")]
    texts = [content, Diff(as_json(second["before"]), as_json(second["after"])) if second else None]
    diff = tuple(
        Diff(each.before, each.after, header["before_header"], header["after_header"])
        for each, header in zip(texts, listed, strict=True)
        if each is not None
    )
    only = ctx.check and old is None and result.changed
    return result.but(data={**data, "diff": listed[0] if only else listed}, diff=diff)


def _sides(diff: Diff | None) -> list[tuple[str, str]]:
    return [("before", diff.before), ("after", diff.after)] if diff else []


def _headed(shown: dict[str, Any], header: str) -> dict[str, Any]:
    return {**shown, "before_header": header, "after_header": header}


def _with_attributes(msg: str, *, changed: bool) -> str:
    words = [ATTRIBUTES] if changed else []
    return " and ".join([msg, *words] if msg else words)


def _attributes(args: EditArgs, ctx: Context, path: str) -> Generator[Run, Reply, Reply]:
    """The attributes of a file whose content is right already; no program at all where none is asked for."""
    if not (args.mode or args.owner or args.group):
        return Reply(0)
    target = target_of(args, path)
    reply = yield Run(
        main="attributes_only",
        scripts=(*FILE_SCRIPTS, CONTENT_SH),
        values={**target.values(), "check": as_shell(ctx.check)},
        environment=ctx.environment,
        repeatable=True,
        is_last=True,
    )
    return reply


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
