"""This module looks an entry up in the node's user and other databases, and keeps it as a fact."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, SetFacts, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, refusal
from orchestrator.modules.types import Bool, Str

GETENT_SH = script("getent", __file__)


MISSING = "One or more supplied key could not be found in the database."


class GetentArgs(Args):
    database: Str = Field(pattern=r"^[a-z]+$", description="passwd, group, hosts …")
    key: Str = Field("", description="The entry; else all.")
    service: Str | None = Field(None, description="Accepted.")
    split: Str | None = Field(None, description="What separates the fields.")
    fail_key: Bool = Field(True, description="Fail where there is no such entry.")


def steps(args: GetentArgs, ctx: Context) -> Steps:
    reply: Reply = yield Run(
        main="look_up",
        scripts=(PRELUDE, GETENT_SH),
        values={"database": args.database, "key": args.key},
        environment=ctx.environment,
        repeatable=True,
    )
    if refused := refusal(reply):
        return refused
    split = args.split or (":" if args.database in ("passwd", "shadow", "group", "gshadow") else None)
    found: dict[str, list[list[str]]] = {}
    for line in reply.stdout.decode(errors="replace").splitlines():
        first, *rest = line.split(split)
        found.setdefault(first, []).append(rest)
    entries: dict[str, Any] = {name: lines[0] if len(lines) == 1 else lines for name, lines in found.items()}
    if args.key and not entries:
        if args.fail_key:
            return failure(MISSING)
        entries[args.key] = None
    facts = {f"getent_{args.database}": entries}
    msg = MISSING if None in entries.values() else None
    return Result(msg=msg, data={"ansible_facts": facts}, effects=(SetFacts(values=facts, discovered=True),))


GETENT = Module("getent", GetentArgs, steps, "Looks an entry up in a database of the node.")
