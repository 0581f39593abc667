"""This module tells what is known of one object of the file system."""

from __future__ import annotations

import stat as modes
from typing import Any, Literal

from pydantic import AliasChoices, Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, Stat, last_stat
from orchestrator.modules.declared import refusal, shell_values
from orchestrator.modules.types import Bool, Str

STAT_SH = script("stat", __file__)
RIGHTS = {
    "rusr": modes.S_IRUSR, "wusr": modes.S_IWUSR, "xusr": modes.S_IXUSR,
    "rgrp": modes.S_IRGRP, "wgrp": modes.S_IWGRP, "xgrp": modes.S_IXGRP,
    "roth": modes.S_IROTH, "woth": modes.S_IWOTH, "xoth": modes.S_IXOTH,
    "isuid": modes.S_ISUID, "isgid": modes.S_ISGID,
}  # fmt: skip
KINDS = {
    "isdir": "directory",
    "ischr": "char",
    "isblk": "block",
    "isreg": "file",
    "isfifo": "fifo",
    "islnk": "link",
    "issock": "socket",
}


class StatArgs(Args):
    path: Str = Field(validation_alias=AliasChoices("path", "dest", "name"), description="The object.")
    follow: Bool = Field(False, description="Tell about what a link leads to.")
    get_checksum: Bool = Field(True, description="Also compute a file's checksum.")
    checksum_algorithm: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] = Field(
        "sha1",
        validation_alias=AliasChoices("checksum_algorithm", "checksum", "checksum_algo"),
        description="Which checksum.",
    )
    get_mime: Bool = Field(
        True,
        validation_alias=AliasChoices("get_mime", "mime", "mime_type", "mime-type"),
        description="Also tell what file(1) says.",
    )
    get_attributes: Bool = Field(
        True,
        validation_alias=AliasChoices("get_attributes", "attr", "attributes"),
        description="Also tell what lsattr(1) says, on Linux.",
    )


ATTRIBUTES = {
    "A": "noatime", "a": "append", "c": "compressed", "C": "nocow", "d": "nodump", "D": "dirsync", "e": "extents",
    "E": "encrypted", "h": "blocksize", "i": "immutable", "I": "indexed", "j": "journalled", "N": "inline", "s": "zero",
    "S": "synchronous", "t": "notail", "T": "blockroot", "u": "undelete", "X": "compressedraw", "Z": "compresseddirty",
}  # fmt: skip
"""What the letters of lsattr(1) stand for, as ansible-core 2.19 names them."""


def beyond(line: str) -> dict[str, int]:
    """What stands in stat.sh's line behind the fields that all modules ask for: three of stat(1) on Linux, four on
    macOS. Linux tells a device's number in two parts, which are put together as makedev(3) does."""
    match line.split("|")[14:]:
        case [size, major_hex, minor_hex]:
            major, minor = int(major_hex, 16), int(minor_hex, 16)
            device = (major & ~0xFFF) << 32 | (major & 0xFFF) << 8 | (minor & ~0xFF) << 12 | minor & 0xFF
            return {"block_size": int(size), "device_type": device}
        case [size, device, flags, generation]:
            numbers = {"block_size": size, "device_type": device, "flags": flags, "generation": generation}
            return {name: int(value) for name, value in numbers.items()}
    return {}


def attributes(said: str) -> dict[str, Any]:
    """What lsattr(1) tells; where it is not or tells nothing (on macOS, on most file systems), there are none."""
    version, flags = (*said.split(), "", "")[:2]
    flags = flags.replace("-", "")
    named = [ATTRIBUTES[each] for each in flags if each in ATTRIBUTES]
    return {"version": version or None, "attributes": named, "attr_flags": flags}


def described(stat: Stat) -> dict[str, Any]:
    """Kind, size, times, owner and single permission bits, by Ansible's names."""
    shown: dict[str, Any] = {
        "exists": True,
        "mode": f"{modes.S_IMODE(stat.bits):04o}",
        **{name: stat.kind == kind for name, kind in KINDS.items()},
        **{name: bool(stat.bits & bit) for name, bit in RIGHTS.items()},
        "uid": stat.uid,
        "gid": stat.gid,
        "pw_name": stat.owner,
        "gr_name": stat.group,
        "size": stat.size,
        "inode": stat.inode,
        "dev": stat.dev,
        "nlink": stat.links,
        "blocks": stat.blocks,
        "atime": stat.atime,
        "mtime": stat.mtime,
        "ctime": stat.ctime,
    }
    return {**shown, "birthtime": stat.birth} if stat.birth is not None else shown


def steps(args: StatArgs, ctx: Context) -> Steps:
    values = {**shell_values(args), "path_given": args.path, "algorithm": args.checksum_algorithm}
    reply: Reply = yield Run(
        main="look",
        scripts=(*FILE_SCRIPTS, STAT_SH),
        values=values,
        environment=ctx.environment,
        repeatable=True,
        is_last=True,
    )
    if refused := refusal(reply):
        return refused
    stat = last_stat(reply)
    if stat is None:
        return Result(data={"stat": {"exists": False}})
    may = reply.all("may")
    shown = {
        **described(stat),
        "path": reply.first("path") or args.path,
        "readable": "r" in may,
        "writeable": "w" in may,
        "executable": "x" in may,
    }
    shown.update(
        {name: value for name in ("lnk_source", "lnk_target", "checksum") if (value := reply.first(name)) is not None}
    )
    shown |= beyond(reply.first("more") or "")
    if args.get_attributes:
        shown |= attributes(reply.first("lsattr") or "")
    if args.get_mime:
        kind, _, charset = (reply.first("mime") or "").partition("; charset=")
        shown.update({"mimetype": kind or "unknown", "charset": charset or "unknown"})
    return Result(data={"stat": shown})


STAT = Module("stat", StatArgs, steps, "Tells what is known of a file, directory or link.")
