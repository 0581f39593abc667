"""openclaw_triage: from a message or a look to one cause: layer, evidence, next command."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Context, Module
from orchestrator.modules.openclaw.asking import GatewayArgs
from orchestrator.modules.openclaw.catalogue import Finding, classify
from orchestrator.modules.openclaw.checks import CHECKS, OF_GATEWAY, Wanted, findings
from orchestrator.modules.openclaw.looking import Seen, look
from orchestrator.modules.openclaw.probe import told
from orchestrator.modules.types import Bool, StrList

NOISE = ("scope", "starved", "refused_as_designed", "not_ready")
"""Symptoms that a healthy host's log shows as well."""
WELL = r"gateway connected|\[gateway\] ready"
"""Words after which whatever stood before is the past."""


class TriageArgs(GatewayArgs):
    messages: StrList = Field(default_factory=list, description="Messages that somebody saw, to be explained.")
    nodes: StrList = Field(default_factory=list, description="Nodes that should be connected and approved.")
    gateway: Bool = Field(True, description="False on a host that has only a node.")


def triage_steps(args: TriageArgs, ctx: Context) -> Steps:
    seen = yield from look(ctx, args, gateway=args.gateway)
    if isinstance(seen, Result):
        return seen
    names = [name for name in CHECKS if args.gateway or name not in OF_GATEWAY]
    if args.token is None:
        names = [name for name in names if name != "token"]
    found = findings(seen, Wanted(nodes=tuple(args.nodes)), names)
    said = explained(args.messages, seen)
    # A cause that is seen now explains a message better than the message's own words do.
    # What its log says of the past is no cause where the running gateway has just answered.
    answers = seen.gateway is not None and seen.gateway.ok
    result = told([*found, *said] or ([] if answers else logged(seen)), names, fail=False)
    unknown = [text for text in args.messages if classify(text) is None]
    return result.but(data={**result.data, "messages": [one.as_data() for one in said], "unknown": unknown})


def explained(messages: Sequence[str], seen: Seen) -> list[Finding]:
    rows = ((text, classify(text)) for text in messages)
    return [Finding(row.code, text, seen.names) for text, row in rows if row]


def logged(seen: Seen) -> list[Finding]:
    """The last thing in the log that the catalogue knows and that is no everyday noise, since all was well."""
    for line in reversed(seen.log.strip().split("\n")):
        if re.search(WELL, line):
            break
        row = classify(line)
        if row and row.code not in NOISE:
            return [Finding(row.code, f"its log: {line.strip()}", seen.names)]
    return []


TRIAGE = Module(
    "openclaw_triage",
    TriageArgs,
    triage_steps,
    "Explains a symptom of OpenClaw: looks in the order of diagnosis, ends in one cause with the next command.",
    returns={
        "finding": "The cause: code, layer, cause, evidence, next, step; null where nothing is wrong.",
        "messages": "What each message that was given stands for; `unknown` are those the catalogue does not know.",
    },
)
