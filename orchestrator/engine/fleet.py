"""A whole run: plays one after another, each over its hosts in batches, with everything that hosts share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from orchestrator.engine.connections import Connect, Connections
from orchestrator.engine.host_state import HostState
from orchestrator.engine.machine import Services
from orchestrator.engine.options import Options
from orchestrator.engine.play_run import PlayRun
from orchestrator.engine.world import World
from orchestrator.language.inventory import Selection
from orchestrator.language.tree import Play, Playbook
from orchestrator.model.errors import PlaybookError
from orchestrator.model.events import BatchStarted, Event, NoHosts, PlayStarted, RunEnded, RunStarted
from orchestrator.model.hosts import Inventory
from orchestrator.planning.select import batches

OK, FAILED, UNREACHABLE = 0, 2, 4
"""Exit statuses; a run with failed and unreachable hosts ends with their sum."""
