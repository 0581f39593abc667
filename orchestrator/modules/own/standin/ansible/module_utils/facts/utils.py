"""What stands in files, and how full a file system is."""

from __future__ import annotations

import os
from typing import Any


def get_file_content(path: str, default: Any = None, strip: bool = True) -> Any:
    """The text of a file; ``default`` where there is none to be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except OSError:
        return default
    return (text.strip() if strip else text) or default


def get_file_lines(path: str, strip: bool = True, line_sep: str | None = None) -> list[str]:
    """The lines of a file; none where there is none to be read."""
    text = get_file_content(path, strip=strip)
    if not text:
        return []
    if line_sep is None:
        return list(text.splitlines())
    return list((text.rstrip(line_sep) if len(line_sep) == 1 else text).split(line_sep))


def get_mount_size(mountpoint: str) -> dict[str, int]:
    """The sizes of the file system at ``mountpoint``, in bytes, blocks and inodes; nothing where it does not tell."""
    try:
        told = os.statvfs(mountpoint)
    except OSError:
        return {}
    return {
        "size_total": told.f_frsize * told.f_blocks,
        "size_available": told.f_frsize * told.f_bavail,
        "block_size": told.f_bsize,
        "block_total": told.f_blocks,
        "block_available": told.f_bavail,
        "block_used": told.f_blocks - told.f_bavail,
        "inode_total": told.f_files,
        "inode_available": told.f_favail,
        "inode_used": told.f_files - told.f_favail,
    }
