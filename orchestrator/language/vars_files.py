"""Finding and reading the variables files that Ansible finds by name: ``main.yml``, ``group_vars/web``,
``host_vars/a/*``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from orchestrator.language.load import kind_of
from orchestrator.language.reading import Combine, combine, place_in
from orchestrator.model.errors import PlaybookError, UserError

EXTENSIONS = (".yml", ".yaml", ".json")


def find_vars_files(
    directory: str, name: str, extensions: Iterable[str] = ("", *EXTENSIONS), *, allow_dir: bool = True
) -> list[str]:
    """The files for ``name`` in ``directory``: the first of name and its extensions that exists, with all
    files below it where it is a directory (hidden ones, backups and unknown extensions left out), in order of
    their names."""
    known = tuple(extensions)
    for extension in known:
        path = os.path.join(directory, name + extension)
        if os.path.isdir(path):
            if not allow_dir:
                continue
            return list(_below(path, known))
        if os.path.exists(path):
            return [path]
    return []


def _below(directory: str, extensions: tuple[str, ...]) -> Iterable[str]:
    for name in sorted(os.listdir(directory)):
        if name.startswith(".") or name.endswith("~"):
            continue
        path = os.path.join(directory, name)
        extension = os.path.splitext(name)[1]
        if os.path.isdir(path) and not extension:
            yield from _below(path, extensions)
        elif os.path.isfile(path) and (not extension or extension in extensions):
            yield path


def load_vars_files(
    paths: Iterable[str],
    load: Callable[[str], Any],
    how: Combine = "replace",
    error: type[UserError] = PlaybookError,
) -> dict[str, Any]:
    """The variables of all ``paths``, later ones over earlier ones; empty files count as none."""
    found: dict[str, Any] = {}
    for path in paths:
        value = load(path)
        if not value:
            continue
        if not isinstance(value, dict):
            raise error(f"a variables file holds a mapping, not {kind_of(value)}", place=place_in(value, path))
        found = combine(found, value, how)
    return found
