"""Which process a pid is, so that only our own are ever ended: pid, start time and command, as ps tells them."""

from __future__ import annotations

import os
import subprocess
from typing import TypedDict


class Identity(TypedDict):
    """A process at one moment; a reused pid differs in `told`."""

    pid: int
    told: str


def identify(pid: int | None = None) -> Identity:
    """The identity of a process, by default this one; `told` is empty where there is none."""
    number = os.getpid() if pid is None else pid
    done = subprocess.run(
        ["/bin/ps", "-ww", "-o", "lstart=,command=", "-p", str(number)],
        capture_output=True, text=True, check=False, timeout=10, env={"LC_ALL": "C", "PATH": "/bin:/usr/bin"},
    )  # fmt: skip
    return {"pid": number, "told": done.stdout.strip()}


def is_alive(identity: Identity) -> bool:
    """Whether that very process still runs."""
    return bool(identity["told"]) and identify(identity["pid"]) == identity
