"""Filters over paths of this machine and of Windows."""

from __future__ import annotations

import glob
import ntpath
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.planning.filters.collections import is_sequence
from orchestrator.planning.markers import type_name


def path_join(parts: Any) -> str:
    """The parts as one path; an absolute part starts anew."""
    if isinstance(parts, str):
        return parts
    if not is_sequence(parts):
        raise TypeError(f"|path_join expects string or sequence, got {type_name(parts)} instead.")
    joined: str = os.path.join(*parts)
    return joined


def commonpath(paths: Any) -> str:
    """The longest path that all share."""
    if not is_sequence(paths):
        raise TypeError(f"|commonpath expects sequence, got {type_name(paths)} instead.")
    common: str = os.path.commonpath(list(paths))
    return common


def fileglob(pattern: str) -> list[str]:
    """The files on this machine that ``pattern`` matches."""
    return [path for path in glob.glob(pattern) if os.path.isfile(path)]


PATHS: Final[Mapping[str, Callable[..., Any]]] = {
    "basename": os.path.basename,
    "commonpath": commonpath,
    "dirname": os.path.dirname,
    "expanduser": os.path.expanduser,
    "expandvars": os.path.expandvars,
    "fileglob": fileglob,
    "normpath": os.path.normpath,
    "path_join": path_join,
    "realpath": os.path.realpath,
    "relpath": os.path.relpath,
    "splitext": os.path.splitext,
    "win_basename": ntpath.basename,
    "win_dirname": ntpath.dirname,
    "win_splitdrive": ntpath.splitdrive,
}
