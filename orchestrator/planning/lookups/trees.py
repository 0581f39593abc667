"""The lookup ``filetree`` of community.general: every file, link and directory below a directory of this machine.

Dotfiles are brought by it: ``with_filetree: dotfiles/`` with one task for directories, one for files, one for links.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from orchestrator.planning.lookups.base import Call, Lookup, options_of

COLLECTION: Final = "community.general."


def filetree(call: Call, terms: list[Any], options: Mapping[str, Any]) -> list[Any]:
    """One mapping for each entry below the directories ``terms``; of entries at the same path the first one counts.

    ``root`` is the directory, ``path`` the way from there; ``state`` is ``file``, ``directory`` or ``link``, ``src``
    the file itself or what the link leads to. A directory that is not there holds nothing.
    """
    options_of("filetree", options, {})
    found: dict[str, dict[str, Any]] = {}
    for term in terms:
        top = _top(call, str(term))
        for path in _below(top) if top is not None else ():
            entry = _entry(call, top or "", path)
            if entry is not None:
                found.setdefault(path, entry)
    return list(found.values())


def _top(call: Call, term: str) -> str | None:
    directory, name = os.path.split(term)
    place = call.surroundings.find(directory, "files") if directory else call.surroundings.find(".", "files")
    return None if place is None else os.path.join(place, name)


def _below(top: str) -> Iterator[str]:
    """The paths below ``top``, from there on: directories before files, level by level down each branch."""
    for root, directories, files in os.walk(top):
        for name in directories + files:
            yield os.path.relpath(os.path.join(root, name), top)


def _entry(call: Call, top: str, path: str) -> dict[str, Any] | None:
    whole = os.path.join(top, path)
    try:
        seen = os.lstat(whole)
    except OSError as error:
        call.surroundings.warn(f"filetree: {whole}: {error.strerror}")
        return None
    state = _state(Path(whole), seen.st_mode)
    if state is None:
        call.surroundings.warn(f"filetree: {whole} is no file, directory or link")
        return None
    return {
        "root": top,
        "path": path,
        **state,
        "uid": seen.st_uid,
        "gid": seen.st_gid,
        "owner": _name(lambda: pwd.getpwuid(seen.st_uid).pw_name, seen.st_uid),
        "group": _name(lambda: grp.getgrgid(seen.st_gid).gr_name, seen.st_gid),
        "mode": f"0{stat.S_IMODE(seen.st_mode):03o}",
        "size": seen.st_size,
        "mtime": seen.st_mtime,
        "ctime": seen.st_ctime,
    }


def _state(path: Path, mode: int) -> dict[str, Any] | None:
    if stat.S_ISLNK(mode):
        return {"state": "link", "src": os.readlink(path)}
    if stat.S_ISDIR(mode):
        return {"state": "directory"}
    return {"state": "file", "src": str(path)} if stat.S_ISREG(mode) else None


def _name(ask: Callable[[], str], number: int) -> str | int:
    try:
        return ask()
    except KeyError:
        return number


TREES: Final[Mapping[str, Lookup]] = {"filetree": filetree, f"{COLLECTION}filetree": filetree}
