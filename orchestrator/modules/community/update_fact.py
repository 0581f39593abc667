"""This module works out values of variables with parts of them replaced; the variables stay as they are."""

from __future__ import annotations

import ast
import copy
import re
from typing import Any

from pydantic import Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.community.calling import calling, refuse
from orchestrator.modules.types import Str

PART = re.compile(r"\[([^\]]*)\]|([^.\[]+)")
"""One part of a path: in brackets, or up to the next dot or bracket."""


class Update(Args):
    """One of ``updates``: where, and what is to be there."""

    path: Str = Field(description="A variable, and what leads to a part of it: a.b[0]['c d'].")
    value: Any = Field(description="What is to be there.")


class UpdateFactArgs(Args):
    updates: list[Update] = Field(description="Paths and values.")


def parts(path: str) -> list[Any]:
    """What leads to the value: the variable's name, keys and indexes."""
    return [_literal(inside or plain) for inside, plain in PART.findall(path)]


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return re.sub("['\"]", "", text)


def replaced(holder: Any, path: list[Any], value: Any) -> bool:
    """Puts ``value`` to where ``path`` leads in ``holder``; whether that changed anything. Raises Refused."""
    first, *rest = path
    if rest:
        try:
            return replaced(holder[first], rest, value)
        except (LookupError, TypeError):
            raise refuse(f"Error: the key '{first}' was not found in {holder}.") from None
    if isinstance(holder, list):
        if not isinstance(first, int):
            raise refuse(f"Error: {holder} is a list, but index provided was not an integer: '{first}'")
        if first > len(holder):
            raise refuse(f"Error: {holder} not long enough for item #{first} to be set.")
        if first == len(holder):
            holder.append(value)
            return True
    elif not isinstance(holder, dict):
        raise refuse("update_fact can only modify mutable objects.")
    is_same = bool(holder[first] == value) if isinstance(holder, list) else holder.get(first) == value
    holder[first] = value
    return not is_same


def _given_up(work: Steps) -> Steps:
    """Where a path leads nowhere, the task's own words on failures do not count: Ansible's action raises there."""
    result = yield from work
    return result.but(gave_up=result.failed)


def steps(args: UpdateFactArgs, ctx: Context) -> Steps:
    return _given_up(_updated(args, ctx))


@calling
def _updated(args: UpdateFactArgs, ctx: Context) -> Steps:
    found: dict[str, Any] = {}
    changed = False
    for update in args.updates:
        name, *path = parts(update.path)
        if name not in found:
            if name not in ctx.variables:
                raise refuse(f"'{name}' was not found in the current facts.")
            found[name] = copy.deepcopy(ctx.variables[name])
        if path:
            changed |= replaced(found[name], path, update.value)
        elif found[name] != update.value:
            found[name], changed = update.value, True
    return Result(changed=changed, data=found)
    yield  # a generator, as all modules are


UPDATE_FACT = Module(
    "ansible.utils.update_fact",
    UpdateFactArgs,
    steps,
    "Works out variables with parts of them replaced.",
    needs_host=False,
)
