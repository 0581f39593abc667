"""The modules that only judge: ``assert`` checks conditions, ``fail`` fails."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AliasChoices, BeforeValidator, Field

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.types import Bool


def _conditions(value: Any) -> list[Any]:
    """A single condition is a list of one; its text stays what it is, since only trusted text is a template."""
    if isinstance(value, list | tuple):
        return list(value)
    if value is None or isinstance(value, str | bool):
        return [value]
    raise ValueError(f"expected a condition or a list of them, got {type(value).__name__}")


def _words(value: Any) -> str | list[str]:
    if isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return value
    raise ValueError("a string or list of strings is required")


Words = Annotated[str | list[str], BeforeValidator(_words)]


class AssertArgs(Args):
    unrendered: ClassVar[frozenset[str]] = frozenset({"that"})

    that: Annotated[list[Any], BeforeValidator(_conditions)] = Field(description="Conditions, as for `when`.")
    fail_msg: Words = Field(
        "Assertion failed",
        validation_alias=AliasChoices("fail_msg", "msg"),
        description="Said where one does not hold.",
    )
    success_msg: Words = Field("All assertions passed", description="Said where all hold.")
    quiet: Bool = Field(False, description="Do not list each condition.")


class FailArgs(Args):
    msg: Any = Field("Failed as requested from task", description="Why.")


def assert_steps(args: AssertArgs, ctx: Context) -> Steps:
    yield from ()
    for condition in (each for written in args.that for each in ctx.conditions(written)):
        if not ctx.is_true(condition):
            return Result(failed=True, data={"msg": args.fail_msg, "evaluated_to": False, "assertion": condition})
    return Result(data={"msg": args.success_msg, **({"_ansible_verbose_always": False} if args.quiet else {})})


def fail_steps(args: FailArgs, ctx: Context) -> Steps:
    yield from ()
    return Result(failed=True, msg=str(args.msg), data={"msg": args.msg})


ASSERT = Module("assert", AssertArgs, assert_steps, "Fails unless conditions hold.", needs_host=False)
FAIL = Module("fail", FailArgs, fail_steps, "Fails with a message.", needs_host=False)
