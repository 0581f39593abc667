"""A module that goes on under another Python, which has a library that it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from typing import NoReturn

from .._told import TOLD


def has_respawned() -> bool:
    """Whether this is the other Python already."""
    return bool(TOLD.get("respawned"))


def respawn_module(interpreter_path: str) -> NoReturn:
    """Start the module again under ``interpreter_path``, and end as it ends."""
    if has_respawned():
        raise Exception("module has already been respawned")
    told = json.dumps({**TOLD, "respawned": True})
    done = subprocess.run([interpreter_path, TOLD["runner"]], input=told.encode(), check=False)
    sys.exit(done.returncode)


def probe_interpreters_for_module(interpreter_paths: Iterable[str], module_name: str) -> str | None:
    """The first of the interpreters that can import ``module_name``."""
    for path in interpreter_paths:
        if os.path.exists(path):
            done = subprocess.run([path, "-c", f"import {module_name}"], stderr=subprocess.DEVNULL, check=False)
            if done.returncode == 0:
                return path
    return None
