"""Which tasks run: ``--tags`` and ``--skip-tags`` against a task's tags."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from orchestrator.model.errors import TemplateError, UnknownName
from orchestrator.model.place import place_of
from orchestrator.model.status import Status
from orchestrator.planning.markers import type_name
from orchestrator.planning.render import OMIT, Renderer

UNTAGGED = frozenset({"untagged"})


def tags_of(written: Iterable[Any], renderer: Renderer) -> frozenset[Any]:
    """The tags of a task with its blocks', as written: templates, whose values may be lists.

    What is no text is a tag that ``--tags`` cannot name (ansible-core 2.19, ``Taggable.evaluate_tags``).
    """
    found: set[Any] = set()
    for entry in written:
        value = renderer.value(entry)
        for tag in value if isinstance(value, list) else [value]:
            if isinstance(tag, list | dict):
                raise UnknownName(f"a tag must be a text or a number, not {type_name(tag)!r}", place=place_of(entry))
            found.add(tag)
    return frozenset(found - {OMIT})


def tags_before_hosts(written: Iterable[Any], renderer: Renderer) -> frozenset[Any]:
    """The tags as a play sees them, of which no host is known yet. Raises TemplateError, which ends the command with
    1, for one that cannot be rendered."""
    try:
        return tags_of(written, renderer)
    except TemplateError as error:
        error.status = Status.WRONG
        raise


def is_selected(tags: Collection[Any], only: Collection[str] = ("all",), skip: Collection[str] = ()) -> bool:
    """Whether a task with ``tags`` runs under ``--tags only --skip-tags skip``.

    ``always`` runs unless skipped by name, ``never`` runs only when one of the task's tags is asked for; ``tagged``,
    ``untagged`` and ``all`` mean what they say.
    """
    own = frozenset(tags) or UNTAGGED
    return _is_wanted(own, frozenset(only)) and not _is_skipped(own, frozenset(skip))


def _is_wanted(own: frozenset[Any], only: frozenset[str]) -> bool:
    if not only or "always" in own or own & only:
        return True
    return "never" not in own and ("all" in only or ("tagged" in only and own != UNTAGGED))


def _is_skipped(own: frozenset[Any], skip: frozenset[str]) -> bool:
    if "all" in skip:
        return "always" not in own or "always" in skip
    return bool(own & skip) or ("tagged" in skip and own != UNTAGGED)
