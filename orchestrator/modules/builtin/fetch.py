"""This module brings a file of the node to the controller."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from pydantic import ConfigDict, Field

from orchestrator.model.program import Download, Reply, Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.content import Content
from orchestrator.modules.builtin.files import FILE_SCRIPTS, last_stat
from orchestrator.modules.builtin.stat import STAT_SH
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import Bool, Str

WHERE_SH = script("fetch", __file__)


IGNORED = ", not transferring, ignored"
"""How Ansible's words end, even where that fails the task."""


class FetchArgs(Args):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)
    when_missing = "src and dest are required"
    src: Str = Field(min_length=1, description="The file on the node; links are followed.")
    dest: Str = Field(min_length=1, description="The directory here; with `flat` the file, or a directory ending in /.")
    flat: Bool = Field(False, description="Put it at dest itself, not below dest/HOST/PATH.")
    fail_on_missing: Bool = Field(True, description="Fail where there is no such file.")
    validate_checksum: Bool = Field(True, description="Compare checksums after the transfer.")


def safe_parts(path: str) -> list[str]:
    """The components of a path that stay below whatever they are put under."""
    return [part for part in PurePosixPath(path).parts if part not in ("/", "//", "..", ".")]


def destination(args: FetchArgs, ctx: Context, source: str) -> Path:
    """Where the file goes. The node's own words (``source``) only name what is below dest/HOST. Raises ValueError."""
    base = Path(str(ctx.variables.get("playbook_dir", "."))) / Path(args.dest).expanduser()
    if not args.flat:
        host = ctx.host.replace("/", "_")
        below = Path(os.path.normpath(base), "_" if host in (".", "..") else host)
        return _relative(below, args.src) if is_relative(args.src) else below.joinpath(*safe_parts(source))
    if args.dest.endswith("/"):
        base /= safe_parts(args.src)[-1]
    if base.is_dir():
        raise ValueError(
            "dest is an existing directory, use a trailing slash if you want to fetch src into that directory"
        )
    return Path(os.path.normpath(base))


def is_relative(path: str) -> bool:
    """Whether it depends on the directory at work what ``path`` names; ``~`` and variables stand for absolute ones."""
    return not path.startswith(("/", "~", "$"))


def _relative(below: Path, src: str) -> Path:
    """Where a relative ``src`` of the user's goes: it may leave the host's directory, but not that of all hosts."""
    path = Path(os.path.normpath(below / src))
    if not path.is_relative_to(below.parent):
        raise ValueError(f"Detected directory traversal, expected to be contained in '{below.parent}' but got '{path}'")
    return path


def _missing(args: FetchArgs, msg: str) -> Result:
    if args.fail_on_missing:
        return failure(msg.removesuffix(IGNORED)).but(data={"msg": msg})
    return Result(msg=msg, data={"file": args.src})


def steps(args: FetchArgs, ctx: Context) -> Steps:
    if ctx.check:
        return Result(skipped=True, msg="check mode not (yet) supported for this module", tells_failed=False)
    values = {
        "path_given": args.src,
        "follow": "true",
        "get_checksum": "true",
        "algorithm": "sha1",
        "get_mime": "false",
    }
    seen: Reply = yield Run(
        main="look", scripts=(*FILE_SCRIPTS, STAT_SH), values=values, environment=ctx.environment, repeatable=True
    )
    if refused := refusal(seen):
        return refused
    stat, path, remote = last_stat(seen), seen.first("path") or args.src, seen.first("checksum")
    if stat is None:
        return _missing(args, f"the remote file does not exist{IGNORED}")
    if stat.kind == "directory":
        msg = "remote file is a directory, fetch cannot work on directories"
        return failure(msg) if args.fail_on_missing else Result(msg=f"{msg}{IGNORED}")
    if remote is None:
        return _missing(args, f"file is not readable: {path}")
    try:
        dest = destination(args, ctx, path)
    except ValueError as error:
        return failure(str(error))
    if dest.is_file():
        local = Content(source=dest)
        if local.digest("sha1") == remote:
            data = {"file": path, "dest": str(dest), "checksum": remote, "md5sum": local.digest("md5")}
            return Result(data=data)
    dest.parent.mkdir(parents=True, exist_ok=True)
    part = dest.with_name(f".{dest.name}.part")
    if is_relative(path):
        asked: Reply = yield Run(main="where", scripts=(*FILE_SCRIPTS, WHERE_SH), repeatable=True)
        path = os.path.normpath(f"{asked.first('directory') or ''}/{path}")
    try:
        yield Download(path, into=str(part), limit_bytes=max(stat.size * 2, 64 * 1024 * 1024))
        return _arrived(args, part, dest, path, remote)
    finally:
        part.unlink(missing_ok=True)


def _arrived(args: FetchArgs, part: Path, dest: Path, path: str, remote: str) -> Result:
    content = Content(source=part)
    digests = {"checksum": content.digest("sha1"), "md5sum": content.digest("md5")}
    told = {"dest": str(dest), "remote_checksum": remote, "remote_md5sum": None, **digests}
    if args.validate_checksum and digests["checksum"] != remote:
        return failure("checksum mismatch", file=path, **told)
    part.replace(dest)
    return Result(changed=True, data=told)


FETCH = Module("fetch", FetchArgs, steps, "Brings a file of the node to the controller.")
