"""From an action's name to the module of the user's own that it means, and the error where it means none at all."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from orchestrator.language.locator import Locator, OwnModule
from orchestrator.model.errors import UnknownModule
from orchestrator.model.place import Place
from orchestrator.modules import canonical, names

if TYPE_CHECKING:
    from orchestrator.modules.base import Module


def own_module(
    locator: Locator, action: str, collections: Sequence[str] = (), *, is_inner: bool = False
) -> Module[Any] | None:
    """The user's module that ``action`` names, where there is one. Raises PlaybookError where it cannot be read.

    ``is_inner``: an action plug-in asks, and means a module."""
    found = locator.find(action, collections, actions=not is_inner)
    if found is None:
        return None
    return _module_of(locator, found)


def _module_of(locator: Locator, found: OwnModule) -> Module[Any]:
    from orchestrator.modules.own import own  # here, since most runs have no such module

    return own(found.path, found.name, found.collection, locator.module_utils, locator.collections, found.is_action)


def needs_python(module: Module[Any]) -> bool:
    """Whether a module of the user's own can run only where Python is."""
    from orchestrator.modules.own import is_python

    return is_python(module)


def has_python(chosen: str, *, is_local: bool) -> bool:
    """Whether such a module can run where the user names ``chosen`` as the Python."""
    from orchestrator.modules.own import has_python

    return has_python(chosen, is_local=is_local)


def bypasses(locator: Locator, action: str, collections: Sequence[str]) -> bool:
    """Whether ``action`` is an action plug-in that runs once for all hosts."""
    found = locator.find(action, collections)
    if found is None or not found.is_action:
        return False
    from orchestrator.modules.own import is_for_all

    return is_for_all(_module_of(locator, found))


def is_known(locator: Locator, action: str, collections: Sequence[str] = ()) -> bool:
    """Whether ``action`` names a module, ours or the user's."""
    name = locator.routed(action, collections)
    return canonical(name) is not None or locator.find(name, collections) is not None


def unknown_module(action: str, place: Place | None) -> UnknownModule:
    """The error for a module nobody knows."""
    near = difflib.get_close_matches(action.rpartition(".")[2], names(), n=1)
    return UnknownModule(
        f"couldn't resolve module/action {action!r}",
        place=place,
        hint=f"did you mean {near[0]}?" if near else "orch doc --list shows all modules",
    )
