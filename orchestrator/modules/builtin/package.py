"""This module sees to packages: it hands its arguments on to the module of the node's package manager."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import failure
from orchestrator.modules import canonical
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, refusal
from orchestrator.modules.types import Str

PACKAGE_SH = script("package", __file__)


class PackageArgs(Args):
    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)
    name: Any = Field(None, description="The packages.")
    state: Any = Field(
        None, description="What they are to be, in the words of that module (present, absent, latest …)."
    )
    use: Str = Field("auto", description="The package manager's module (apt, homebrew); auto: what the node has.")

    def handed_on(self) -> dict[str, Any]:
        """What is for the other module: all that was given but ``use``."""
        own: dict[str, Any] = {name: getattr(self, name) for name in ("name", "state") if name in self.model_fields_set}
        return {**own, **(self.model_extra or {})}


def steps(args: PackageArgs, ctx: Context) -> Steps:
    manager = args.use if args.use != "auto" else str(ctx.variables.get("ansible_package_use") or "auto")
    if manager != "auto" and canonical(manager) is None:
        return failure(f'Could not find a matching action for the "{manager}" package manager.').but(gave_up=True)
    if manager == "auto":
        reply: Reply = yield Run(
            main="say_manager",
            scripts=(PRELUDE, PACKAGE_SH),
            values={},
            environment=ctx.environment,
            repeatable=True,
        )
        if refused := refusal(reply):
            return refused
        manager = reply.first("manager") or ""
    return (yield from ctx.hand_on(manager, args.handed_on(), check=ctx.check, with_defaults=True))


PACKAGE = Module("package", PackageArgs, steps, "Sees to packages, by the node's own package manager.")
