"""Tests of paths on this machine."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from orchestrator.model.errors import TemplateError


def vaulted_file(path: str) -> bool:
    """Whether the file is an ansible-vault file."""
    try:
        with Path(path).open("rb") as file:
            return file.read(14) == b"$ANSIBLE_VAULT"
    except OSError as error:
        raise TemplateError(f"Cannot test if the file {path!r} is a vault: {error.strerror}") from error


FILES: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": os.path.isabs,
    "directory": os.path.isdir,
    "exists": os.path.exists,
    "file": os.path.isfile,
    "is_abs": os.path.isabs,
    "is_dir": os.path.isdir,
    "is_file": os.path.isfile,
    "is_link": os.path.islink,
    "is_mount": os.path.ismount,
    "is_same_file": os.path.samefile,
    "link": os.path.islink,
    "link_exists": os.path.lexists,
    "mount": os.path.ismount,
    "same_file": os.path.samefile,
    "vaulted_file": vaulted_file,
}
