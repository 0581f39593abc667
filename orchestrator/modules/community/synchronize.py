"""This module brings a directory of the controller to the node, as rsync would.

It goes over the connection that is open already, so the node needs no rsync and the controller no second login. What
differs is found by checksum; modes are kept, times are not. Forms that this cannot do are refused, with what can.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.errors import PlaybookError
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result
from orchestrator.modules.base import Args, Context, Module, lost, script
from orchestrator.modules.builtin.copy import COPY
from orchestrator.modules.builtin.copy_tree import entries
from orchestrator.modules.builtin.files import FILE_SCRIPTS
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Int, Str, StrList

SYNC_SH = script("synchronize", __file__)


class SyncArgs(Args):
    when_missing = "synchronize requires both src and dest parameters are set"
    src: Str = Field(
        min_length=1, description="The controller's directory or file; a slash at its end means its contents."
    )
    dest: Str = Field(min_length=1, description="Where it goes on the node.")
    mode: Literal["pull", "push"] = Field("push", description="pull is refused: use fetch.")
    archive: Bool = Field(True, description="Accepted: directories, links and modes are kept in any case.")
    recursive: Bool | None = Field(None, description="Accepted, as archive.")
    links: Bool | None = Field(None, description="Links stay links, unless copy_links.")
    copy_links: Bool = Field(False, description="Copy what links lead to.")
    perms: Bool | None = Field(None, description="Keep modes; true unless false is said.")
    times: Bool | None = Field(None, description="Accepted: times are not kept.")
    owner: Bool | None = Field(None, description="Accepted: files belong to the login user.")
    group: Bool | None = Field(None, description="Accepted, as owner.")
    checksum: Bool = Field(False, description="Accepted: checksums are compared in any case.")
    compress: Bool = Field(True, description="Accepted.")
    delete: Bool = Field(False, description="Remove at dest what src does not have.")
    partial: Bool = Field(False, description="Accepted: a file is either there whole or not.")
    delay_updates: Bool = Field(True, description="Accepted.")
    set_remote_user: Bool = Field(True, description="Accepted: the task's own connection is used.")
    use_ssh_args: Bool = Field(False, description="Accepted, likewise.")
    ssh_connection_multiplexing: Bool = Field(False, description="Accepted, likewise.")
    verify_host: Bool = Field(False, description="Accepted: host keys are always verified.")
    private_key: Str | None = Field(None, description="Accepted: the task's own connection is used.")
    dest_port: Int | None = Field(None, description="Accepted, likewise.")
    rsync_path: Str | None = Field(None, description="Accepted: no rsync is used.")
    rsync_timeout: Int = Field(0, validation_alias=AliasChoices("rsync_timeout", "timeout"), description="Accepted.")
    rsync_opts: StrList = Field(default_factory=list, description="Refused, but for those that change nothing here.")
    existing_only: Bool = Field(False, description="Refused.")
    dirs: Bool = Field(False, description="Refused.")
    link_dest: StrList = Field(default_factory=list, description="Refused.")

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        if self.mode == "pull":
            raise ValueError(
                "mode: pull is not supported; use fetch for files, or a command task with rsync on the controller"
            )
        idle = {"--archive", "-a", "-z", "--compress", "-v", "--verbose", "--progress", "--stats", "--checksum"}
        refused = [option for option in self.rsync_opts if option not in idle]
        refused += [name for name in ("existing_only", "dirs", "link_dest") if getattr(self, name)]
        if refused:
            raise ValueError(
                f"not supported: {', '.join(refused)}; a command task delegated to localhost can run rsync itself"
            )
        return self


def steps(args: SyncArgs, ctx: Context) -> Steps:
    try:
        source = ctx.find("files", args.src.rstrip("/") or "/")
    except PlaybookError as error:
        return lost(error).but(gave_up=False)
    copied = yield from COPY.steps(COPY.args.model_validate(_as_copy(args)), ctx)
    if copied.failed or not args.delete or not source.is_dir():
        return copied
    removed = yield from _removed(args, source, ctx)
    if removed.failed:
        return removed
    return copied.but(changed=copied.changed or removed.changed, diff=(*copied.diff, *removed.diff))


def _as_copy(args: SyncArgs) -> dict[str, object]:
    keeps = {"mode": "preserve"} if args.perms is not False else {}
    return {"src": args.src, "dest": args.dest, "local_follow": args.copy_links, **keeps}


def _removed(args: SyncArgs, source: Path, ctx: Context) -> Steps:
    dest = args.dest.rstrip("/") or "/"
    root = dest if args.src.endswith("/") else f"{dest.rstrip('/')}/{source.name}"
    kept = [entry.name for entry in entries(source, follow=args.copy_links)]
    reply: Reply = yield Run(
        main="remove_others",
        scripts=(*FILE_SCRIPTS, SYNC_SH),
        values={"root": root, "kept": "\n".join(kept), "check": as_shell(ctx.check)},
        environment=ctx.environment,
        repeatable=True,
    )
    gone = reply.all("removed")
    diff = (Diff("".join(f"{name}\n" for name in gone), "", root, root),) if gone else ()
    return refusal(reply) or Result(changed=bool(gone), diff=diff)


SYNCHRONIZE = Module(
    "synchronize", SyncArgs, steps, "Brings a directory of the controller to the node, as rsync would."
)
