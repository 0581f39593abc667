"""The key that this machine, or this team, makes its fingerprints with."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.model.secrets import Secret

if TYPE_CHECKING:
    from orchestrator.secrets.registry import Registry
    from orchestrator.secrets.resolver import Resolver

FILE = "fingerprint.key"


def key(registry: Registry | None, using: Resolver) -> Secret:
    """The key that the registry refers to, so that a whole team's fingerprints agree; else this machine's own."""
    from orchestrator.secrets.refs import parse

    if registry is not None and registry.fingerprint_key is not None:
        return using.resolve(parse(registry.fingerprint_key))
    from orchestrator.journal.home import state_dir

    return own_key(state_dir())


def own_key(home: Path) -> Secret:
    """The key in the state directory ``home``, made where there is none."""
    file = home / FILE
    try:
        with open(file, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as new:
            new.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return Secret(file.read_text(encoding="ascii"))
