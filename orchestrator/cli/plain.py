"""A command whose text parameters stay as they were typed.

Typer asks pydantic to convert every value of a command line, the absent ones too; importing pydantic and building its
validators takes longer than reading a playbook. Text needs no conversion, so it passes by.
"""

from __future__ import annotations

from functools import partial
from typing import Any, get_type_hints

import typer
from typer.core import TyperCommand

TEXTS = (str, str | None, list[str], list[str] | None)


class Command(TyperCommand):
    """What ``app.command(cls=…)`` makes of a function with mostly textual parameters."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        hints = get_type_hints(self.callback)
        for each in self.params:
            if each.callback is None:
                convert = each.process_value
                found = partial(_processed, each, convert, hints.get(each.name or "") in TEXTS)
                each.process_value = found  # type: ignore[method-assign]


def _processed(parameter: Any, convert: Any, is_text: bool, context: typer.Context, value: Any) -> Any:
    """The value of ``parameter``: as it is where there is nothing to convert, else what typer makes of it."""
    if parameter.value_is_missing(value):
        is_many = parameter.multiple or parameter.nargs == -1
        return convert(context, value) if parameter.required else () if is_many else value
    is_converted = is_text or (type(value) is int and value == parameter.default)
    return value if is_converted else convert(context, value)
