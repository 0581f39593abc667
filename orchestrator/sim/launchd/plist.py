"""What a job is: the keys of a launchd.plist(5) that the simulation obeys."""

from __future__ import annotations

import os
import plistlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from orchestrator.sim.launchd.codes import LaunchError


@dataclass(frozen=True)
class JobDefinition:
    """One loaded plist; paths as they stand in it."""

    label: str
    path: str
    argv: tuple[str, ...]
    program: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    run_at_load: bool = False
    keep_alive: bool | dict[str, Any] = False
    throttle_interval_s: float = 10
    exit_timeout_s: float = 5
    start_interval_s: float | None = None
    working_directory: str | None = None
    stdin_path: str = "/dev/null"
    stdout_path: str | None = None
    stderr_path: str | None = None
    umask: int | None = None
    process_type: str = "Standard"
    sessions: tuple[str, ...] = ("Aqua",)
    user_name: str | None = None
    disabled: bool = False
    abandons_group: bool = False

    @property
    def starts_at_load(self) -> bool:
        """RunAtLoad, or a KeepAlive that implies it."""
        if isinstance(self.keep_alive, dict):
            return self.run_at_load or bool({"SuccessfulExit", "Crashed"} & set(self.keep_alive))
        return self.run_at_load or self.keep_alive


def read_definition(path: str) -> JobDefinition:
    """The job in a plist file; LaunchError 122 for a file others may write, 109–111 for a bad one, 2 for none."""
    try:
        mode = os.stat(path).st_mode
        value = plistlib.loads(Path(path).read_bytes())
    except OSError as error:
        raise LaunchError(2) from error
    except (ValueError, ExpatError, plistlib.InvalidFileException) as error:
        raise LaunchError(109) from error
    if mode & 0o022:
        raise LaunchError(122)
    if not isinstance(value, dict) or not isinstance(value.get("Label"), str):
        raise LaunchError(110)
    argv = tuple(str(word) for word in value.get("ProgramArguments") or [value.get("Program", "")])
    if not argv[0]:
        raise LaunchError(111)
    return _definition(path, value, argv)


def _definition(path: str, value: dict[str, Any], argv: tuple[str, ...]) -> JobDefinition:
    sessions = value.get("LimitLoadToSessionType", "Aqua")
    # A plist's Umask is a number, or text in octal.
    umask = value.get("Umask")
    return JobDefinition(
        label=value["Label"],
        path=path,
        argv=argv,
        program=value.get("Program"),
        environment={str(name): str(text) for name, text in value.get("EnvironmentVariables", {}).items()},
        run_at_load=bool(value.get("RunAtLoad", False)),
        keep_alive=value.get("KeepAlive", False),
        throttle_interval_s=float(value.get("ThrottleInterval", 10)),
        exit_timeout_s=float(value.get("ExitTimeOut", 5)),
        start_interval_s=value.get("StartInterval"),
        working_directory=value.get("WorkingDirectory"),
        stdin_path=value.get("StandardInPath", "/dev/null"),
        stdout_path=value.get("StandardOutPath"),
        stderr_path=value.get("StandardErrorPath"),
        umask=int(umask, 8) if isinstance(umask, str) else umask,
        process_type=value.get("ProcessType", "Standard"),
        sessions=(sessions,) if isinstance(sessions, str) else tuple(sessions),
        user_name=value.get("UserName"),
        disabled=bool(value.get("Disabled", False)),
        abandons_group=bool(value.get("AbandonProcessGroup", False)),
    )
