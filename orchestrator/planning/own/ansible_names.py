"""What plug-ins import of Ansible, on machines where it is not installed: the stand-in that modules have, too."""

from __future__ import annotations

import importlib.util
import sys
from importlib import resources


def provide() -> None:
    """Make the names importable, unless Ansible itself is (or they are already)."""
    if "ansible" not in sys.modules and importlib.util.find_spec("ansible") is None:
        sys.path.insert(0, str(resources.files("orchestrator.modules").joinpath("own", "standin")))
