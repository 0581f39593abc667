"""Workers by the word behind ``--engine``."""

from __future__ import annotations

import re

from orchestrator.model.errors import UserError
from orchestrator.transport.base import Limits
from orchestrator.transport.crew import Crew

HERE = "here"
MOST_PROCESSES = 64
MOST_UNASKED = 3
"""Three workers keep one engine busy."""


def checked(word: str) -> str:
    """``word``, as it may stand behind ``--engine``. Raises UserError."""
    if word == HERE or re.fullmatch(r"dask://[^/\s]+:\d+", word):
        return word
    if (found := re.fullmatch(r"processes:(\d+)", word)) and 1 <= int(found[1]) <= MOST_PROCESSES:
        return word
    raise UserError(f"--engine {word} is not known", hint="one of: here, processes:N (1 to 64), dask://HOST:PORT")


def fitting(cores: int) -> str:
    """The word for a large fleet on a machine with so many cores. The engine keeps one for itself; three quarters
    of the work are the lines'."""
    return HERE if cores < 2 else f"processes:{min(cores - 1, MOST_UNASKED)}"


def crew(word: str, run_id: str, limits: Limits) -> Crew | None:
    """The workers that a checked ``word`` asks for; None where this process does the work. Raises UserError where
    they cannot be had."""
    kind, _, rest = word.partition(":")
    if kind == "processes":
        from orchestrator.transport.processes import Processes

        return Processes(int(rest), run_id, limits)
    if kind == "dask":
        from orchestrator.transport.cluster import Cluster

        return Cluster(rest.removeprefix("//"), run_id, limits)
    return None
