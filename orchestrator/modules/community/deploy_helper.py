"""This module keeps the directories of a deployment: releases, what they share, and the link to the current one.

The facts are worked out here; the node makes, links and clears up.
"""

from __future__ import annotations

import posixpath
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Result, SetFacts
from orchestrator.modules.base import Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, FileArgs
from orchestrator.modules.declared import as_shell, refusal
from orchestrator.modules.types import AsSaid, Bool, Int, Str

DEPLOY_SH = script("deploy_helper", __file__)


class DeployArgs(FileArgs):
    path: Str = Field(validation_alias=AliasChoices("path", "dest"), description="The directory of the project.")
    release: Str | None = Field(None, description="The release; else the node's time, as in 20261121093000.")
    releases_path: Str = Field("releases", description="Where the releases are, below path.")
    shared_path: Str = Field("shared", description="What releases share, below path; empty: nothing.")
    current_path: Str = Field("current", description="The link to the current release, below path.")
    keep_releases: Int = Field(5, description="How many old releases are kept.")
    clean: Bool = Field(True, description="finalize: clear up as well.")
    unfinished_filename: Str = Field("DEPLOY_UNFINISHED", description="A file that marks what is not finished.")
    state: Literal["present", "absent", "clean", "finalize", "query"] = Field(
        "present", description="What is to be done."
    )

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.state == "finalize" and not self.release:
            raise ValueError("state is finalize but all of the following are missing: release")
        if self.state == "finalize" and self.keep_releases <= 0:
            raise AsSaid("'keep_releases' should be at least 1")
        return self


def steps(args: DeployArgs, ctx: Context) -> Steps:
    reply: Reply = yield Run(
        main="deploy_main",
        scripts=(*FILE_SCRIPTS, DEPLOY_SH),
        values={
            **{name: str(getattr(args, name)) for name in ("releases_path", "shared_path", "current_path")},
            "path_given": args.path,
            "release": args.release or "",
            "keep": str(args.keep_releases),
            "clean": as_shell(args.clean),
            "unfinished": args.unfinished_filename,
            "state": args.state,
            "mode": args.mode or "",
            "owner": args.owner or "",
            "group": args.group or "",
            "check": as_shell(ctx.check),
        },
        environment=ctx.environment,
        repeatable=args.release is not None or args.state not in ("present", "query"),
    )
    if refused := refusal(reply):
        return refused
    told: dict[str, Any] = {"state": args.state}
    if args.state == "absent":
        told["ansible_facts"] = {"deploy_helper": []}
    elif args.state in ("present", "query"):
        told["ansible_facts"] = {"deploy_helper": facts(args, reply)}
    changed = any(reply.first(name) is not None for name in ("changed", "attribute"))
    effects = (SetFacts(values=told["ansible_facts"], discovered=True),) if "ansible_facts" in told else ()
    return Result(changed=changed, data=told, effects=effects)


def facts(args: DeployArgs, reply: Reply) -> dict[str, Any]:
    """What a playbook goes by: where the parts are, the release that is current and the one to be."""
    project = reply.first("project") or args.path
    releases = posixpath.join(project, args.releases_path)
    release = args.release or reply.first("release")
    previous = reply.first("previous")
    return {
        "project_path": project,
        "current_path": posixpath.join(project, args.current_path),
        "releases_path": releases,
        "shared_path": posixpath.join(project, args.shared_path) if args.shared_path else None,
        "previous_release": posixpath.basename(previous) if previous else None,
        "previous_release_path": previous,
        "new_release": release,
        "new_release_path": posixpath.join(releases, release) if release else None,
        "unfinished_filename": args.unfinished_filename,
    }


DEPLOY_HELPER = Module("deploy_helper", DeployArgs, steps, "Keeps the directories of a deployment.")
