"""What a lookup is told about the one who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from orchestrator.model.errors import TemplateError
from orchestrator.model.frozen import frozen
from orchestrator.planning.surroundings import Rendering, Surroundings


@frozen
class Call:
    """One call of a lookup. ``action`` is the task's module where the call is a ``with_…`` loop, else None."""

    renderer: Rendering
    action: str | None = None

    @property
    def surroundings(self) -> Surroundings:
        return self.renderer.surroundings

    def find(self, name: str, kind: str = "files", *, missing: str | None = None) -> Path:
        """The file ``name`` of this task; an error that lists where it was looked for. ``missing``: what Ansible's
        lookup says where there is none, if it is a word of its own."""
        found = self.surroundings.find(str(name), kind)
        if found is None:
            tried = "\n".join(map(str, self.surroundings.candidates(str(name), kind)))
            usual = f"Unable to access the file {name!r}: File not found. Use -vvvvv to see paths searched."
            raise TemplateError(missing or usual, evidence=f"looked for\n{tried}")
        return found


Lookup = Callable[[Call, list[Any], Mapping[str, Any]], list[Any]]


def options_of(
    name: str, given: Mapping[str, Any], known: Mapping[str, Any], inline: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``known``'s defaults overridden by ``given`` and those written ``inline`` in a term.

    An inline option that is not known is an error; one that is given by name is passed over (so does Ansible).
    """
    for option in inline or ():
        if option not in known:
            raise TemplateError(f"{option!r} is not a valid option of {name}", hint=f"it takes {', '.join(known)}")
    return {**known, **{option: given[option] for option in given if option in known}, **(inline or {})}


def flat(terms: list[Any]) -> list[Any]:
    """``terms`` with the lists among them replaced by their items, one level deep."""
    items: list[Any] = []
    for term in terms:
        items += term if isinstance(term, list | tuple) else [term]
    return items
