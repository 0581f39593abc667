"""This module looks for copies of secrets on a node by fingerprint: no value is sent, and none is brought back.

The node makes the fingerprints of what stands in its files itself (``model.fingerprint``: HMAC-SHA-256), with a key
that comes in the program's text, so neither key nor value is ever among a process's arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from orchestrator.model.program import Run, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, refusal
from orchestrator.modules.types import Dict, Int, Str, StrList

SWEEP_SH = script("secret_sweep", __file__)
SWEEP_PL = Path(__file__).with_suffix(".pl").read_text(encoding="utf-8")
SEARCH = re.compile(r"[0-9a-f]{12}:\d{1,4}")
SHOWN = 20

PLACES = (
    "~/.openclaw*",
    "~/Library/LaunchAgents",
    "/Library/LaunchAgents",
    "/Library/LaunchDaemons",
    "~/Library/Logs",
    "/tmp/openclaw*",  # noqa: S108  # the gateway's logs on a node, nothing of ours
    "~/.zsh_history",
    "~/.zsh_sessions",
    "~/.bash_history",
    "~/.bash_sessions",
    "~/.sh_history",
    "~/.node_repl_history",
    "~/.zshrc",
    "~/.zshenv",
    "~/.zprofile",
    "~/.bashrc",
    "~/.bash_profile",
    "~/.profile",
    "~/.env*",
    "~/.netrc",
    "~/.npmrc",
    "~/.docker/config.json",
    "~/.config",
    "~/.ssh",
    "~/*.bak",
    "~/*.txt",
    "~/*.plist",
    "~/Backups",
    "~/Desktop",
    "~/Documents",
    "~/Downloads",
    "~/Library/Mobile Documents",
    "~/Library/CloudStorage",
    "~/Dropbox",
    "/Users/Shared",
    "processes",
)
"""Where copies of tokens have been found: configuration and its backups, service definitions, logs, shell histories and
start files, folders that are synchronised, and command lines."""


class SecretSweepArgs(Args):
    fingerprints: Dict = Field(
        description="What to look for: FINGERPRINT:LENGTH as `orch secrets fingerprint` prints it; and its name."
    )
    key: Str = Field(min_length=16, description="The key the fingerprints were made with.")
    places: StrList = Field(
        default_factory=lambda: list(PLACES),
        description="Files and folders; * and ? in a name; `processes` for command lines.",
    )
    also: StrList = Field(default_factory=list, description="More places.")
    allow: StrList = Field(default_factory=list, description="Patterns of paths where a copy belongs.")
    limit_s: Int = Field(120, ge=1, le=3000, description="Look for at most so long; what is left is told as unseen.")
    copies: Literal["fail", "report"] = Field("fail", description="What to do where copies are found.")

    @field_validator("fingerprints")
    @classmethod
    def _are_searches(cls, value: dict[str, Any]) -> dict[str, Any]:
        if not value or any(not SEARCH.fullmatch(str(each)) for each in value):
            raise ValueError("each is FINGERPRINT:LENGTH, as in 3f9a1c0b77de:64, and there is at least one")
        return value


def secret_sweep_steps(args: SecretSweepArgs, ctx: Context) -> Steps:
    reply = yield Run(
        main="sweep_main",
        scripts=(PRELUDE, SWEEP_SH),
        values={
            "key": args.key,
            "wanted": " ".join(args.fingerprints),
            "limit_s": str(args.limit_s),
            "places": "\n".join([*args.places, *args.also]),
            "sweep_perl": SWEEP_PL,
        },
        environment=ctx.environment,
        repeatable=True,
        timeout_s=args.limit_s + 30,
    )
    if refused := refusal(reply):
        return refused
    try:
        seen = json.loads(reply.stdout.decode("utf-8", "replace"))
    except ValueError:
        return failure(
            "the search ended without an answer", rc=reply.rc, stderr=reply.stderr.decode("utf-8", "replace")
        )
    copies = [_copy(each, args.fingerprints) for each in seen["found"] if not _belongs(each["path"], args.allow)]
    unseen = [f"{each['path']}: {each['why']}" for each in seen["unseen"]]
    if seen["late"]:
        unseen.append(f"{seen['late']} files: the limit of {args.limit_s} s passed")
    if seen["long"]:
        unseen.append(f"{seen['long']} stretches of more than 4096 letters and digits")
    return Result(
        failed=bool(copies) and args.copies == "fail",
        msg="\n".join(_told(copies, unseen, seen["looked"])),
        data={"copies": copies, "unseen": unseen, "looked_at": seen["looked"]},
    )


def _copy(found: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "secret": str(names[found["search"]]),
        "path": found["path"],
        "mode": found["mode"],
        "fingerprint": found["search"].partition(":")[0],
    }


def _belongs(path: str, allow: Iterable[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in allow)


def _told(copies: list[dict[str, Any]], unseen: list[str], looked_at: int) -> list[str]:
    head = f"{len(copies)} copies in {looked_at} places looked at; {len(unseen)} could not be seen"
    lines = [f"{each['secret']} in {each['path']}{_mode(each['mode'])}" for each in copies[:SHOWN]]
    lines += [f"and {len(copies) - SHOWN} more, see `copies`"] if len(copies) > SHOWN else []
    return [head, *lines, *(f"unknown: {each}" for each in unseen[:SHOWN])]


def _mode(mode: str | None) -> str:
    return f" (mode {mode})" if mode else ""


SECRET_SWEEP = Module(
    "secret_sweep",
    SecretSweepArgs,
    secret_sweep_steps,
    "Looks for copies of secrets in files, backups, logs, histories and command lines, by keyed fingerprint.",
    returns={
        "copies": "Each copy: the secret's name, path, the file's mode, fingerprint.",
        "unseen": "What could not be looked at, and why: nobody knows what is there.",
        "looked_at": "How many files were read.",
    },
)
