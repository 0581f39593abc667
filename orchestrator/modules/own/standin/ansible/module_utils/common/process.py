"""Where programs are."""

from __future__ import annotations

import os
from collections.abc import Sequence

SBIN = ("/sbin", "/usr/sbin", "/usr/local/sbin")


def get_bin_path(arg: str, opt_dirs: Sequence[str] | None = None, required: bool | None = None) -> str:
    """The path of the program ``arg``, looked for in ``opt_dirs``, PATH and the system's directories. Raises
    ValueError."""
    paths = [each for each in opt_dirs or () if each and os.path.exists(each)]
    paths += os.environ.get("PATH", "").split(os.pathsep)
    paths += [each for each in SBIN if each not in paths and os.path.exists(each)]
    for directory in filter(None, paths):
        path = os.path.join(directory, arg)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise ValueError(f'Failed to find required executable "{arg}" in paths: {os.pathsep.join(paths)}')
