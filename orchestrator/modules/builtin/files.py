"""What modules that touch files share: the attribute arguments, what ``stat`` saw, and the return values made of it."""

from __future__ import annotations

import json
import stat as modes
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import AliasChoices, Field, field_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Script
from orchestrator.model.results import Diff
from orchestrator.modules.base import Args, script
from orchestrator.modules.declared import PRELUDE
from orchestrator.modules.types import Bool, Mode, Str

FILES = script("files", __file__)
FILE_SCRIPTS: tuple[Script, ...] = (PRELUDE, FILES)

KINDS = {
    modes.S_IFREG: "file",
    modes.S_IFDIR: "directory",
    modes.S_IFLNK: "link",
    modes.S_IFIFO: "fifo",
    modes.S_IFSOCK: "socket",
    modes.S_IFBLK: "block",
    modes.S_IFCHR: "char",
}


class FileArgs(Args):
    """Mode, owner and group, as every file module takes them. SELinux labels do not exist on these nodes: ignored."""

    mode: Mode | None = Field(
        None, description="Permissions: octal (quote it: '0644'), symbolic (u=rw,go=r) or preserve."
    )
    owner: Str | None = Field(None, description="Name or number of the user that owns it.")
    group: Str | None = Field(None, description="Name or number of the group that owns it.")
    seuser: Str | None = Field(None, description="Ignored: SELinux.")
    serole: Str | None = Field(None, description="Ignored: SELinux.")
    setype: Str | None = Field(None, description="Ignored: SELinux.")
    selevel: Str | None = Field(None, description="Ignored: SELinux.")
    unsafe_writes: Bool = Field(False, description="Write in place where an atomic rename is not possible.")
    attributes: Str | None = Field(
        None,
        validation_alias=AliasChoices("attributes", "attr"),
        description="Flags for chattr(1) of Linux, as in `+i`; `file` alone sets them.",
    )

    @field_validator("attributes")
    @classmethod
    def _no_chattr(cls, value: str | None) -> str | None:
        if value:
            raise ValueError(
                "chattr attributes are not set here: use the module file, on macOS a command with chflags(1)"
            )
        return value

    @field_validator("mode")
    @classmethod
    def _plain_octal(cls, value: str | None) -> str | None:
        return value[2:] if value and value.startswith("0o") else value


def worded(words: Sequence[str]) -> dict[str, str]:
    """``words`` as the values that ``with_words`` of files.sh takes; any text may be in them."""
    used = set().union(*words)
    separator = next(chr(code) for code in (31, 30, 29, 28, *range(1, 9), *range(14, 28)) if chr(code) not in used)
    return {"words": separator.join([*words, "."]), "separator": separator}


def worded_lists(**lists: Sequence[str]) -> dict[str, str]:
    """Several lists as such values with one separator; the script puts that which is called for into ``words``."""
    separator = worded([word for words in lists.values() for word in words])["separator"]
    return {name: separator.join([*words, "."]) for name, words in lists.items()} | {"separator": separator}


@frozen
class Stat:
    """What stat(1) saw of one object. Times are seconds since the epoch; ``birth`` is None where it is not kept."""

    bits: int
    uid: int
    gid: int
    size: int
    atime: float
    mtime: float
    ctime: float
    birth: float | None
    inode: int
    links: int
    dev: int
    blocks: int
    owner: str
    group: str

    @property
    def kind(self) -> str:
        return KINDS.get(modes.S_IFMT(self.bits), "file")

    @property
    def mode(self) -> str:
        return as_mode(modes.S_IMODE(self.bits))

    @property
    def state(self) -> str:
        """Ansible's word: a file of several names is ``hard``."""
        return "hard" if self.kind == "file" and self.links > 1 else self.kind

    def info(self) -> dict[str, Any]:
        """The return values that Ansible adds to every file module's."""
        return {
            "uid": self.uid,
            "gid": self.gid,
            "owner": self.owner,
            "group": self.group,
            "mode": self.mode,
            "state": self.state,
            "size": self.size,
        }


def parse_stat(line: str | None) -> Stat | None:
    """The node's ``stat`` record; None where nothing is there."""
    if not line:
        return None
    bits, uid, gid, size, atime, mtime, ctime, birth, inode, links, dev, blocks, owner, group = line.split("|", 13)
    return Stat(
        bits=int(bits),
        uid=int(uid),
        gid=int(gid),
        size=int(size),
        atime=float(atime),
        mtime=float(mtime),
        ctime=float(ctime),
        birth=float(birth) if birth.lstrip("-").isdigit() and int(birth) > 0 else None,
        inode=int(inode),
        links=int(links),
        dev=int(dev),
        blocks=int(blocks),
        owner=uid if owner == "UNKNOWN" else owner,
        group=gid if group == "UNKNOWN" else group,
    )


def last_stat(reply: Reply) -> Stat | None:
    """The last ``stat`` record of a program."""
    said = reply.all("stat")
    return parse_stat(said[-1]) if said else None


def as_mode(bits: int) -> str:
    """Permissions as Ansible's modules write them: a zero in front, however many digits follow (``01777``)."""
    return f"0{bits:03o}"


@frozen
class Change:
    """One attribute that differed: its name, and its value before and after; owners and groups are numbers."""

    name: str
    before: str | int
    after: str | int


def changes(reply: Reply, record: str = "attribute") -> tuple[Change, ...]:
    """The attributes that a program changed, or would have in check mode."""
    return tuple(_change(*said.split("|", 2)) for said in reply.all(record))


def _change(name: str, before: str, after: str) -> Change:
    if name == "mode":
        return Change(name, as_mode(int(before, 8)), as_mode(int(after, 8)))
    if name in ("owner", "group"):
        return Change(name, int(before), int(after))
    return Change(name, before, after)


def attributes_told(path: str, found: Iterable[Change], **more: tuple[Any, Any]) -> dict[str, dict[str, Any]]:
    """The changed attributes as Ansible registers them; ``more`` are further names, with before and after."""
    pairs = {"path": (path, path), **{change.name: (change.before, change.after) for change in found}, **more}
    return {when: {name: pair[at] for name, pair in pairs.items()} for at, when in enumerate(("before", "after"))}


def attribute_diff(path: str, found: Iterable[Change]) -> tuple[Diff, ...]:
    """The changed attributes as a diff of JSON, as Ansible shows them; nothing where there are none."""
    listed = tuple(found)
    if not listed:
        return ()
    told = attributes_told(path, listed)
    return (Diff(as_json(told["before"]), as_json(told["after"]), "", ""),)


def as_json(attributes: Mapping[str, Any]) -> str:
    return json.dumps(attributes, indent=4, sort_keys=True) + "\n"
