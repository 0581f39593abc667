"""Declared state: one program probes, compares, applies what differs and proves it – one round trip.

A state field that bears an argument's name is wanted to equal it; an argument left out (None) means "leave it".
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestrator.model.errors import Bug
from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Script, Sleep
from orchestrator.model.results import Diff, Result, failure
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Args, Context, script

PRELUDE = script("prelude", __file__)
SETTLE_STEP_S = 0.5


class State(BaseModel):
    """What a probe can see, in the order changes are applied. Every field has a default of None: not seen."""

    model_config = ConfigDict(extra="allow", frozen=True)


S = TypeVar("S", bound=State)


@frozen
class Seen:
    """A declared task's story: state ``before`` and ``after`` (predicted in check mode), and the fields that differ."""

    before: State
    after: State
    changed: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    """Why the change may not have come about, where the tool's own word was to be trusted."""

    def result(self, **data: Any) -> Result:
        """The usual result: changed if a field differed, with a diff of those fields for people."""
        before = "".join(f"{name}: {getattr(self.before, name)}\n" for name in self.changed)
        after = "".join(f"{name}: {getattr(self.after, name)}\n" for name in self.changed)
        diff = (Diff(before, after),) if self.changed else ()
        return Result(changed=bool(self.changed), data=data, diff=diff, registers_diff=False)


def escape(value: str) -> str:
    """``value`` on one line, as the node's ``say`` writes it."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def unescape(text: str) -> str:
    """The inverse of ``escape``."""
    parts = text.split("\\\\")
    return "\\".join(part.replace("\\n", "\n").replace("\\r", "\r") for part in parts)


def as_shell(value: Any) -> str:
    """A value as the node's scripts spell it: true, false, decimal numbers, text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def shell_values(args: Args, **more: Any) -> dict[str, str | Secret]:
    """All arguments that were given, as shell variables of their own names; a missing one is the empty string."""
    given: dict[str, Any] = {**{name: getattr(args, name) for name in type(args).model_fields}, **more}
    return {
        name: value if isinstance(value, Secret) else "" if value is None else as_shell(value)
        for name, value in given.items()
        if not isinstance(value, list | dict | tuple)
    }


def wanted_lines(wanted: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}={escape(as_shell(value))}" for name, value in wanted.items() if value is not None)


def records(text: str) -> dict[str, str]:
    """One probe's records as a mapping."""
    pairs = (line.partition("=") for line in text.split("\n") if line)
    return {name: unescape(value) for name, _, value in pairs}


def refusal(reply: Reply) -> Result | None:
    """The failed result of a program that said ``fail`` or ended badly; None where all is well. ``details`` that it
    said are for people, and registered beside the bare message, as Ansible does; a ``reason`` is for people alone."""
    said = reply.first("fail")
    if said is not None and (reason := reply.first("reason")):
        return failure(f"{said} {reason}").but(data={"msg": said})
    if said is not None:
        details = reply.first("details")
        return (
            failure(said)
            if details is None
            else failure(f"{said}: {details}").but(data={"msg": said, "details": details})
        )
    if reply.rc != 0:
        stderr = reply.stderr.decode(errors="replace")
        return failure(f"the module's program ended with exit status {reply.rc}", rc=reply.rc, stderr=stderr)
    return None


def declare(
    ctx: Context,
    state: type[S],
    scripts: tuple[Script, ...],
    wanted: Mapping[str, Any],
    values: Mapping[str, str | Secret],
    *,
    settle_s: float = 0.0,
    repeatable: bool = True,
    trusts: bool = False,
) -> Generator[Run | Sleep, Reply, Seen | Result]:
    """Bring a state about. Returns ``Seen``, or the failed ``Result``; use with ``yield from``.

    ``wanted`` maps state fields to values (None: leave it). ``settle_s``: how long macOS may take after the
    command returned; the state is probed again until then. ``trusts``: a command that reported success is believed, as
    modules of community.general do, and what is still different is a doubt, no failure.
    """
    ordered = {name: wanted[name] for name in state.model_fields if name in wanted}
    if set(wanted) - set(ordered):
        raise Bug(f"{state.__name__} has no field {sorted(set(wanted) - set(ordered))}")
    program = {**values, "wanted": wanted_lines(ordered), "check": as_shell(ctx.check)}

    def ask(main: str) -> Run:
        return Run(
            main=main,
            scripts=(PRELUDE, *scripts),
            values=program,
            environment=ctx.environment,
            repeatable=repeatable,
        )

    reply = yield ask("converge")
    waited = 0.0
    while not (refused := refusal(reply)) and reply.first("still") and waited < settle_s:
        yield Sleep(SETTLE_STEP_S)
        waited += SETTLE_STEP_S
        again = yield ask("prove")
        reply = Reply(again.rc, again.stdout, again.stderr, (*reply.said[:2], *again.said))
    return refused or _seen(state, reply, ordered, check=ctx.check, trusts=trusts)


def _seen(state: type[S], reply: Reply, wanted: Mapping[str, Any], *, check: bool, trusts: bool) -> Seen | Result:
    changed = tuple((reply.first("changed") or "").split())
    before = _parse(state, reply.first("before") or "")
    if isinstance(before, Result):
        return before
    if not changed:
        return Seen(before, before, ())
    if check:
        return Seen(before, before.model_copy(update={name: wanted[name] for name in changed}), changed)
    still = reply.first("still")
    if still and trusts:
        doubt = f"reported as done, yet still different: {still}"
        return Seen(before, before.model_copy(update={name: wanted[name] for name in changed}), changed, (doubt,))
    if still:
        seen = reply.first("after") or ""
        return failure(f"applied without error, yet still different: {still}", still=still.split(), after=records(seen))
    after = _parse(state, reply.first("after") or "")
    return after if isinstance(after, Result) else Seen(before, after, changed)


def _parse(state: type[S], text: str) -> S | Result:
    try:
        return state.model_validate(records(text))
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        return failure(f"the node's answer does not fit {state.__name__}: {reason}", answer=records(text))
