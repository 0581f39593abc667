"""What launchd says of one job, and the requests that ask it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import field
from typing import Any

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run
from orchestrator.model.results import Result, failure
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Context, script
from orchestrator.modules.declared import PRELUDE
from orchestrator.modules.macos.parsers import Parsed
from orchestrator.modules.macos.probing import MISSING, PROBE, Answer, read, whole_seconds

LAUNCHD_SH = script("launchd", __file__)
ORDER_LIMIT_S = 60.0
"""One order to launchctl: `kickstart -k` may last as long as the job's ExitTimeOut."""


@frozen
class Job:
    """One reading. ``loaded`` None: it could not be told, ``trouble`` says why. ``enabled`` None: likewise."""

    domain: str
    label: str
    loaded: bool | None
    trouble: str | None = None
    fields: Parsed = field(default_factory=dict)
    enabled: bool | None = None
    domain_exists: bool | None = None
    on_demand_count: int | None = None

    @property
    def target(self) -> str:
        return f"{self.domain}/{self.label}"

    @property
    def pid(self) -> int | None:
        return self.fields.get("pid")

    @property
    def runs(self) -> int | None:
        return self.fields.get("runs")

    @property
    def throttle_s(self) -> float | None:
        """The spacing launchd keeps between its own starts: the plist's ThrottleInterval, or what it raised it to."""
        return self.fields.get("minimum_runtime_s")

    @property
    def exit_timeout_s(self) -> float | None:
        return self.fields.get("exit_timeout_s")

    @property
    def is_respawning(self) -> bool:
        """launchd itself is about to start it again, or has met several crashes in a row."""
        waiting = self.fields.get("state") in ("spawn scheduled", "spawning")
        return self.pid is None and waiting and self.fields.get("pended_nondemand_spawn") is None

    def ending(self) -> str:
        """How its last process ended, in words."""
        if killed := self.fields.get("last_terminating_signal"):
            return f"last ended by {killed['name']} ({killed['number']})"
        code = self.fields.get("last_exit_code")
        if code is None:
            return "it has not ended since it was loaded"
        hint = " (program missing or not executable, bad directory or log path, or code signing)" if code == 78 else ""
        return f"last exit code {code}{hint}"

    def missing_domain(self) -> Result:
        """Why nothing can be done where the domain is not there."""
        if self.domain.startswith("gui/"):
            why = f"nobody is logged in at the console of this Mac, so {self.domain} does not exist"
            hint = "log in at the screen (or by Screen Sharing, or switch autologin on), then try again"
        else:
            why, hint = f"the domain {self.domain} does not exist", "system and gui/UID are the usual ones"
        return failure(f"{why}; {hint}", domain=self.domain, label=self.label)

    def as_data(self) -> dict[str, Any]:
        return {
            "domain": self.domain,
            "label": self.label,
            "loaded": self.loaded,
            "enabled": self.enabled,
            "pid": self.pid,
            "runs": self.runs,
            "state": self.fields.get("state"),
            "minimum_runtime_s": self.throttle_s,
            "exit_timeout_s": self.exit_timeout_s,
            "on_demand_count": self.on_demand_count,
        }


def job_from(domain: str, label: str, answers: Mapping[str, Answer]) -> Job:
    """The job as the answers of ``ask_job`` show it."""
    printed = answers.get("job", MISSING).parsed("launchctl-print")
    header = answers.get("domain", MISSING)
    overrides = answers.get("disabled", MISSING).parsed("launchctl-print-disabled")
    domain_exists = True if header.rc == 0 else False if header.rc in (112, 125) else None
    is_known = overrides["status"] == "known"
    count = header.parsed("launchctl-print").get("on_demand_count") if header.rc == 0 else None
    return Job(
        domain,
        label,
        loaded=printed.get("loaded") if domain_exists is not False else False,
        trouble=None if printed["status"] == "known" else str(printed["reason"]),
        fields=printed if printed["status"] == "known" else {},
        enabled=overrides["services"].get(label) != "disabled" if is_known else None,
        domain_exists=domain_exists,
        on_demand_count=count,
    )


@frozen
class Aim:
    """Which job, for all requests of a task."""

    label: str
    domain: str
    environment: Mapping[str, str | Secret]

    def run(
        self, main: str, *, repeatable: bool = True, limit_s: float = 15.0, **values: str | Secret
    ) -> Generator[Run, Reply, tuple[Job, dict[str, Answer], Reply] | Result]:
        """Run ``main`` of launchd.sh; the job as it was read there, all answers, and the reply."""
        reply = yield Run(
            main=main,
            scripts=(PRELUDE, PROBE, LAUNCHD_SH),
            values={
                "label": self.label,
                "domain": self.domain,
                "plist": "",
                "probe_limit_s": whole_seconds(limit_s),
                **values,
            },
            environment=self.environment,
            repeatable=repeatable,
        )
        found = read(reply)
        if isinstance(found, Result):
            return found
        job = job_from(reply.first("domain") or self.domain, self.label, found)
        return job, found, reply


def aim_at(label: str, domain: str, ctx: Context) -> Aim:
    return Aim(label, domain, ctx.environment)


def look(aim: Aim) -> Generator[Run, Reply, Job | Result]:
    """The job as it is now."""
    seen = yield from aim.run("look")
    if isinstance(seen, Result):
        return seen
    job = seen[0]
    if job.loaded is None:
        return failure(f"launchd's answer about {job.target} was not understood: {job.trouble}", **job.as_data())
    return job
