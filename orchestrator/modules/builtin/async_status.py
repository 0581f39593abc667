"""This module tells how a task stands that was begun with ``async``."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from orchestrator.model.program import JobStatus, Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.types import Str


class AsyncStatusArgs(Args):
    also_listed = frozenset({"_async_dir"})
    jid: Str = Field(description="The job's name: `ansible_job_id` of the task that began it.")
    mode: Literal["cleanup", "status"] = Field("status", description="`cleanup` forgets the job.")


def steps(args: AsyncStatusArgs, ctx: Context) -> Steps:
    status: Result | None = yield JobStatus(args.jid, forget=args.mode == "cleanup")
    if status is None:
        none: dict[str, Any] = {"stdout": "", "stdout_lines": [], "stderr": "", "stderr_lines": []}
        return failure("could not find job", ansible_job_id=args.jid, started=True, finished=True, **none)
    if args.mode == "cleanup":
        return Result(data={"ansible_job_id": args.jid, "erased": status.data["results_file"]})
    return status


ASYNC_STATUS = Module(
    "async_status", AsyncStatusArgs, steps, "Tells how a task stands that was begun with async.", needs_host=False
)
