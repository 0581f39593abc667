"""This module sees to one object of the file system: file, directory, link, hard link, touched, absent."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.builtin.files import (
    FILE_SCRIPTS,
    FileArgs,
    as_json,
    attributes_told,
    changes,
    last_stat,
)
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

FILE_SH = script("file", __file__)
STAMP = "%Y%m%d%H%M.%S"


class PathArgs(FileArgs):
    also_listed = frozenset({"_diff_peek", "_original_basename"})

    path: Str = Field(
        min_length=1,
        validation_alias=AliasChoices("path", "dest", "name"),
        description="The object; ~ and $NAME are expanded on the node.",
    )
    state: Literal["absent", "directory", "file", "hard", "link", "touch"] | None = Field(
        None, description="What is to be there; left out: what is there now, else a file, which is not created."
    )
    src: Str | None = Field(None, description="What a link leads to.")
    recurse: Bool = Field(False, description="Attributes also of all that is in the directory.")
    force: Bool = Field(False, description="Links: create them though src is missing or a file is in the way.")
    follow: Bool = Field(True, description="Work on what a link leads to.")
    modification_time: Str | None = Field(None, description="preserve, now, or a time in modification_time_format.")
    modification_time_format: Str = Field(STAMP, description="As for strftime(3).")
    access_time: Str | None = Field(None, description="preserve, now, or a time in access_time_format.")
    access_time_format: Str = Field(STAMP, description="As for strftime(3).")

    diff_peek: Str | None = Field(None, validation_alias="_diff_peek", description="Accepted: Ansible's own use.")

    @field_validator("attributes")
    @classmethod
    def _no_chattr(cls, value: str | None) -> str | None:
        """Here they are taken."""
        return value

    @model_validator(mode="after")
    def _times_make_sense(self) -> Self:
        self.stamps()
        if self.recurse and self.state not in (None, "directory"):
            raise ValueError("recurse option requires state to be 'directory'")
        if self.src and self.state not in (None, "link", "hard"):
            raise ValueError("src option requires state to be 'link' or 'hard'")
        return self

    def stamps(self) -> dict[str, str]:
        """Both times as file.sh takes them; the node's own time zone says what a date means. Raises ValueError."""
        left_out = "now" if self.state == "touch" else "preserve"
        return {
            "mtime": _stamp(self.modification_time or left_out, self.modification_time_format),
            "atime": _stamp(self.access_time or left_out, self.access_time_format),
        }


def _stamp(written: str, layout: str) -> str:
    if written in ("preserve", "now"):
        return written
    try:
        return time.strftime(STAMP, time.strptime(written, layout))
    except ValueError as error:
        raise ValueError(
            f"Error while obtaining timestamp for time {written} using format {layout}: {error}"
        ) from error


def program(args: PathArgs, ctx: Context) -> Run:
    """One round trip: looks, decides, acts (not in check mode), and says what is there now."""
    values = {
        "path_given": args.path,
        "state": args.state or "",
        "src": args.src or "",
        "recurse": as_shell(args.recurse),
        "force": as_shell(args.force),
        "follow": as_shell(args.follow),
        "mode": args.mode or "",
        "owner": args.owner or "",
        "flags": args.attributes or "",
        "group": args.group or "",
        "check": as_shell(ctx.check),
        "diff": as_shell(ctx.diff),
        **args.stamps(),
    }
    scripts = (*FILE_SCRIPTS, FILE_SH)
    return Run(
        main="file_main", scripts=scripts, values=values, environment=ctx.environment, repeatable=True, is_last=True
    )


def result_of(reply: Reply, ctx: Context) -> Result:
    """What file.sh said, as the module's result."""
    state, before = reply.first("state") or "", reply.first("before") or ""
    if refused := refusal(reply):
        return refused.but(data={**refused.data, **_told(reply, "dest" if state == "hard" else "path")})
    data = _told(reply, "dest" if state in ("link", "hard", "touch") else "path")
    if state in ("link", "hard"):
        data.setdefault("src", None)
    path = reply.first("path") or ""
    found = changes(reply)
    changed = bool(found) or bool(reply.first("changed"))
    if ctx.check and before == "absent" and state == "touch":
        return Result(changed=True, data=data)
    states = {} if before == state else {"state": (before, state)}
    told = attributes_told(path, found, **states)
    if folders := reply.first("folders"):
        linked, others = ((reply.first(kind) or "").split("\n") for kind in ("links", "others"))
        told["before"]["path_content"] = walked(folders.split("\n"), linked, others)
    if ctx.diff and not (state == before == "absent"):
        data["diff"] = told
    diff = (Diff(as_json(told["before"]), as_json(told["after"]), "", ""),) if changed else ()
    return Result(changed=changed, data=data, diff=diff)


def _told(reply: Reply, path_name: str) -> dict[str, Any]:
    """What is there, where it leads, and what was warned of."""
    stat = last_stat(reply)
    told: dict[str, Any] = {path_name: path} if (path := reply.first("path")) else {}
    told |= {"state": "absent"} if reply.all("state")[-1:] == ["absent"] else {}
    told |= stat.info() if stat else {}
    told |= {"src": src} if (src := reply.first("src")) else {}
    if warnings := reply.all("warning"):
        told["warnings"] = list(warnings)
    return told


def walked(folders: Sequence[str], linked: Sequence[str], others: Sequence[str]) -> dict[str, list[str]]:
    """What is below the first of ``folders``, in the order in which Python's ``os.walk`` meets it: a directory's own
    entries before those of the directories in it. Links to directories (``linked``) count as
    such, and are not entered."""
    inside: dict[str, tuple[list[str], list[str]]] = {folder: ([], []) for folder in folders}
    for kind, names in enumerate(((*folders[1:], *linked), others)):
        for name in names:
            inside.get(name.rpartition("/")[0], ([], []))[kind].append(name)
    found: dict[str, list[str]] = {"directories": [], "files": []}
    left = [folders[0]]
    while left:
        directories, files = inside[left.pop(0)]
        found["directories"] += directories
        found["files"] += files
        left = [each for each in directories if each in inside] + left
    return found


def steps(args: PathArgs, ctx: Context) -> Steps:
    reply: Reply = yield program(args, ctx)
    return result_of(reply, ctx)


FILE = Module("file", PathArgs, steps, "Sees to files, directories and links, and to their attributes.")
