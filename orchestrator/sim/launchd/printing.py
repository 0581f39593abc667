"""
The texts of launchctl: print of a domain and of a service, print-disabled, list.

Forms are those of recordings: 13–14 (no job state, no coalitions), 15 (coalitions), 26 (`job state`), 27
(`sanitizer flags`). Apple's text is explicitly not an interface, and these are its shape: values of no meaning
(coalition numbers, jetsam limits) are constants of a recording.
"""

from __future__ import annotations

from orchestrator.sim.launchd.domain import Domain
from orchestrator.sim.launchd.job import EX_CONFIG, Ending, Job

# macOS numbers and words of signals, by name, since numbers differ between systems.
SIGNALS = {
    "SIGHUP": "Hangup: 1", "SIGINT": "Interrupt: 2", "SIGQUIT": "Quit: 3", "SIGILL": "Illegal instruction: 4",
    "SIGTRAP": "Trace/BPT trap: 5", "SIGABRT": "Abort trap: 6", "SIGFPE": "Floating point exception: 8",
    "SIGKILL": "Killed: 9", "SIGBUS": "Bus error: 10", "SIGSEGV": "Segmentation fault: 11",
    "SIGSYS": "Bad system call: 12", "SIGPIPE": "Broken pipe: 13", "SIGALRM": "Alarm clock: 14",
    "SIGTERM": "Terminated: 15", "SIGUSR1": "User defined signal 1: 30", "SIGUSR2": "User defined signal 2: 31",
}  # fmt: skip
_SPAWN_TYPES = {"Interactive": "interactive (4)", "Background": "background (5)"}


def signal_number(name: str) -> int:
    """The macOS number of a signal."""
    return int(SIGNALS[name].rpartition(" ")[2]) if name in SIGNALS else 0


def ending_line(ending: Ending | None) -> str:
    """The `last …` line of a job."""
    if ending is None:
        return "last exit code = (never exited)"
    if ending.signal:
        return f"last terminating signal = {SIGNALS.get(ending.signal, ending.signal)}"
    return f"last exit code = {ending.status}" + (": EX_CONFIG" if ending.status == EX_CONFIG else "")


def service(domain: Domain, job: Job, major: int, asid: int) -> str:
    """`launchctl print DOMAIN/LABEL`, ending in a newline."""
    definition = job.definition
    running = job.pid is not None
    lines = [
        f"active count = {int(running)}",
        f"path = {definition.path}",
        f"type = {'LaunchDaemon' if domain.session == 'System' else 'LaunchAgent'}",
        f"state = {job.state}",
        "",
        f"program = {definition.program or definition.argv[0]}",
        *_block("arguments", definition.argv),
        "",
    ]
    if definition.working_directory:
        lines += [f"working directory = {definition.working_directory}", ""]
    lines += [f"{name} path = {path}" for name, path in
              (("stdout", definition.stdout_path), ("stderr", definition.stderr_path)) if path]  # fmt: skip
    if domain.session == "Aqua":
        lines += [
            *_block("inherited environment", ["SSH_AUTH_SOCK => /private/tmp/com.apple.launchd.sim/Listeners"]),
            "",
        ]
    lines += [*_block("default environment", ["PATH => /usr/bin:/bin:/usr/sbin:/sbin"]), ""]
    shown = {**definition.environment, "XPC_SERVICE_NAME": definition.label}
    rate = ["OSLogRateLimit => 64"] if major >= 26 else []
    lines += [*_block("environment", rate + [f"{name} => {text}" for name, text in shown.items()]), ""]
    lines += _life(domain, job, major, asid) + _spawning(job, major)
    return f"{domain.name}/{definition.label} = {{\n" + _indented(lines) + "}\n"


def _life(domain: Domain, job: Job, major: int, asid: int) -> list[str]:
    definition = job.definition
    lines = [f"domain = {domain.name}" + (f" [{asid}]" if domain.session == "Aqua" else "")]
    if domain.session == "Aqua":
        lines.append(f"asid = {asid}")
    lines += [
        f"minimum runtime = {definition.throttle_interval_s:.0f}",
        f"exit timeout = {definition.exit_timeout_s:.0f}",
        f"runs = {job.runs}",
    ]
    if job.pid is not None:
        lines += [f"pid = {job.pid}", f"immediate reason = {job.reason}", "forks = 0", "execs = 1", "initialized = 1",
                  "trampolined = 1", "started suspended = 0", "proxy started suspended = 0"]  # fmt: skip
    if job.pid is not None and major >= 15:
        lines += ["checked allocations = 0 (queried = 1)", "checked allocations reason = no host",
                  "checked allocations flags = 0x0"]  # fmt: skip
    if job.pended:
        lines.append(f"pended nondemand spawn = {job.pended}")
    lines += [ending_line(job.ending), ""]
    if isinstance(definition.keep_alive, dict):
        names = {"SuccessfulExit": "successful exit", "Crashed": "after crash"}
        rows = [f"{names[key]} => {int(bool(value))}" for key, value in definition.keep_alive.items() if key in names]
        lines += [*_block("semaphores", rows), ""]
    return lines


