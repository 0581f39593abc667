"""Calling a lookup by name, as templates and ``with_…`` loops do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.planning.lookups.base import Call
from orchestrator.planning.markers import FAILURES, Broken, Marker, Tripped, first_marker
from orchestrator.planning.surroundings import Rendering

SEES_MARKERS = frozenset({"env", "first_found", "vars"})


def call_lookup(renderer: Rendering, name: str, terms: list[Any], options: Mapping[str, Any]) -> Any:
    """What ``lookup(name, *terms, **options)`` is in a template: a value or a marker."""
    given = dict(options)
    wants_list, on_error = given.pop("wantlist", False), given.pop("errors", "strict")
    short = name.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.") if isinstance(name, str) else name
    function = None if isinstance(name, Marker) else renderer.lookup_named(name)
    sees_markers = short in SEES_MARKERS or getattr(function, "sees_markers", False)
    if not sees_markers and (marker := first_marker([name, *terms, *given.values()])) is not None:
        return marker
    if function is None:
        return Broken(_not_found(name))
    try:
        found = run_lookup(renderer, name, [_literals(renderer, term) for term in terms], given)
    except Tripped as tripped:
        return tripped.marker
    except FAILURES as error:
        if on_error not in ("warn", "ignore"):
            return Broken(_failed(name, error))
        if on_error == "warn":
            renderer.surroundings.warn(f"An error occurred while running the lookup plugin {name!r}: {error}")
        return [] if wants_list else None
    if wants_list or not found:
        return found
    if len(found) == 1:
        return list(found[0]) if isinstance(found[0], range) else found[0]
    return ",".join(found) if all(isinstance(each, str) for each in found) else found


def run_lookup(
    renderer: Rendering, name: str, terms: list[Any], options: Mapping[str, Any], action: str | None = None
) -> list[Any]:
    """The list that the lookup returns; raises what it raises."""
    function = renderer.lookup_named(name)
    if function is None:
        raise _not_found(name)
    return function(Call(renderer, action), terms, options)


def _literals(renderer: Rendering, term: Any) -> Any:
    """``term`` with string literals of the template that hold templates themselves rendered."""
    if type(term) is Text:
        return renderer.resolve(term)
    if type(term) in (list, tuple):
        return [_literals(renderer, each) for each in term]
    if type(term) is dict:
        return {key: _literals(renderer, each) for key, each in term.items()}
    return term


def _not_found(name: str) -> TemplateError:
    return TemplateError(
        f"The lookup plugin {name!r} was not found.", hint="those there are: docs/reference/filters.md"
    )


def _failed(name: str, error: Exception) -> TemplateError:
    reason = getattr(error, "message", None) or str(error) or type(error).__name__
    failed = TemplateError(
        f"The lookup plugin {name!r} failed: {reason}",
        evidence=getattr(error, "evidence", None),
        hint=getattr(error, "hint", None),
    )
    failed.__cause__ = error
    return failed
