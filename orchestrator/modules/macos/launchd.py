"""This module brings about the state of one launchd job: its plist, whether it is enabled and loaded, and restarts.

Restarts go through a budget, happen once, and are proven; see ``launchd_restart``. Codes and texts of launchctl:
docs/reference, "launchd".
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Request, Sleep
from orchestrator.model.program import Steps as ModuleSteps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Context, Module
from orchestrator.modules.macos.launchd_attempt import Attempt, RestartArgs, Steps, order
from orchestrator.modules.macos.launchd_job import Aim, Job, aim_at, look
from orchestrator.modules.macos.launchd_plist import BadPlist, definition_for, differing, from_xml, key_diff, to_xml
from orchestrator.modules.macos.launchd_restart import admitted, gone, loaded, restart, started
from orchestrator.modules.macos.launchd_watch import POLL_S
from orchestrator.modules.types import Bool, Dict, Mode, Str


def _ours(state: str) -> str:
    """``started`` of community.general's launchd is our ``running``."""
    return "running" if state == "started" else state


State = Annotated[
    Literal["loaded", "unloaded", "running", "stopped", "restarted", "started", "reloaded"], AfterValidator(_ours)
]
STOP_WATCH_S = 3.0


class LaunchdArgs(RestartArgs):
    label: Str = Field(
        pattern=r"^[\w.@-]+$", validation_alias=AliasChoices("label", "name"), description="The job's label."
    )
    domain: Str = Field(
        "gui",
        pattern=r"^(system|(gui|user)(/\d+)?)$",
        description="`system`, or `gui` or `user` for the one of the login user, or with a UID as in `gui/501`.",
    )
    plist: Str | None = Field(
        None, description="The plist's path; else LABEL.plist in ~/Library/LaunchAgents or /Library/LaunchDaemons."
    )
    definition: Dict | None = Field(None, description="The plist's content as data; Label may be left out.")
    mode: Mode = Field(
        "0644", pattern=r"^0?[0-7]{3}$", description="The plist's mode; launchd refuses group or world write."
    )
    state: State | None = Field(
        None,
        description="loaded, unloaded, running (or started), stopped (loaded without a process), restarted, reloaded "
        "(its plist is read again); left out: as it is.",
    )
    enabled: Bool | None = Field(None, description="Whether launchd may load it at the next boot or login.")

    @model_validator(mode="after")
    def _mode_is_taken(self) -> Self:
        if int(self.mode, 8) & 0o022:
            raise ValueError("mode: launchd refuses a plist that others may write")
        return self


@frozen
class Planned:
    """What differs from what is wanted: the words of ``changed_fields``, and the diff."""

    job: Job
    plist: str
    content: str | None
    fields: tuple[str, ...]
    diff: tuple[Diff, ...]


def plan(args: LaunchdArgs, aim: Aim) -> Generator[Request, Any, Planned | Result]:
    """Look, and compare with what is wanted; nothing is changed."""
    seen = yield from aim.run("look_plist", plist=args.plist or "")
    if isinstance(seen, Result):
        return seen
    job, answers, reply = seen
    path = reply.first("plist") or ""
    if job.loaded is None:
        return failure(f"launchd's answer about {job.target} was not understood: {job.trouble}", **job.as_data())
    if job.domain_exists is False and args.state not in (None, "unloaded"):
        return job.missing_domain()
    fields, diffs, content = [], [], None
    if args.definition is not None:
        try:
            wanted = definition_for(args.label, args.definition)
            content = to_xml(wanted)
            old = from_xml(answers["plist"].output.stdout) if "plist" in answers and answers["plist"].rc == 0 else None
        except BadPlist as error:
            return failure(str(error), plist=path)
        if old is None or differing(old, wanted):
            fields.append("plist")
            diffs.append(key_diff(old, wanted, path))
    if args.enabled is not None and args.enabled != job.enabled:
        if job.enabled is None:
            return failure(f"whether {job.target} is enabled could not be read", **job.as_data())
        fields.append("enabled")
        diffs.append(Diff(f"enabled: {job.enabled}\n", f"enabled: {args.enabled}\n"))
    if (was := _state(job)) != args.state and _differs(args.state, job):
        fields.append("state")
        diffs.append(Diff(f"state: {was}\n", f"state: {args.state}\n"))
    return Planned(job, path, content, tuple(fields), tuple(diffs))


def _state(job: Job) -> str:
    return "unloaded" if not job.loaded else "running" if job.pid else "stopped"


def _differs(state: State | None, job: Job) -> bool:
    match state:
        case "restarted" | "reloaded":
            return True
        case "loaded":
            return not job.loaded
        case "unloaded":
            return bool(job.loaded)
        case "running":
            return job.pid is None
        case "stopped":
            return not job.loaded or job.pid is not None
    return False


def launchd_steps(args: LaunchdArgs, ctx: Context) -> ModuleSteps:
    aim = aim_at(args.label, args.domain, ctx)
    planned = yield from plan(args, aim)
    if isinstance(planned, Result):
        return planned
    job = planned.job
    aim = aim_at(args.label, job.domain, ctx)
    attempt = Attempt(args, ctx, aim, planned.plist)
    if not planned.fields:
        return _result(args, planned, attempt, job)
    if disabled := _disabled(args, job):
        return disabled
    if ctx.check:
        return (yield from _predicted(args, planned, attempt))
    now = yield from _applied(args, planned, attempt)
    return now if isinstance(now, Result) else _result(args, planned, attempt, now)


