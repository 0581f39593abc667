"""Modules of the user's own, in any language: a file is brought to the node and started there with its arguments.

Forms and words are those of ansible-core 2.19 (``executor/module_common.py``, ``plugins/action/__init__.py``): a Python
file that imports ``ansible.module_utils``, a program that says ``WANT_JSON``, one that takes ``key=value`` words, a
binary. Those in Python run on the controller, and on nodes that the user says have a Python, with a stand-in for
``ansible.module_utils`` (``standin``).
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import ClassVar

from pydantic import ConfigDict

from orchestrator.modules.base import Args, Module
from orchestrator.modules.own.action import action_steps
from orchestrator.modules.own.source import Source, read, says
from orchestrator.modules.own.steps import has_python, steps


class OwnArgs(Args):
    """Whatever the task says: the module itself judges it."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)
    free_form: ClassVar[str | None] = None


class RawArgs(OwnArgs):
    """The same where free-form text is taken, too."""

    free_form: ClassVar[str | None] = "_raw_params"


@lru_cache(maxsize=256)
def own(
    path: str,
    name: str,
    collection: str | None,
    module_utils: tuple[str, ...],
    collections: tuple[str, ...],
    is_action: bool = False,
) -> Module[OwnArgs]:
    """The module (or action plug-in) in the file ``path``, known as ``name``, of ``collection`` if it is of one.

    ``module_utils`` and ``collections`` are directories in which one in Python finds what it imports."""
    source = read(path, name, collection, module_utils, collections)
    if is_action:
        args = RawArgs if says(source, "supports_raw_params") else OwnArgs
        return Module(name, args, partial(action_steps, source), f"An action plug-in of your own: {path}")
    return Module(name, OwnArgs, partial(steps, source), f"A module of your own: {path}")


def is_python(module: Module[OwnArgs]) -> bool:
    """Whether ``module`` needs a Python where it works; an action plug-in has it, here."""
    source = getattr(module.steps, "args", (None,))[0]
    is_action = getattr(module.steps, "func", None) is action_steps
    return isinstance(source, Source) and source.needs_python and not is_action


def is_for_all(module: Module[OwnArgs]) -> bool:
    """Whether ``module`` is an action plug-in that runs once for all hosts of a play."""
    source = getattr(module.steps, "args", (None,))[0]
    return isinstance(source, Source) and says(source, "BYPASS_HOST_LOOP")


__all__ = ["OwnArgs", "Source", "has_python", "is_for_all", "is_python", "own", "read"]
