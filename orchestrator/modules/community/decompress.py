"""This module decompresses one file of the node, beside it or to another place."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, FileArgs, attribute_diff, changes, last_stat
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import Bool, Str

DECOMPRESS_SH = script("decompress", __file__)


class DecompressArgs(FileArgs):
    src: Str = Field(min_length=1, description="The compressed file.")
    dest: Str | None = Field(None, description="Where to; else src without its ending, or with _decompressed.")
    format: Literal["gz", "bz2", "xz"] = Field("gz", description="How it is compressed.")
    remove: Bool = Field(False, description="Remove the compressed file.")


def steps(args: DecompressArgs, ctx: Context) -> Steps:
    ending = f".{args.format}"
    bare = args.src.removesuffix(ending) if args.src != ending else args.src
    reply: Reply = yield Run(
        main="decompress_main",
        scripts=(*FILE_SCRIPTS, DECOMPRESS_SH),
        values={
            "src": args.src,
            "dest_given": args.dest or (bare if bare != args.src else f"{args.src}_decompressed"),
            "format": args.format,
            "remove": as_shell(args.remove),
            "mode": args.mode or "",
            "owner": args.owner or "",
            "group": args.group or "",
            "check": as_shell(ctx.check),
        },
        environment=ctx.environment,
        repeatable=not args.remove,
    )
    if refused := refusal(reply):
        return refused
    dest = reply.first("dest")
    if dest is None:
        return Result()
    found = changes(reply)
    told = {"dest": dest, **(stat.info() if (stat := last_stat(reply)) else {})}
    return Result(
        changed=reply.first("changed") is not None or bool(found),
        data=told,
        diff=attribute_diff(dest, found),
        registers_diff=False,
    )


DECOMPRESS = Module("decompress", DecompressArgs, steps, "Decompresses a file.")
