"""Which tasks run: ``--tags`` and ``--skip-tags`` against a task's tags."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from orchestrator.model.errors import UnknownName
from orchestrator.model.place import place_of
from orchestrator.planning.markers import type_name
from orchestrator.planning.render import Renderer

UNTAGGED = frozenset({"untagged"})


def tags_of(written: Iterable[Any], renderer: Renderer) -> frozenset[str]:
    """The tags of a task with its blocks', as written: templates, lists, texts with commas."""
    found: set[str] = set()
    for entry in written:
        value = renderer.value(entry)
        if isinstance(value, str):
            found |= {tag.strip() for tag in value.split(",") if tag.strip()}
        elif isinstance(value, list):
            found |= tags_of(value, renderer)
        elif isinstance(value, int) and not isinstance(value, bool):
            found.add(str(value))
        else:
            raise UnknownName(f"a tag must be a text or a number, not {type_name(value)!r}", place=place_of(entry))
    return frozenset(found)


def is_selected(tags: Collection[str], only: Collection[str] = ("all",), skip: Collection[str] = ()) -> bool:
    """Whether a task with ``tags`` runs under ``--tags only --skip-tags skip``.

    ``always`` runs unless skipped by name, ``never`` runs only when one of the task's tags is asked for; ``tagged``,
    ``untagged`` and ``all`` mean what they say.
    """
    own = frozenset(tags) or UNTAGGED
    return _is_wanted(own, frozenset(only)) and not _is_skipped(own, frozenset(skip))


def _is_wanted(own: frozenset[str], only: frozenset[str]) -> bool:
    if not only or "always" in own or own & only:
        return True
    return "never" not in own and ("all" in only or ("tagged" in only and own != UNTAGGED))


def _is_skipped(own: frozenset[str], skip: frozenset[str]) -> bool:
    if "all" in skip:
        return "always" not in own or "always" in skip
    return bool(own & skip) or ("tagged" in skip and own != UNTAGGED)
