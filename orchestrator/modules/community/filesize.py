"""This module brings a file to a size, with dd(1)."""

from __future__ import annotations

import math
import re
from collections.abc import Generator
from typing import Any, Self

from pydantic import Field, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, FileArgs, attributes_told, changes, last_stat
from orchestrator.modules.community.calling import Refused, Tool, call, calling, refuse
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import AsSaid, Bool, Str

FILESIZE_SH = script("filesize", __file__)
UNITS: dict[str, int] = {"B": 1} | {
    spelt: size
    for power, letter in enumerate("KMGTPEZY", start=1)
    for low in (letter.lower(),)
    for spelt, size in {
        f"{low}B": 1000**power, f"{letter}B": 1000**power, f"{letter}iB": 1024**power,
        letter: 1024**power, low: 1024**power,
    }.items()
}  # fmt: skip
STEPS = (1024, 1000, 512, 256, 128, 100, 64, 32, 16, 10, 8, 4, 2)


class FilesizeArgs(FileArgs):
    path: Str = Field(min_length=1, description="The file; its directory must be there.")
    size: Any = Field(description="Its size: a number of blocks, or with a unit (10 MB, 1GiB, 200 B).")
    blocksize: Any = Field(None, description="How large a block is; else as the file system has it.")
    source: Str = Field("/dev/zero", description="What the file is filled from.")
    sparse: Bool = Field(False, description="Allocate nothing: the file has a hole.")
    force: Bool = Field(False, description="Write it anew, whatever is there.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.sparse and self.force:
            raise AsSaid("parameters values are mutually exclusive: force=true|sparse=true")
        return self


@frozen
class Size:
    """A size in whole blocks."""

    blocks: int
    block: int

    @property
    def bytes(self) -> int:
        return self.blocks * self.block

    def told(self) -> dict[str, Any]:
        return {
            "blocks": self.blocks, "blocksize": self.block, "bytes": self.bytes,
            "iec": human(self.bytes, 1024), "si": human(self.bytes, 1000),
        }  # fmt: skip


def human(size: int, base: int) -> str:
    """``size`` in the largest unit that it fills: ``1.5 kB`` or, with 1024 for ``base``, ``1.46 KiB``."""
    power = 0
    while power < 8 and size >= base ** (power + 1):
        power += 1
    if not power:
        return f"{size} B"
    letter = "KMGTPEZY"[power - 1]
    unit = f"{letter}iB" if base == 1024 else "kB" if letter == "K" else f"{letter}B"
    return f"{round(size / base**power, 2)} {unit}"


def parsed(text: Any, *, is_block: bool = False) -> tuple[float, str | None, int]:
    """Number, unit and bytes of a size as it is written. Raises ValueError."""
    if not isinstance(text, int | float | str):
        raise ValueError(f"invalid value type ({type(text)}): size must be integer, float or string")
    unit = re.sub(r"(\d|\.)", "", str(text)).strip()
    number = float(str(text).replace(unit, "").strip())
    if is_block and unit in ("B", "") and int(number) != number:
        raise ValueError("invalid blocksize value: bytes require an integer value")
    if unit and unit not in UNITS:
        known = ", ".join(sorted(UNITS, key=lambda name: UNITS[name]))
        raise ValueError(f"invalid size unit ({unit}): unit must be one of {known}, or none.")
    return number, unit or None, round(number * UNITS[unit or "B"])


def size_of(wanted: Any, blocksize: Any) -> Size:
    """The size that a task asks for, in blocks that go into it. Raises ValueError."""
    block = parsed(blocksize, is_block=True)[2]
    if block == 0:
        raise ValueError("block size cannot be equal to zero")
    number, unit, product = parsed(wanted)
    if unit is None:
        return Size(math.ceil(number), block)
    block = fitting(number, unit, product, block)
    return Size(math.ceil(product / block), block)


def fitting(number: float, unit: str, product: int, block: int) -> int:
    """A block that goes into ``product`` bytes without a rest, ``block`` itself where that does. Raises ValueError."""
    if not product % block:
        return block
    if number == int(number):
        mega: int = UNITS["MiB"] if UNITS[unit] % 5 else UNITS["MB"]
        return mega if UNITS[unit] > UNITS["MiB"] else UNITS[unit]
    if unit == "B":
        raise ValueError("byte is the smallest unit and requires an integer value")
    if 0 < product < block:
        return product
    return next((step for step in STEPS if not product % step), 1)


@calling
def steps(args: FilesizeArgs, ctx: Context) -> Steps:
    there = yield from _ask(args, ctx, "size_now")
    path, old = there.first("path") or "", int(there.first("size") or -1)
    before = None if old < 0 else old
    try:
        size = size_of(args.size, args.blocksize or there.first("block"))
    except ValueError as error:
        raise refuse(str(error)) from None
    if there.first("kind") not in ("absent", "file"):
        raise refuse(f"{path} exists but is not a regular file")
    told: dict[str, Any] = {"size_diff": size.bytes - (before or 0), "path": path, "filesize": size.told()}
    told["diff"] = {"before": {"size": before}, "after": {"size": size.bytes}}
    is_wrong = size.bytes != before or args.force
    if is_wrong:
        words = dd_words(args, path, size, before)
        told["cmd"] = " ".join([there.first("tool") or "dd", *words])
        if not ctx.check:
            told |= yield from _fill(args, ctx, words, told)
    if before is None and ctx.check:
        return Result(changed=True, data=told)
    settled = yield from _ask(args, ctx, "settle_size")
    new = int(settled.first("size") or 0)
    if new != size.bytes and not ctx.check:
        raise refuse(f"module error while {_story(args)}: file is {new} bytes long", **told)
    found = changes(settled)
    told["path"] = settled.first("path") or path
    told |= stat.info() if (stat := last_stat(settled)) else {}
    if found:
        attributes = attributes_told(path, found)
        told["diff"] = {side: {**told["diff"][side], **attributes[side]} for side in ("before", "after")}
    return Result(changed=is_wrong or bool(found), data=told)


def _story(args: FilesizeArgs) -> str:
    return f"creating file {args.path} with size {args.size} from source {args.source}"


def _fill(
    args: FilesizeArgs, ctx: Context, words: list[str], told: dict[str, Any]
) -> Generator[Run, Reply, dict[str, Any]]:
    done = yield from call(ctx, Tool("dd", "macOS has it."), *words, must=False)
    said = {"rc": done.rc, "stderr": done.stderr, "cmd": " ".join(done.cmd)}
    if done.rc:
        raise refuse(f"dd error while {_story(args)}: see stderr for details", **{**told, **said})
    return said


def dd_words(args: FilesizeArgs, path: str, size: Size, before: int | None) -> list[str]:
    """The words of dd that bring the file to its size: cut, or filled from where it ends."""
    gap = size.bytes - (before or 0)
    seek = 0
    if args.sparse:
        seek = size.blocks
    elif before is not None and not args.force:
        seek = size.blocks if gap < 0 else before // size.block + (1 if gap % size.block else 0)
    count = size.blocks - seek
    return [f"if={args.source}", f"of={path}", f"bs={size.block}", f"seek={seek}", f"count={count}"]


def _ask(args: FilesizeArgs, ctx: Context, main: str) -> Generator[Run, Reply, Reply]:
    reply = yield Run(
        main=main,
        scripts=(*FILE_SCRIPTS, FILESIZE_SH),
        values={
            "path_given": args.path,
            "mode": args.mode or "",
            "owner": args.owner or "",
            "group": args.group or "",
            "check": as_shell(ctx.check),
        },
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        raise Refused(refused)
    return reply


FILESIZE = Module("filesize", FilesizeArgs, steps, "Brings a file to a size.")
