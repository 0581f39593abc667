"""A command whose text parameters stay as they were typed.

Typer asks pydantic to convert every value of a command line, the absent ones too; importing pydantic and building its
validators takes longer than reading a playbook. Text needs no conversion, so it passes by.
"""

from __future__ import annotations

from typing import Any, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

TEXTS = (str, str | None, list[str], list[str] | None)


class Command(TyperCommand):
    """What ``app.command(cls=…)`` makes of a function with mostly textual parameters."""

    def get_params(self, ctx: Any) -> list[Any]:
        hints = get_type_hints(self.callback)
        return [_relieved(each, hints.get(each.name or "") in TEXTS) for each in super().get_params(ctx)]


class Group(TyperGroup):
    """The application itself: its flags are rarely given, and need no conversion when they are not."""

    def get_params(self, ctx: Any) -> list[Any]:
        return [_relieved(each, False) for each in super().get_params(ctx)]


def _relieved(parameter: Any, is_text: bool) -> Any:
    """``parameter``, whose values that need no conversion pass by typer's."""
    convert = type(parameter).process_value

    def process(context: typer.Context, value: Any) -> Any:
        is_missing = parameter.value_is_missing(value)
        if (parameter.required and is_missing) or not (is_text or is_missing or value == parameter.default):
            return convert(parameter, context, value)
        if value is None and (parameter.multiple or parameter.nargs == -1):
            value = ()
        return parameter.callback(context, parameter, value) if parameter.callback else value

    parameter.process_value = process
    return parameter
