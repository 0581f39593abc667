"""This module shows a message or the value of an expression."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from orchestrator.model.errors import UndefinedVariable
from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.types import Int

NOTHING_SAID = "Hello world!"


class DebugArgs(Args):
    msg: Any = Field(NOTHING_SAID, description="What to show; any value.")
    var: Any = Field(None, description="An expression (without braces) whose value is shown.")
    verbosity: Int = Field(0, description="Show it only from this number of -v on.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if {"msg", "var"} <= self.model_fields_set:
            raise ValueError("parameters are mutually exclusive: msg|var")
        return self


def value_of(expression: Any, ctx: Context) -> Any:
    """The value of ``var``; an undefined name is told in its place, as ansible-core 2.19 does."""
    if not isinstance(expression, str):
        return expression
    try:
        return ctx.evaluate(expression)
    except UndefinedVariable as error:
        return f"<< error 1 - {error.message} >>"


def steps(args: DebugArgs, ctx: Context) -> Steps:
    yield from ()
    if args.verbosity > int(ctx.variables.get("ansible_verbosity", 0)):
        return Result(skipped=True, data={"skipped_reason": "Verbosity threshold not met."})
    if args.var is not None:
        return Result(data={str(args.var): value_of(args.var, ctx)})
    return Result(data={"msg": args.msg})


DEBUG = Module("debug", DebugArgs, steps, "Shows a message or a value.", needs_host=False)
