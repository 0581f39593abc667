"""Imports what a run needs, so that a process forked from this one need not."""

from __future__ import annotations

import importlib
import pkgutil

import orchestrator

ROOMS = ("cli", "engine", "report", "planning", "transport", "journal", "secrets", "language", "modules", "model")

for room in ROOMS:
    package = importlib.import_module(f"orchestrator.{room}")
    for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not each.name.endswith("fabric"):
            importlib.import_module(each.name)

ROOT = orchestrator.__file__
