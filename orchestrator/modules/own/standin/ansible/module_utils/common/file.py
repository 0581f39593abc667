"""Small questions about files."""

from __future__ import annotations

import os
import stat

S_IRWU_RWG_RWO = 0o0666
S_IRWXU_RXG_RXO = 0o0755


def is_executable(path: str) -> int:
    """Whether anybody may execute ``path``."""
    return os.stat(path).st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
