"""This module packs files of the node into an archive, or compresses a single one.

The archive is made anew each time, and replaces the old one only if what is in it differs.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, FileArgs, attribute_diff, changes, last_stat, worded
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str, StrList

ARCHIVE_SH = script("archive", __file__)


class ArchiveArgs(FileArgs):
    path: StrList = Field(min_length=1, description="What to pack; globs are expanded on the node.")
    dest: Str | None = Field(None, description="The archive; may be left out for a single path.")
    format: Literal["bz2", "gz", "tar", "xz", "zip"] = Field("gz", description="How to compress.")
    exclude_path: StrList = Field(default_factory=list, description="Paths or globs to leave out.")
    exclusion_patterns: StrList = Field(default_factory=list, description="Patterns of names or paths to leave out.")
    force_archive: Bool = Field(False, description="Make an archive of a single file, rather than compress it.")
    remove: Bool = Field(False, description="Remove what was packed.")

    @field_validator("path", "exclude_path", "exclusion_patterns")
    @classmethod
    def _one_line_each(cls, value: list[str]) -> list[str]:
        if any("\n" in each or each == "" for each in value):
            raise ValueError("a path is one line, and not empty")
        return value


def steps(args: ArchiveArgs, ctx: Context) -> Steps:
    values = {
        **worded(args.path),
        "dest_given": args.dest or "",
        "format": args.format,
        "exclude_paths": "\n".join(args.exclude_path),
        "patterns": "\n".join(args.exclusion_patterns),
        "force_archive": as_shell(args.force_archive),
        "remove": as_shell(args.remove),
        "mode": args.mode or "",
        "owner": args.owner or "",
        "group": args.group or "",
        "check": as_shell(ctx.check),
    }
    reply: Reply = yield Run(
        main="with_words archive_main",
        scripts=(*FILE_SCRIPTS, ARCHIVE_SH),
        values=values,
        environment=ctx.environment,
        repeatable=not args.remove,
    )
    if refused := refusal(reply):
        return refused
    dest = reply.first("dest") or ""
    found = changes(reply)
    wrote = reply.first("changed") is not None
    is_foretold = ctx.check and wrote
    data = {
        "dest": dest,
        "arcroot": reply.first("root"),
        "archived": [] if is_foretold else reply.all("archived"),
        "missing": reply.all("missing"),
        "expanded_paths": reply.all("expanded"),
        "expanded_exclude_paths": reply.all("left_out"),
        "dest_state": "absent" if is_foretold else reply.first("dest_state"),
    }
    if stat := last_stat(reply):
        data |= stat.info()
    old, new = (f"{line}\n" if line else "" for line in (reply.first("was"), reply.first("is")))
    diff = (Diff(old, new, dest, dest),) if wrote else ()
    return Result(
        changed=wrote or bool(found), data=data, diff=(*diff, *attribute_diff(dest, found)), registers_diff=False
    )


ARCHIVE = Module("archive", ArchiveArgs, steps, "Packs files of the node into an archive.")
