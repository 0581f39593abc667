"""This module waits for a time, or for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from orchestrator.model.program import Ask, Sleep, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.types import Bool, Str


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"invalid literal for int() with base 10: {value!r}") from None


Number = Annotated[float, BeforeValidator(_number)]


class PauseArgs(Args):
    minutes: Number | None = Field(None, description="How long, in minutes.")
    seconds: Number | None = Field(None, description="How long, in seconds; at least 1.")
    prompt: Str | None = Field(None, description="What to ask the person.")
    echo: Bool = Field(True, description="Show what is typed.")

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.minutes is not None and self.seconds is not None:
            raise ValueError("parameters are mutually exclusive: minutes|seconds")
        return self

    def duration_s(self) -> float | None:
        if self.minutes is None and self.seconds is None:
            return None
        return max(1.0, int((self.minutes or 0) * 60 + (self.seconds or 0)))


def steps(args: PauseArgs, ctx: Context) -> Steps:
    start = datetime.now(UTC).astimezone()
    duration_s = args.duration_s()
    typed: str | None = ""
    if duration_s is None:
        hidden = "" if args.echo else " (output is hidden)"
        words = args.prompt or "Press enter to continue, Ctrl+C to interrupt"
        typed = yield Ask(f"[{ctx.task_name}]\n{words}{hidden}:", echo=args.echo)
    else:
        yield Sleep(duration_s)
    stop = datetime.now(UTC).astimezone()
    spent = (stop - start).total_seconds()
    told = (
        f"{round(spent / 60, 2)} minutes"
        if args.minutes is not None or duration_s is None
        else f"{round(spent, 2)} seconds"
    )
    data = {
        "start": f"{start:%Y-%m-%d %H:%M:%S.%f}",
        "stop": f"{stop:%Y-%m-%d %H:%M:%S.%f}",
        "delta": int(spent),
        "echo": args.echo,
        "rc": 0,
        "stdout": f"Paused for {told}",
        "stderr": "",
        "user_input": typed or "",
    }
    return Result(data=data)


PAUSE = Module("pause", PauseArgs, steps, "Waits for a time, or for a person.", needs_host=False)
