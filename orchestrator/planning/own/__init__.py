"""Plug-ins of the user's own: Python files in ``filter_plugins``, ``test_plugins`` and ``lookup_plugins``.

They lie beside the playbook, in a role, in the directories that ansible.cfg names, or in a collection
(``ansible_collections/NS/NAME/plugins/filter`` in ``collections/`` beside the playbook or in ``collections_path``), and
run here, never on a node. What they may rely
on is what Ansible documents: ``FilterModule().filters()``, ``TestModule().tests()``, ``LookupModule().run(terms,
variables, **options)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.model.errors import PlaybookError
from orchestrator.model.place import Place
from orchestrator.planning.lookups.base import Lookup
from orchestrator.planning.own.files import attribute_of, plain_call
from orchestrator.planning.own.lookup import lookup_of
from orchestrator.planning.own.sought import Sought
from orchestrator.planning.plugins import Plugin, Plugins

KINDS = {"filter": ("FilterModule", "filters"), "test": ("TestModule", "tests")}
"""Kind of plug-in → its class, and the method that gives its table."""


def beside(directory: str) -> dict[str, list[str]]:
    """The directories of plug-ins that a playbook's or role's ``directory`` brings, by kind."""
    return {kind: [str(Path(directory) / f"{kind}_plugins")] for kind in (*KINDS, "lookup")}


def with_directories(
    plugins: Plugins, places: Mapping[str, Sequence[str]], warn: Callable[[str], None] | None = None
) -> Plugins:
    """``plugins`` with what the Python files in ``places`` (kind → directories) define before them.

    A file that cannot be used is told to ``warn`` and passed over; where nobody listens it is a PlaybookError.
    """
    tables = {kind: _tables(kind, _files(places.get(kind, ())), warn) for kind in KINDS}
    lookups: dict[str, Lookup] = {path.stem: lookup_of(path) for path in _files(places.get("lookup", ()))}
    return _joined(plugins, tables["filter"], tables["test"], lookups)


def with_collections(
    plugins: Plugins,
    roots: Sequence[str],
    warn: Callable[[str], None] | None = None,
    route: Callable[[str, str], str] | None = None,
) -> Plugins:
    """``plugins`` with those of the collections below the directories ``roots``, under their full names; ``route``
    knows which of them go by another name by now."""

    def read(kind: str, place: Path) -> dict[str, Any]:
        paths = _files([str(place)])
        return {path.stem: lookup_of(path) for path in paths} if kind == "lookup" else _tables(kind, paths, warn)

    there = [root for root in roots if (Path(root).expanduser() / "ansible_collections").is_dir()]
    return replace(plugins, seek=Sought(there, read), route=route or plugins.route) if there else plugins


def _joined(
    plugins: Plugins, filters: dict[str, Plugin], tests: dict[str, Plugin], lookups: dict[str, Lookup]
) -> Plugins:
    if not (filters or tests or lookups):
        return plugins
    return plugins.with_user(_twice(filters), _twice(tests), _twice(lookups))


def _twice(table: dict[str, Any]) -> dict[str, Any]:
    """``table`` with each short name under ``ansible.legacy`` too."""
    return {**table, **{f"ansible.legacy.{name}": each for name, each in table.items() if "." not in name}}


def _files(directories: Iterable[str]) -> list[Path]:
    """The Python files in ``directories``: a later directory's stand behind, so that the first one wins."""
    found: dict[str, Path] = {}
    for directory in directories:
        for path in sorted(Path(directory).glob("*.py")):
            if not path.name.startswith("_"):
                found.setdefault(path.stem, path)
    return list(reversed(found.values()))


def _tables(kind: str, paths: Iterable[Path], warn: Callable[[str], None] | None) -> dict[str, Plugin]:
    """The functions that the files define, as templates may call them."""
    found: dict[str, Plugin] = {}
    for path in paths:
        try:
            table = _table(kind, path)
        except PlaybookError as error:
            if warn is None:
                raise
            warn(f"Skipping {kind} plugin {str(path)!r}, cannot load: {error.message}")
            continue
        found |= {str(name): plain_call(function) for name, function in table.items()}
    return found


def _table(kind: str, path: Path) -> dict[str, Any]:
    class_name, method = KINDS[kind]
    owner = attribute_of(path, class_name)
    try:
        return dict(getattr(owner(), method)())
    except Exception as error:  # the user's code: whatever it raises is told, not ours to sort
        reason = f"{class_name}().{method}() fails: {type(error).__name__}: {error}"
        hint = "it returns a mapping of names to functions"
        raise PlaybookError(reason, place=Place(str(path)), hint=hint) from error
