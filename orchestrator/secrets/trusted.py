"""Files and programs that secrets may come from: nobody else can read the one, or change the other.

The rules are those of OpenClaw's own providers (2026.9): a secret's file is regular, ours, of one hard link and closed
to everybody else; a provider's command is absolute, no link, and not writable for others.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from orchestrator.model.errors import SecretError

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_file(path: str) -> None:
    """Raises SecretError where others could read or replace the file at ``path``."""
    file = Path(path).expanduser()
    found = _status(file)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise SecretError(f"{file} is a link or no regular file", hint="name the file itself")
    if found.st_uid not in (os.getuid(), 0):
        raise SecretError(f"{file} belongs to somebody else", evidence=f"uid {found.st_uid}")
    if found.st_mode & OTHERS:
        raise SecretError(
            f"{file} is open to others", evidence=f"mode {stat.S_IMODE(found.st_mode):04o}", hint=f"chmod 600 {file}"
        )


def check_command(path: str) -> None:
    """Raises SecretError where others could change what runs at ``path``."""
    file = Path(path)
    if not file.is_absolute():
        raise SecretError(f"the command {path} of a provider must be an absolute path")
    found = _status(file)
    if not stat.S_ISREG(found.st_mode):
        raise SecretError(f"{file} is a link or no regular file", hint="name the program itself")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        evidence = f"mode {stat.S_IMODE(found.st_mode):04o}"
        raise SecretError(f"{file} can be changed by others", evidence=evidence, hint=f"chmod go-w {file}")


def _status(file: Path) -> os.stat_result:
    try:
        return file.lstat()
    except OSError as error:
        raise SecretError(f"{file}: {error.strerror}") from error
