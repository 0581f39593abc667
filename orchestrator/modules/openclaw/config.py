"""openclaw_config: values of the configuration are set, validated by the product, kept as snapshots and rolled back."""

from __future__ import annotations

import copy
import json
from collections.abc import Generator, Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.declared import as_shell
from orchestrator.modules.openclaw.asking import ServiceArgs, ask
from orchestrator.modules.openclaw.catalogue import Finding
from orchestrator.modules.openclaw.looking import masked
from orchestrator.modules.types import Dict, Str, StrList

FILES_SH = script("files", __file__)
_ABSENT = object()


class ConfigArgs(ServiceArgs):
    set: Dict | None = Field(
        None, description="Values by dotted path, as in `gateway.bind: loopback`. A path's own dots are not supported."
    )
    unset: StrList = Field(default_factory=list, description="Dotted paths to remove.")
    snapshot: Literal["taken", "restored", "dropped"] | None = Field(
        None,
        description="Keep the files of a change byte for byte, put back those that differ, or remove what was kept.",
    )
    name: Str = Field("change", pattern=r"^[\w][\w.-]{0,63}$", description="The snapshot's name.")
    extra: StrList = Field(
        default_factory=list, description="Further files to keep, absolute: a token file, for example."
    )

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.set or self.unset) and self.snapshot:
            raise ValueError("set and unset go in one task, snapshot in another")
        return self


def changed(config: Mapping[str, Any], wanted: Mapping[str, Any], unwanted: list[str]) -> dict[str, Any]:
    """A copy of ``config`` with the values set and the paths removed. Raises ValueError where a path meets a value."""
    result: dict[str, Any] = copy.deepcopy(dict(config))
    for path, value in wanted.items():
        holder = _holder(result, path, make=True)
        assert holder is not None
        holder[path.rpartition(".")[2]] = value
    for path in unwanted:
        if (holder := _holder(result, path, make=False)) is not None:
            holder.pop(path.rpartition(".")[2], None)
    return result


def _holder(config: dict[str, Any], path: str, *, make: bool) -> dict[str, Any] | None:
    here: Any = config
    for name in path.split(".")[:-1]:
        if name not in here and not make:
            return None
        here = here.setdefault(name, {})
        if not isinstance(here, dict):
            raise ValueError(f"{path}: {name} is a value, not a group of settings")
    return here if isinstance(here, dict) else None


def read_config(ctx: Context, args: ServiceArgs) -> Generator[Run, Reply, dict[str, Any] | Result]:
    """The configuration as it is in the file."""
    reply = yield from ask(ctx, args, "oc_config_read", FILES_SH, name="", extra="")
    if isinstance(reply, Result):
        return failure(f"the configuration cannot be read: {reply.data.get('stderr') or reply.msg}")
    try:
        value = json.loads(reply.stdout)
    except ValueError as error:
        return failure(f"the configuration cannot be read: {error}")
    return value if isinstance(value, dict) else failure("the configuration is not a group of settings")


def write_config(ctx: Context, args: ServiceArgs, wanted: Mapping[str, Any]) -> Generator[Run, Reply, Result | None]:
    """Bring ``wanted`` into the file; the failed result where the product finds it invalid. Nothing is written then."""
    content = Secret(json.dumps(wanted, indent=2) + "\n")
    check = as_shell(ctx.check)
    reply = yield from ask(ctx, args, "oc_config_write", FILES_SH, repeatable=False, content=content, check=check)
    if isinstance(reply, Result):
        return reply
    verdict = json.loads(reply.first("verdict") or "{}")
    if verdict.get("valid") is True:
        return None
    issues = verdict.get("issues") or [verdict.get("error") or {"message": "no verdict"}]
    evidence = "; ".join(f"{one.get('path', '')}: {one.get('message')}" for one in issues)
    finding = Finding("config_invalid", evidence)
    return failure(f"nothing was written: {finding}", finding=finding.as_data())


def config_steps(args: ConfigArgs, ctx: Context) -> Steps:
    if args.snapshot:
        return (yield from _snapshot(args, ctx))
    before = yield from read_config(ctx, args)
    if isinstance(before, Result):
        return before
    try:
        after = changed(before, args.set or {}, args.unset)
    except ValueError as error:
        return failure(str(error))
    if after == before:
        return Result(msg="as wanted", data={"config": masked(before)})
    refused = yield from write_config(ctx, args, after)
    if refused:
        return refused
    diff = Diff(_shown(before), _shown(after), "openclaw.json", "openclaw.json")
    return Result(changed=True, data={"config": masked(after)}, diff=(diff,))


def _shown(config: Mapping[str, Any]) -> str:
    return json.dumps(masked(config), indent=2) + "\n"


def _snapshot(args: ConfigArgs, ctx: Context) -> Steps:
    verb = {"taken": "take", "restored": "restore", "dropped": "drop"}[args.snapshot or ""]
    if verb == "take" and ctx.check:
        return Result(changed=True, data={"files": []})
    values = {"name": args.name, "extra": "\n".join(args.extra), "check": as_shell(ctx.check)}
    reply = yield from ask(ctx, args, f"oc_snapshot_{verb}", FILES_SH, repeatable=verb != "take", **values)
    if isinstance(reply, Result):
        return reply
    files = reply.all("restored") or reply.all("place") or reply.all("dropped")
    # What is kept for the length of a run and removed at its end changes nothing that matters to anybody.
    return Result(
        changed=verb == "restore" and bool(files), data={"files": files}, msg=", ".join(files) or "nothing to do"
    )


CONFIG = Module(
    "openclaw_config",
    ConfigArgs,
    config_steps,
    "Sets values of OpenClaw's configuration, validated before they are written; snapshots and byte-exact rollback.",
    returns={
        "config": "The configuration afterwards, without its secrets.",
        "finding": "On an invalid change: layer, cause, evidence, next.",
        "files": "The snapshot's directory, or the files that were put back.",
    },
)
