"""This module shows a message or the value of an expression."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from orchestrator.model.errors import TemplateError
from orchestrator.model.place import Text
from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.types import Int

NOTHING_SAID = "Hello world!"
OMITTED = "<<Omit>>"
"""What stands for a value that is left out."""


class DebugArgs(Args):
    trusted: ClassVar[frozenset[str]] = frozenset({"var"})

    msg: Any = Field(NOTHING_SAID, description="What to show; any value.")
    var: Any = Field(None, description="An expression (without braces) whose value is shown.")
    verbosity: Int = Field(0, description="Show it only from this number of -v on.")

    @field_validator("var")
    @classmethod
    def _is_text(cls, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        raise ValueError(f"'{value}' is not a string and conversion is not allowed")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if {"msg", "var"} <= self.model_fields_set:
            raise ValueError("parameters are mutually exclusive: msg|var")
        return self


def value_of(expression: str, ctx: Context) -> tuple[Any, list[str]]:
    """The value of ``var``, and warnings about it: an undefined name and ``omit`` are told in their place, as
    ansible-core 2.19 does."""
    if not isinstance(expression, Text):
        raise TemplateError(
            "Error while resolving `var` expression: Encountered untrusted template or expression.",
            evidence=expression,
            hint="only text from your own files is evaluated; write the expression itself, or show the value with msg",
        )
    value, said = ctx.evaluate(expression)
    if said:
        return value, [f"Encountered 1 template error.\nerror {number} - {each}" for number, each in enumerate(said, 1)]
    if value == OMITTED:
        return value, ["The result of the `var` expression could not be omitted; a placeholder was used instead."]
    return value, []


def steps(args: DebugArgs, ctx: Context) -> Steps:
    yield from ()
    if args.verbosity > int(ctx.variables.get("ansible_verbosity", 0)):
        return Result(skipped=True, data={"skipped_reason": "Verbosity threshold not met."})
    if not args.var:
        return Result(data={"msg": args.msg})
    value, warnings = value_of(args.var, ctx)
    return Result(data={str(args.var): value, **({"warnings": warnings} if warnings else {})})


DEBUG = Module("debug", DebugArgs, steps, "Shows a message or a value.", needs_host=False)
