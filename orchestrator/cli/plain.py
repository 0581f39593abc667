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

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        hints = get_type_hints(self.callback)
        for each in self.params:
            _relieve(each, hints.get(each.name or "") in TEXTS)


class Group(TyperGroup):
    """The application itself: its flags are rarely given, and take no conversion when they are not."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        for each in self.params:
            _relieve(each, False)


def _relieve(parameter: Any, is_text: bool) -> None:
    """Let values of ``parameter`` that need no conversion pass by typer's."""
    convert = parameter.process_value

    def process(context: typer.Context, value: Any) -> Any:
        if parameter.required or not (is_text or value in (None, parameter.default)):
            return convert(context, value)
        if value is None and (parameter.multiple or parameter.nargs == -1):
            value = ()
        return parameter.callback(context, parameter, value) if parameter.callback else value

    parameter.process_value = process
