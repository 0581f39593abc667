"""A command whose texts stay as they were typed, and whose plain figures are numbers without ado.

Typer asks pydantic to convert every value of a command line, the absent ones too; importing pydantic and building its
validators takes longer than reading a playbook. Text needs no conversion and figures need no library, so both pass by.
"""

from __future__ import annotations

import re
from typing import Any, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from orchestrator.model.errors import UserError

TEXTS = (str, str | None, list[str], list[str] | None)
NUMBERS = (int, int | None)
COMPLETION = ("--install-completion", "--show-completion")
FIGURES = re.compile(r"[0-9]{1,18}")


class Command(TyperCommand):
    """What ``app.command(cls=…)`` makes of a function with mostly textual parameters."""

    def get_params(self, ctx: Any) -> list[Any]:
        hints = get_type_hints(self.callback)
        return [_relieved(each, hints.get(each.name or "")) for each in super().get_params(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Long options may be cut short while one alone begins so (argparse, and so ansible-playbook, lets them)."""
        known = {name for each in self.get_params(ctx) for name in each.opts if name.startswith("--")}
        end = args.index("--") if "--" in args else len(args)
        whole = [_whole(each, known) if each.startswith("--") else each for each in args[:end]]
        return super().parse_args(ctx, [*whole, *args[end:]])


class Group(TyperGroup):
    """The application itself: its flags are rarely given, and need no conversion when they are not."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Completion is for the shell that calls. Raises UserError where one is named, which typer would pass over."""
        if len(args) > 1 and args[0] in COMPLETION:
            raise UserError(
                f"{args[0]} takes no shell's name: it serves the shell that calls it",
                hint=f"call it from {args[1]}; or _ORCH_COMPLETE=source_{args[1]} orch prints what {args[1]} needs",
            )
        return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:
        return [_relieved(each, None) for each in super().get_params(ctx)]


def _whole(word: str, known: set[str]) -> str:
    """The option that ``word`` (maybe with ``=VALUE``) stands for; itself where none or several do."""
    name, equals, value = word.partition("=")
    meant = [each for each in known if each.startswith(name)]
    return f"{meant[0]}{equals}{value}" if name not in known and len(meant) == 1 else word


def _relieved(parameter: Any, kind: Any) -> Any:
    """``parameter``, of this ``kind`` as annotated, whose values that need no conversion pass by typer's."""
    convert = type(parameter).process_value

    def process(context: typer.Context, value: Any) -> Any:
        is_missing = parameter.value_is_missing(value)
        if kind in NUMBERS:
            value = _number(parameter, value)
        is_ready = kind in TEXTS or is_missing or value == parameter.default or (kind in NUMBERS and type(value) is int)
        if (parameter.required and is_missing) or not is_ready:
            return convert(parameter, context, value)
        if value is None and (parameter.multiple or parameter.nargs == -1):
            value = ()
        return parameter.callback(context, parameter, value) if parameter.callback else value

    parameter.process_value = process
    return parameter


def _number(parameter: Any, value: Any) -> Any:
    """The number that plain figures mean, where the parameter takes it; else the value as it is, for typer to judge."""
    if not (isinstance(value, str) and FIGURES.fullmatch(value)):
        return value
    limits = parameter.type_descriptor.parameter_info
    number = int(value)
    is_taken = (limits.min is None or number >= limits.min) and (limits.max is None or number <= limits.max)
    return number if is_taken else value
