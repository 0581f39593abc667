"""This module looks for what tenants leave on a rented Mac: on arrival the former one's things, on departure our own.

An arrival's `items` are the baseline of the departure: what is there then and was not before is ours, and a finding.
What could not be seen is told apart from what is not there. Sources: docs/reference, "A rented Mac".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

from pydantic import Field

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE
from orchestrator.modules.macos.probing import MISSING, PROBE, Answer, read
from orchestrator.modules.types import Dict, StrList

INSPECT_SH = script("inspect", __file__)
Reader: TypeAlias = Callable[[Answer], tuple[str, ...] | None]
"""The items of an answer; None where it tells nothing about them."""

APPLE = ("user_agents:com.apple.*", "agents:com.apple.*", "daemons:com.apple.*")
"""What belongs to macOS itself, on any Mac."""
FIRST_UID = 500
SHOWN = 20
"""So many findings stand in the message; all are in the data."""


class InspectArgs(Args):
    allow: StrList = Field(
        default_factory=list,
        description="Patterns KIND:NAME of what may be there, as `users:admin`, `daemons:com.vendor.*`.",
    )
    baseline: Dict | None = Field(
        None, description="The `items` of an earlier inspection: what was there then is no finding."
    )
    gone: StrList = Field(default_factory=list, description="Paths that must not be there (any more).")
    unseen: Literal["fail", "report"] = Field(
        "report", description="What to do where something could not be seen: fail, or only report it."
    )


def _lines(answer: Answer) -> tuple[str, ...] | None:
    return tuple(line.strip() for line in answer.output.rows) if answer.rc == 0 else None


def _keys(answer: Answer) -> tuple[str, ...] | None:
    """`256 SHA256:… comment (ED25519)`: fingerprint and comment."""
    found = [re.fullmatch(r"\d+ (\S+) (.*) \(\S+\)", line.strip()) for line in answer.output.rows]
    if answer.rc == 0:
        return tuple(f"{match[1]} {match[2]}" for match in found if match)
    return () if "is not a public key file" in answer.output.text else None


def _users(answer: Answer) -> tuple[str, ...] | None:
    """Those of people: a UID from 500 on, and no name that begins with `_`."""
    rows = [line.split() for line in answer.output.rows]
    if answer.rc != 0 or any(len(row) != 2 for row in rows):
        return None
    return tuple(
        row[0] for row in rows if row[1].lstrip("-").isdigit() and int(row[1]) >= FIRST_UID and row[0][0] != "_"
    )


def _profiles(answer: Answer) -> tuple[str, ...] | None:
    found = answer.parsed("profiles-list")
    return tuple(sorted(str(one["identifier"]) for one in found["profiles"])) if found["status"] == "known" else None


def _crontab(answer: Answer) -> tuple[str, ...] | None:
    if "no crontab for" in answer.output.text:
        return ()
    found = _lines(answer)
    return None if found is None else tuple(line for line in found if not line.startswith("#"))


def _login_items(answer: Answer) -> tuple[str, ...] | None:
    """`sfltool dumpbtm`, which only root may read: the names of the items."""
    return tuple(re.findall(r"^\s*Name:\s*(\S.*?)\s*$", answer.output.stdout, re.MULTILINE)) if answer.rc == 0 else None


KINDS: dict[str, Reader] = {
    "authorized_keys": _keys,
    "root_keys": _keys,
    "user_agents": _lines,
    "agents": _lines,
    "daemons": _lines,
    "profiles": _profiles,
    "sudoers": _lines,
    "users": _users,
    "login_items": _login_items,
    "crontab": _crontab,
    "remains": _lines,
    "gone": _lines,
}
"""What is looked for, and how its probe's answer is read. `remains` are our own, `gone` the paths that must be away."""


@frozen
class Inspection:
    """Items by kind, and why a kind could not be seen."""

    items: Mapping[str, tuple[str, ...]]
    unseen: Mapping[str, str]

    def findings(self, allow: Iterable[str], before: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What nobody allowed and was not there before: (kind, name)."""
        patterns = [*APPLE, *allow]
        found = [(kind, name) for kind, names in self.items.items() for name in names]
        return [
            (kind, name)
            for kind, name in found
            if kind in ("remains", "gone")
            or not (name in before.get(kind, ()) or any(fnmatchcase(f"{kind}:{name}", one) for one in patterns))
        ]


def inspection(answers: Mapping[str, Answer]) -> Inspection:
    items, unseen = {}, {}
    for kind, reader in KINDS.items():
        answer = answers.get(kind, MISSING)
        found = None if answer.late else reader(answer)
        if found is None:
            unseen[kind] = f"{answer.command}: {answer.said}"
        else:
            items[kind] = found
    return Inspection(items, unseen)


def inspect_steps(args: InspectArgs, ctx: Context) -> Steps:
    reply = yield Run(
        main="inspect_main",
        scripts=(PRELUDE, PROBE, INSPECT_SH),
        values={"gone": "\n".join(args.gone), "probe_limit_s": "15"},
        environment=ctx.environment,
        repeatable=True,
    )
    answers = read(reply)
    if isinstance(answers, Result):
        return answers
    seen = inspection(answers)
    findings = seen.findings(args.allow, args.baseline or {})
    lines = [f"{kind:<16} {name}" for kind, name in findings[:SHOWN]]
    lines += [f"and {len(findings) - SHOWN} more, see `findings`"] if len(findings) > SHOWN else []
    lines += [f"{kind:<16} could not be seen: {why}" for kind, why in seen.unseen.items()]
    head = f"{len(findings)} findings, {len(seen.unseen)} of {len(KINDS)} kinds could not be seen"
    return Result(
        failed=bool(findings) or (bool(seen.unseen) and args.unseen == "fail"),
        msg="\n".join([head, *lines]),
        data={
            "findings": [{"kind": kind, "name": name} for kind, name in findings],
            "items": {kind: list(names) for kind, names in seen.items.items()},
            "unseen": dict(seen.unseen),
        },
    )


INSPECT = Module(
    "inspect",
    InspectArgs,
    inspect_steps,
    "Looks for what tenants leave on a rented Mac: keys, agents, daemons, profiles, sudoers, users, login items, cron.",
    returns={
        "findings": "What nobody allowed and the baseline does not have: kind, name.",
        "items": "All that was seen, by kind: the baseline for the departure.",
        "unseen": "Kinds that could not be seen, and why.",
    },
)
