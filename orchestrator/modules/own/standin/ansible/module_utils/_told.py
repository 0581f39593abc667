"""What the module's runner was told."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, Any] = {}
"""The module's arguments, and what Ansible tells it beside them; set before it is run."""
TOLD: dict[str, Any] = {}
"""All that the runner was told."""
