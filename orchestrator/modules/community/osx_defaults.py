"""This module sees to a user default: one key of a preference domain.

The node tells the key's type and value, the comparison is made here with real types, and what was written is read
again.
"""

from __future__ import annotations

import plistlib
import re
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any, Literal, Self
from xml.parsers.expat import ExpatError

from pydantic import Field, model_validator

from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.builtin.files import FILE_SCRIPTS, worded
from orchestrator.modules.declared import refusal
from orchestrator.modules.types import AsSaid, Bool, Str, to_bool

DEFAULTS_SH = script("osx_defaults", __file__)
Type = Literal["array", "bool", "boolean", "date", "dict", "float", "int", "integer", "string"]
FULL = {"boolean": "bool", "integer": "int", "dictionary": "dict"}
LISTED = re.compile('^ *"?|"?,? *$')
"""What stands around an item where `defaults read` prints an array, a line each."""
DATE = "%Y-%m-%d %H:%M:%S"


class DefaultsArgs(Args):
    domain: Str = Field("NSGlobalDomain", pattern="^[^-]", description="A domain, or the path of a plist.")
    host: Str | None = Field(None, pattern="^[^-]", description="currentHost, or another host's name.")
    key: Str | None = Field(None, pattern="^[^-]", description="The key; needed unless state is list.")
    type: Type = Field("string", description="The type to write the value as.")
    check_type: Bool = Field(True, description="Fail where the key has a value of another type.")
    array_add: Bool = Field(False, description="Add to the array what it lacks, rather than replace it.")
    value: Any = Field(None, description="The value.")
    state: Literal["absent", "list", "present"] = Field(
        "present", description="list: return the value and change nothing."
    )
    path: Str = Field("/usr/bin:/usr/local/bin", description="Accepted: defaults is found in PATH.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.state == "present":
            if self.value is None:
                raise AsSaid("state is present but all of the following are missing: value")
            self.wanted()
            if self.key is None:
                raise AsSaid("Missing key parameter")
        return self

    def kind(self) -> str:
        return FULL.get(self.type, self.type)

    def wanted(self) -> Any:
        """The value with its type. Raises ValueError where it has none such."""
        return typed(self.kind(), self.value)


def typed(kind: str, value: Any) -> Any:
    """``value`` as a property list of the type ``kind`` holds it. Raises ValueError."""
    match kind:
        case "bool":
            return _truth(value)
        case "int" | "float":
            return _number(kind, value)
        case "date":
            return (value if isinstance(value, datetime) else _moment(value)).replace(tzinfo=None)
        case "array":
            if not isinstance(value, list):
                raise AsSaid("Invalid value. Expected value to be an array")
            return [item if isinstance(item, bool | int | float | dict | list) else str(item) for item in value]
        case "dict":
            if not isinstance(value, dict):
                raise ValueError("Invalid value. Expected value to be a dictionary")
            return value
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _number(kind: str, value: Any) -> int | float:
    try:
        return int(value) if kind == "int" else float(value)
    except (TypeError, ValueError):
        raise AsSaid(f"Invalid {'integer' if kind == 'int' else kind} value: {value!r}") from None


def _truth(value: Any) -> bool:
    try:
        return to_bool(value)
    except ValueError:
        raise AsSaid(f"Invalid boolean value: {value!r}") from None


def _moment(value: Any) -> datetime:
    try:
        return datetime.strptime(f"{value} +0000", f"{DATE} %z")
    except ValueError:
        raise AsSaid(f"Invalid date value: {value!r}. Required format yyy-mm-dd hh:mm:ss.") from None


def seen(kind: str, text: str, xml: bytes, key: str) -> Any:
    """What the node has, by the type it says; containers come out of the exported domain. Raises ValueError."""
    match kind:
        case "bool":
            return text.strip() == "1"
        case "int" | "float":
            return _number(kind, text)
        case "date":
            moment = datetime.strptime(text.strip(), f"{DATE} %z")
            return moment.astimezone(UTC).replace(tzinfo=None)
        case "array" if not xml:
            return [LISTED.sub("", line.replace(r"\"", '"')) for line in text.strip().splitlines()[1:-1]]
        case "array" | "dict":
            return plistlib.loads(xml)[key]
    return text


def same(have: Any, want: Any) -> bool:
    """Equal as `defaults` would write them: inside of arrays everything is text, and its order does not matter."""
    if isinstance(have, list) and isinstance(want, list):
        return {_text(item) for item in have} == {_text(item) for item in want}
    if isinstance(have, dict) and isinstance(want, dict):
        return {name: _text(item) for name, item in have.items()} == {name: _text(item) for name, item in want.items()}
    return bool(have == want)


def _text(item: Any) -> str:
    return str(int(item)) if isinstance(item, bool) else str(item)


def words(args: DefaultsArgs, have: Any) -> list[str]:
    """The words that follow the key in `defaults write`."""
    want = args.wanted()
    match args.kind():
        case "bool":
            return ["-bool", "TRUE" if want else "FALSE"]
        case "array":
            added = missing(have, want) if args.array_add and have is not None else want
            return ["-array-add" if args.array_add else "-array", *map(_text, added)]
        case "dict":
            return ["-dict", *(word for name, item in want.items() for word in (str(name), _text(item)))]
        case "date":
            return ["-date", f"{want:{DATE}} +0000"]
        case kind:
            return [f"-{kind}", str(want)]


def missing(have: Any, want: list[Any]) -> list[Any]:
    """What of ``want`` the array lacks."""
    there = {_text(item) for item in have} if isinstance(have, list) else set()
    return [item for item in want if _text(item) not in there]


Reading = tuple[str, Any]
"""The type's word (empty: no such key) and the value."""


def _ask(args: DefaultsArgs, ctx: Context, verb: str, more: list[str]) -> Generator[Run, Reply, Reading | Result]:
    """One program: changes what ``verb`` says (empty: nothing) and reads the key."""
    reply = yield Run(
        main="with_words defaults_main",
        scripts=(*FILE_SCRIPTS, DEFAULTS_SH),
        values={
            **worded(more),
            "verb": verb,
            "domain": args.domain,
            "key": args.key or "",
            "host": args.host or "",
        },
        environment=ctx.environment,
        repeatable=verb != "write" or "-array-add" not in more,
    )
    if refused := refusal(reply):
        return refused
    kind = reply.first("type") or ""
    kind = FULL.get(kind, kind)
    try:
        return kind, seen(kind, reply.first("value") or "", reply.stdout, args.key or "") if kind else None
    except (ValueError, LookupError, TypeError, AttributeError, ExpatError) as error:  # whatever defaults exports
        return failure(f"the value of {args.key} could not be read: {error}", type=kind, value=reply.first("value"))


def _reached(args: DefaultsArgs, now: Reading) -> bool:
    kind, have = now
    if args.state == "absent":
        return not kind
    if kind != args.kind():
        return not args.check_type and bool(kind) and _text(have) == _text(args.wanted())
    if args.kind() == "array" and args.array_add:
        return not missing(have, args.wanted())
    return same(have, args.wanted())


def steps(args: DefaultsArgs, ctx: Context) -> Steps:
    if args.state == "absent" and args.key is None:
        return Result(doubts=("osx_defaults: nothing was deleted, since no key is named",))
    before = yield from _ask(args, ctx, "", [])
    if isinstance(before, Result):
        return before
    kind, have = before
    if args.state == "list":
        return Result(data={"key": args.key, "value": shown(have)})
    if args.state == "present" and kind and kind != args.kind() and args.check_type:
        return failure(f"Type mismatch. Type in defaults: {type(have).__name__}", type=kind, value=shown(have))
    if _reached(args, before):
        return Result()
    change = words(args, have) if args.state == "present" else []
    doubts: tuple[str, ...] = ()
    if not ctx.check:
        after = yield from _ask(args, ctx, "write" if change else "delete", change)
        if isinstance(after, Result):
            return after
        if not _reached(args, after):
            doubts = (f"defaults reported success, yet {args.key} is {after[1]!r}",)
    wanted = "" if args.state == "absent" else f"{args.key}: {' '.join(change)}\n"
    was = f"{args.key}: {' '.join([f'-{kind}', _text(have)])}\n" if kind else ""
    told = (Diff(was, wanted, args.domain, args.domain),)
    return Result(changed=True, diff=told, registers_diff=False, doubts=doubts)


def shown(value: Any) -> Any:
    """A value as a playbook can use it."""
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value


OSX_DEFAULTS = Module(
    "osx_defaults",
    DefaultsArgs,
    steps,
    "Sees to a user default of macOS.",
    returns={"key": "state list: the key.", "value": "state list: its value; null where there is none."},
)
