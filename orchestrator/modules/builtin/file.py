"""This module sees to one object of the file system: file, directory, link, hard link, touched, absent."""

from __future__ import annotations

import time
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, FileArgs, as_json, changes, last_stat
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

FILE_SH = script("file", __file__)
STAMP = "%Y%m%d%H%M.%S"


class PathArgs(FileArgs):
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

    @model_validator(mode="after")
    def _times_make_sense(self) -> Self:
        self.stamps()
        if self.recurse and self.state not in (None, "directory"):
            raise ValueError("recurse option requires state to be 'directory'")
        if self.src and self.state not in ("link", "hard"):
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
    return time.strftime(STAMP, time.strptime(written, layout))


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
        "group": args.group or "",
        "check": as_shell(ctx.check),
        **args.stamps(),
    }
    scripts = (*FILE_SCRIPTS, FILE_SH)
    return Run(
        main="file_main", scripts=scripts, values=values, environment=ctx.environment, repeatable=True, is_last=True
    )


def result_of(reply: Reply, ctx: Context) -> Result:
    """What file.sh said, as the module's result."""
    if refused := refusal(reply):
        last = dict(reply.said)
        seen = {name: last[name] for name in ("path", "state") if name in last and "path" in last}
        return refused.but(data={**refused.data, **seen})
    path, state, before = reply.first("path") or "", reply.first("state") or "", reply.first("before") or ""
    found = changes(reply)
    stat = last_stat(reply)
    data: dict[str, Any] = {"dest" if state in ("link", "hard", "touch") else "path": path}
    if src := reply.first("src"):
        data["src"] = src
    data.update(stat.info() if stat else {"state": state} if state == "absent" else {})
    was = {"path": path, **{change.name: change.before for change in found}}
    now = {"path": path, **{change.name: change.after for change in found}}
    if before != state and reply.first("changed"):
        was["state"], now["state"] = before, state
    diff = (Diff(as_json(was), as_json(now), "", ""),) if was != now else ()
    if ctx.diff:
        data["diff"] = {"before": was, "after": now}
    return Result(changed=bool(found) or bool(reply.first("changed")), data=data, diff=diff)


def steps(args: PathArgs, ctx: Context) -> Steps:
    reply: Reply = yield program(args, ctx)
    return result_of(reply, ctx)


FILE = Module("file", PathArgs, steps, "Sees to files, directories and links, and to their attributes.")
