"""This module sees to extended attributes: with getfattr and setfattr on Linux, with xattr(1) on a Mac.

macOS knows no name spaces: there the default one is left out, so that `com.apple.quarantine` is written as it is.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Literal

from pydantic import AliasChoices, Field

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Called, Tool, call, calling, places, refuse
from orchestrator.modules.types import Bool, Str

READER = Tool("getfattr xattr", "macOS has xattr(1); Debian's package attr brings getfattr.")
WRITER = Tool("setfattr xattr", READER.remedy)


class XattrArgs(Args):
    path: Str = Field(validation_alias=AliasChoices("path", "name"), description="The file.")
    namespace: Str = Field("user", description="What stands before the key on Linux.")
    key: Str | None = Field(None, description="The attribute.")
    value: Str | None = Field(None, description="Its value; one that is given is set.")
    state: Literal["absent", "all", "keys", "present", "read"] = Field("read", description="What is to be done.")
    follow: Bool = Field(True, description="Follow links.")

    def full_key(self) -> str | None:
        """The key with its name space."""
        is_full = not self.namespace or (self.namespace == "user" and (self.key or "").startswith("user."))
        return self.key if self.key is None or is_full else f"{self.namespace}.{self.key}"


@frozen
class Attributes:
    """The attributes of one file, by the tools that the node has."""

    ctx: Context
    path: str
    flags: tuple[str, ...]
    is_mac: bool

    def read(self, key: str | None) -> Generator[Run, Reply, dict[str, str]]:
        """Names and values: of ``key``, or of all of them. One that is not there is not told."""
        if not self.is_mac:
            wanted = ["-d"] if key is None else ["-n", key]
            told = yield from self._call(READER, "--absolute-names", *self.flags, *wanted, self.path)
            return parsed(told.stdout)
        if key is not None:
            told = yield from self._call(READER, "-p", *self.flags, key, self.path)
            return {} if told.rc else {key: told.stdout.removesuffix("\n")}
        found: dict[str, str] = {}
        for each in (yield from self.keys()):
            found |= yield from self.read(each)
        return found

    def keys(self) -> Generator[Run, Reply, dict[str, str]]:
        """The names, with empty values."""
        words = [*self.flags, self.path] if self.is_mac else ["--absolute-names", *self.flags, self.path]
        told = yield from self._call(READER, *words)
        if told.rc:
            raise told.broken()
        return dict.fromkeys(told.stdout.splitlines(), "") if self.is_mac else parsed(told.stdout)

    def write(self, key: str, value: str) -> Generator[Run, Reply, None]:
        words = ["-w", *self.flags, key, value] if self.is_mac else [*self.flags, "-n", key, "-v", value]
        told = yield from self._call(WRITER, *words, self.path)
        if told.rc:
            raise told.broken()

    def remove(self, key: str) -> Generator[Run, Reply, None]:
        words = ["-d", *self.flags, key] if self.is_mac else [*self.flags, "-x", key]
        yield from self._call(WRITER, *words, self.path)

    def _call(self, tool: Tool, *words: str) -> Generator[Run, Reply, Called]:
        return (yield from call(self.ctx, tool, *words, must=False))


def parsed(text: str) -> dict[str, str]:
    """What getfattr prints: ``NAME`` or ``NAME="VALUE"``, a line each, below a comment."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    pairs = (line.partition("=") for line in lines)
    return {name: value.strip('"') for name, _, value in pairs}


@calling
def steps(args: XattrArgs, ctx: Context) -> Steps:
    [place] = yield from places(ctx, args.path)
    if place.kind == "absent":
        raise refuse("path not found or not accessible!")
    if args.key is None and args.state in ("absent", "present"):
        raise refuse(f"{args.state} needs a key parameter")
    system = yield from call(ctx, Tool("uname", ""))
    is_mac = system.stdout.strip() == "Darwin"
    nofollow = () if args.follow else ("-s",) if is_mac else ("-h",)
    file = Attributes(ctx, place.path, nofollow, is_mac)
    key = args.key if is_mac and args.namespace == "user" else args.full_key()
    if args.state in ("keys", "all") and args.value is None:
        is_keys = args.state == "keys"
        found = yield from file.keys() if is_keys else file.read(None)
        return Result(msg="returning all keys" if is_keys else "dumping all", data={"xattr": found})
    found = yield from file.read(key)
    if key is None or (args.state == "read" and args.value is None):
        return Result(msg=f"returning {key}", data={"xattr": found})
    if args.state == "absent" and args.value is None:
        if key in found and not ctx.check:
            yield from file.remove(key)
        return Result(changed=key in found, msg=f"{key} removed", data={"xattr": found})
    is_new = found.get(key) != args.value
    if is_new and not ctx.check:
        yield from file.write(key, args.value or "")
    return Result(changed=is_new, msg=f"{key} set to {args.value}", data={"xattr": found})


XATTR = Module("xattr", XattrArgs, steps, "Sees to extended attributes of a file.")
