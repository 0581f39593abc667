"""What a play's ``vars_files`` bring: for each entry the first of its alternatives that exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from orchestrator.language.tree import Play
from orchestrator.model.errors import PlaybookError, TemplateError, UndefinedVariable, UnknownName
from orchestrator.model.place import place_of
from orchestrator.model.status import Status
from orchestrator.planning.markers import type_name
from orchestrator.planning.render import Renderer

Load = Callable[[str], Any]
"""Reads a variables file: ``language.load.load_file`` with the vault bound."""


def load_vars_files(
    play: Play, renderer: Renderer, load: Load, *, is_final: bool = True, stronger: Mapping[str, Any] | None = None
) -> tuple[Mapping[str, Any], ...]:
    """The contents of the play's files for one host, in order; later ones override. A name may hold variables of the
    files before it.

    ``renderer`` knows that host's variables; ``stronger`` are those (of ``-e``) that no file overrides. A name with an
    undefined variable is passed over with a warning, since facts may come later; where ``is_final`` (facts are there)
    it is an error. As in ansible-core 2.19 an entry none of whose files exist is no error; it is warned about.
    """
    found: list[Mapping[str, Any]] = []
    for entry in play.vars_files:
        try:
            path = _first(play, entry, renderer)
        except UndefinedVariable as error:
            if is_final:
                where = f"vars_files: no variable gives the name of this file: {error.message}"
                raise UnknownName(where, place=error.place, evidence=error.evidence, hint=error.hint) from error
            renderer.surroundings.warn(f"skipping vars_files item due to an undefined variable: {entry}")
            continue
        except TemplateError as error:
            error.status = Status.WRONG
            raise
        if path is None:
            renderer.surroundings.warn(f"vars_files: {_shown(entry)} was not found")
            continue
        for part in _contents(str(path), load(str(path))):
            found.append(part)
            renderer = renderer.extended({**part, **(stronger or {})})
    return tuple(found)


def _shown(entry: Any) -> str:
    return f"none of {', '.join(map(str, entry))}" if isinstance(entry, list | tuple) else str(entry)


def _first(play: Play, entry: Any, renderer: Renderer) -> Path | None:
    """The first alternative that exists; those behind it are not even rendered."""
    base = Path(play.path).parent
    for written in entry if isinstance(entry, list | tuple) else [entry]:
        name = renderer.value(written)
        if not isinstance(name, str):
            raise PlaybookError(
                f"Invalid `vars_files` value of type {type_name(name)!r}.",
                place=place_of(entry),
                hint="A `vars_files` value should either be a string or list of strings.",
            )
        for path in (base / "vars" / name, base / Path(name).expanduser()):
            if path.exists():
                return path
    return None


def _contents(path: str, loaded: Any) -> list[Mapping[str, Any]]:
    parts = [] if loaded is None else loaded if isinstance(loaded, list) else [loaded]
    for part in parts:
        if not isinstance(part, Mapping):
            raise PlaybookError(f"Invalid vars_files file {path!r}: it must hold a mapping", place=place_of(loaded))
    return parts