def _disabled(args: LaunchdArgs, job: Job) -> Result | None:
    """A disabled job is refused by launchd with a bare 5; said here in words."""
    wants_it = args.state in ("loaded", "running", "restarted", "stopped", "reloaded")
    if wants_it and not job.loaded and job.enabled is False and args.enabled is not True:
        return failure(f"{job.target} is disabled, so launchd will not load it; say `enabled: true`", **job.as_data())
    return None


def _predicted(args: LaunchdArgs, planned: Planned, attempt: Attempt) -> Generator[Request, Any, Result]:
    """Check mode: what would change; a restart that the budget would refuse is refused here too."""
    restarts = args.state in ("restarted", "reloaded") or ("plist" in planned.fields and args.state is not None)
    if restarts and planned.job.pid is not None:
        refused = yield from admitted(attempt, planned.job, counted=False)
        if refused:
            return refused
    return _result(args, planned, attempt, planned.job)


def _applied(args: LaunchdArgs, planned: Planned, attempt: Attempt) -> Steps:
    """Plist, then the override, then the state: in this order, since a disabled job cannot be loaded."""
    if "plist" in planned.fields:
        content = Secret(planned.content or "")
        done = yield from attempt.aim.run("write_plist", plist=planned.plist, content=content, mode=args.mode)
        if isinstance(done, Result):
            return done
        attempt.tell(f"wrote {planned.plist}")
    job = planned.job
    if "enabled" in planned.fields:
        verb = "enable" if args.enabled else "disable"
        given = yield from order(attempt, verb, "launchctl-bootout", job)
        if isinstance(given, Result):
            return given
        job, trouble = given
        if trouble or job.enabled != args.enabled:
            return failure(f"launchctl {verb} {job.target}: {trouble or 'accepted, yet not so'}", **job.as_data())
    return (yield from _brought(args, planned, attempt, job))


def _brought(args: LaunchdArgs, planned: Planned, attempt: Attempt, job: Job) -> Steps:
    """The state wanted, from whatever is there."""
    if args.state is None:
        return job
    if args.state == "unloaded":
        return (yield from gone(attempt, job)) if job.loaded else job
    reload = args.state == "reloaded" or "plist" in planned.fields
    if job.loaded and args.state == "reloaded" and job.pid is None:
        left = yield from gone(attempt, job)
        if isinstance(left, Result):
            return left
        job = left
    if job.loaded and (args.state == "restarted" or reload):
        return (yield from restart(attempt, job, reload=reload))
    fresh = not job.loaded
    if fresh:
        now = yield from loaded(attempt, job)
        if isinstance(now, Result):
            return now
        job = now
    if args.state in ("running", "restarted"):
        return (yield from started(attempt, job, fresh=fresh))
    return (yield from _stopped(attempt, job)) if args.state == "stopped" else job


def _stopped(attempt: Attempt, job: Job) -> Steps:
    """SIGTERM, and no process afterwards; launchd starts a KeepAlive job again, and that is said."""
    if job.pid is None:
        return job
    done = yield from order(attempt, "stop", "launchctl-bootout", job)
    if isinstance(done, Result):
        return done
    now, waited_s = done[0], 0.0
    limit_s = (job.exit_timeout_s or 5.0) + STOP_WATCH_S
    while now.pid == job.pid and waited_s < limit_s:
        yield Sleep(POLL_S)
        waited_s += POLL_S
        seen = yield from look(attempt.aim)
        if isinstance(seen, Result):
            return seen
        now = seen
    if now.pid is not None or now.is_respawning:
        return failure(
            f"{job.target} does not stay stopped: launchd starts it again (KeepAlive); use `state: unloaded`",
            story=attempt.story,
            **now.as_data(),
        )
    return now


def _result(args: LaunchdArgs, planned: Planned, attempt: Attempt, job: Job) -> Result:
    before = planned.job
    notes = []
    if job.on_demand_count:
        notes.append(
            f"{job.domain} is in on-demand-only mode (count {job.on_demand_count}): launchd starts no job by itself,"
            " KeepAlive included; log out and in, or reboot"
        )
    stale = "plist" in planned.fields and args.state is None and bool(before.loaded)
    if stale:
        notes.append("launchd still has the old plist loaded; `state: restarted` makes it read the new one")
    data = {**job.as_data(), **attempt.as_data(), "changed_fields": list(planned.fields), "plist": planned.plist}
    told = {"pid_before": before.pid, "runs_before": before.runs, "reload_needed": stale, "notes": notes}
    return Result(changed=bool(planned.fields), msg="; ".join(notes) or None, data={**data, **told}, diff=planned.diff)


LAUNCHD = Module(
    "launchd",
    LaunchdArgs,
    launchd_steps,
    "Manages a launchd job: plist, enabled, loaded, running; restarts it under a budget and proves it is up.",
    returns={
        "pid": "The job's process now, null where it does not run; `pid_before` is the one it had.",
        "runs": "How often launchd has started it since it was loaded; `runs_before` likewise.",
        "changed_fields": "What differed: plist, enabled, state.",
        "story": "What was done, in order.",
        "starts": "How often it was started since the order, launchd's own respawns included; null without one.",
        "storm_after_s": "Seconds after the order at which three starts made it a storm; null where it was none.",
        "recovery": "On failure: the command that brings the service back by hand.",
        "reload_needed": "True where a new plist was written that launchd has not read.",
        "notes": "What a person should know, such as on-demand-only mode.",
    },
)