def _spawning(job: Job, major: int) -> list[str]:
    definition = job.definition
    lines = []
    if major >= 15 and job.runs:
        for kind, number in (("resource", 1150), ("jetsam", 1151)):
            rows = [
                f"ID = {number}",
                f"type = {kind}",
                "state = active",
                "active count = 1",
                f"name = {definition.label}",
            ]
            lines += [*_block(f"{kind} coalition", rows), ""]
    lines += [f"spawn type = {_SPAWN_TYPES.get(definition.process_type, 'daemon (3)')}", "jetsam priority = 40",
              "jetsam memory limit (active) = (unlimited)", "jetsam memory limit (inactive) = (unlimited)",
              "jetsamproperties category = daemon", "jetsam thread limit = 32", "cpumon = default"]  # fmt: skip
    if definition.start_interval_s:
        lines.append(f"run interval = {definition.start_interval_s:.0f} seconds")
    if major >= 26:
        failed = job.ending is not None and job.ending.status == EX_CONFIG
        idle = "spawn failed" if failed else "exited" if job.runs else "uninitialized"
        lines.append(f"job state = {'running' if job.pid is not None else idle}")
    if major >= 27:
        lines.append("sanitizer flags = 0x0")
    if major <= 15:
        lines += _block("probabilistic guard malloc policy", ["activation rate = 1/1000", "sample rate = 1/0"])
    words = ["keepalive"] if definition.keep_alive is True else []
    words += ["runatload"] if definition.starts_at_load else []
    words += [] if definition.program else ["inferred program"]
    words += ["managed LWCR"] if major >= 26 else []
    return [*lines, "", f"properties = {' | '.join(words)}"]


def domain_text(domain: Domain, uid: int, hides_zero: bool = True) -> str:
    """`launchctl print DOMAIN`."""
    active = sum(job.pid is not None for job in domain.jobs.values())
    count = 56 if domain.is_on_demand_only() else 0
    kind = "system" if domain.session == "System" else "user"
    lines = [f"type = {kind}", f"handle = {0 if kind == 'system' else uid}", f"active count = {active + 400}"]
    if count or not hides_zero:
        lines.append(f"on-demand count = {count}")
    lines += [f"service count = {len(domain.jobs)}", f"active service count = {active}",
              "maximum allowed shutdown time = 65 s"]  # fmt: skip
    rows = []
    for label, job in domain.jobs.items():
        rows.append(f"{job.pid or 0:8} {_status(job.ending, '-'):>6} \t{label}")
    lines += [*_block("services", rows), "", "properties = uncorked | audit check done"]
    return f"{domain.name} = {{\n" + _indented(lines) + "}\n"


def disabled_text(overrides: dict[str, bool]) -> str:
    """`launchctl print-disabled DOMAIN` of 13 and later, with the recorded empty first line."""
    rows = [f'"{label}" => {"disabled" if off else "enabled"}' for label, off in overrides.items()]
    return "\n\tdisabled services = {\n" + "".join(f"\t\t{row}\n" for row in rows) + "\t}\n"


def table(jobs: list[Job]) -> str:
    """`launchctl list`: pid, status of the run before, label."""
    rows = [f"{job.pid or '-'}\t{_status(job.ending, '0')}\t{job.definition.label}\n" for job in jobs]
    return "PID\tStatus\tLabel\n" + "".join(rows)


def _status(ending: Ending | None, none: str) -> str:
    if ending is None:
        return none
    return str(-signal_number(ending.signal) if ending.signal else ending.status)


def dictionary(domain: Domain, job: Job) -> str:
    """`launchctl list LABEL`; LastExitStatus is a raw wait status."""
    definition, ending = job.definition, job.ending
    raw = 0 if ending is None else signal_number(ending.signal) if ending.signal else ending.status << 8
    rows = [
        f'"LimitLoadToSessionType" = "{domain.session}";',
        f'"Label" = "{definition.label}";',
        f'"OnDemand" = {"false" if definition.keep_alive is True else "true"};',
        f'"LastExitStatus" = {raw};',
    ]
    rows += [f'"PID" = {job.pid};'] if job.pid else []
    rows += [f'"Program" = "{definition.program or definition.argv[0]}";', '"ProgramArguments" = (']
    rows += [f'\t"{word}";' for word in definition.argv] + [");"]
    return "{\n" + "".join(f"\t{row}\n" for row in rows) + "};\n"


def _block(name: str, rows: tuple[str, ...] | list[str]) -> list[str]:
    return [f"{name} = {{", *(f"\t{row}" for row in rows), "}"]


def _indented(lines: list[str]) -> str:
    """Each line after one tab; empty lines stay empty, later lines of a text of several stay as they are."""
    return "".join(f"\t{line}\n" if line else "\n" for line in lines)
