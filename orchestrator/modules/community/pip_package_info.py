"""This module lists the packages of one or more pips."""

from __future__ import annotations

import json
import posixpath
from typing import Any

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import Refused, Tool, call, calling, refuse
from orchestrator.modules.types import StrList


class PipInfoArgs(Args):
    clients: StrList = Field(default=["pip"], description="The pips to ask, by name or path.")


@calling
def steps(args: PipInfoArgs, ctx: Context) -> Steps:
    packages: dict[str, Any] = {}
    doubts: list[str] = []
    found = 0
    for client in args.clients:
        if not posixpath.basename(client).startswith("pip"):
            doubts.append(f"Skipping invalid pip client: {client}")
            continue
        try:
            pip = Tool("pip", "Homebrew's python brings it.", executable=client)
            listed = yield from call(ctx, pip, "list", "-l", "--format=json", must=False)
        except Refused:
            continue
        found += 1
        if listed.rc:
            doubts.append(
                f"Failed to retrieve packages with {client}: Unable to list packages rc={listed.rc} : {listed.stderr}"
            )
            continue
        packages[client] = {}
        for each in json.loads(listed.stdout):
            packages[client].setdefault(each["name"], []).append({**each, "source": client})
    if not found:
        raise refuse(f"Unable to use any of the supplied pip clients: {args.clients}")
    return Result(data={"packages": packages}, warnings=tuple(doubts))


PIP_PACKAGE_INFO = Module("pip_package_info", PipInfoArgs, steps, "Lists the packages of pips.")
