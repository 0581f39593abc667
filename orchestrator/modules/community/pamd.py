"""This module sees to one rule of a PAM service file, as for Touch ID in sudo."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Steps
from orchestrator.model.results import Result, failure
from orchestrator.modules.base import Args, Context, Module
from orchestrator.modules.builtin.edit import EditArgs, Edited, edit
from orchestrator.modules.types import Bool, Str, StrList

Type = Literal[
    "account", "-account", "auth", "-auth", "password", "-password", "session", "-session"
]  # fmt: skip
WORD = re.compile(r"\[[^\]]*\]|\S+")
"""One argument of a rule; what is in brackets may hold blanks."""
MARK = "# Updated by Ansible"
RULE = re.compile(
    r"^(?P<type>-?(?:auth|account|password|session))\s+(?P<control>\[[^\]]*\]|\S+)\s+(?P<path>\S+)\s*(?P<rest>.*)$"
)


NEW = ("new_control", "new_type", "new_module_path")
NEEDED = {"before": NEW, "after": NEW} | dict.fromkeys(("args_absent", "args_present"), ("module_arguments",))


NEW = ("new_control", "new_type", "new_module_path")
NEEDED = {"before": NEW, "after": NEW} | dict.fromkeys(("args_absent", "args_present"), ("module_arguments",))


class PamArgs(Args):
    name: Str = Field(pattern=r"^[\w.-]+$", description="The service: the file's name in path.")
    type: Type = Field(description="The rule's type.")
    control: Str = Field(min_length=1, description="The rule's control.")
    module_path: Str = Field(min_length=1, description="The rule's module.")
    new_type: Type | None = Field(None, description="The new rule's type.")
    new_control: Str | None = Field(None, description="The new rule's control.")
    new_module_path: Str | None = Field(None, description="The new rule's module.")
    module_arguments: StrList | None = Field(None, description="The module's arguments.")
    state: Literal["absent", "after", "args_absent", "args_present", "before", "updated"] = Field(
        "updated", description="What is to become of the rule; before and after put the new rule beside it."
    )
    path: Str = Field("/etc/pam.d", description="The directory.")
    backup: Bool = Field(False, description="Keep the old file.")

    @model_validator(mode="after")
    def _has_new(self) -> Self:
        missing = ", ".join(name for name in NEEDED.get(self.state, ()) if not getattr(self, name))
        if missing:
            raise ValueError(f"state is {self.state} but all of the following are missing: {missing}")
        return self


@frozen
class Rule:
    """One line of a service file."""

    type: str
    control: str
    path: str
    arguments: tuple[str, ...]

    def line(self) -> str:
        return f"{self.type:<11}{' '.join([self.control, self.path, *self.arguments])}\n"


def parse(line: str) -> Rule | None:
    """The rule of a line; None for a comment or an include."""
    match = RULE.match(line.strip())
    if match is None:
        return None
    words = WORD.findall(match["rest"].partition(" #")[0])
    return Rule(match["type"], " ".join(match["control"].split()), match["path"], tuple(words))


def changed(content: str, args: PamArgs) -> tuple[str, int]:
    """The new content, and how many lines differ."""
    lines = content.splitlines(keepends=True)
    rules = [parse(line) for line in lines]
    mine = {n for n, rule in enumerate(rules) if rule and _fits(rule, args)}
    new: list[str] = []
    count = 0
    for number, line in enumerate(lines):
        rule = rules[number]
        if number not in mine or rule is None:
            new.append(line)
            continue
        above = next((r for r in reversed(rules[:number]) if r), None)
        below = next((r for r in rules[number + 1 :] if r), None)
        put = _becomes(line, rule, args, above, below)
        count += put != [line]
        new += put
    return "".join(new), count


def stamped(content: str, now: datetime) -> str:
    """A changed file as community.general writes it: all rules in one layout, its mark in the second line."""
    lines = [rule.line() if (rule := parse(line)) else line for line in content.splitlines(keepends=True)]
    mark = f"{MARK} - {now.replace(tzinfo=None).isoformat()}\n"
    if len(lines) <= 1:
        return "".join(["\n", mark, *lines])
    rest = lines[2:] if lines[1].startswith(MARK) else lines[1:]
    return "".join([lines[0], mark, *rest])


def _fits(rule: Rule, args: PamArgs) -> bool:
    wanted = " ".join(args.control.split())
    return (rule.type, rule.control, rule.path) == (args.type, wanted, args.module_path)


def _becomes(line: str, rule: Rule, args: PamArgs, above: Rule | None, below: Rule | None) -> list[str]:
    """What stands in place of the line of a rule that fits."""
    given = tuple(word for each in args.module_arguments or () for word in WORD.findall(each))
    new = Rule(args.new_type or rule.type, args.new_control or rule.control, args.new_module_path or rule.path, given)
    match args.state:
        case "absent":
            return []
        case "before":
            return [line] if above == new else [new.line(), line]
        case "after":
            return [line] if below == new else [line, new.line()]
        case "args_absent":
            kept = tuple(each for each in rule.arguments if each not in given)
            new = replace(rule, arguments=kept)
        case "args_present":
            new = replace(rule, arguments=_merged(rule.arguments, given))
        case "updated":
            new = replace(new, arguments=rule.arguments if args.module_arguments is None else given)
    return [line] if new == rule else [new.line()]


def _merged(old: tuple[str, ...], given: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments with those given: NAME=VALUE replaces what had the same name."""
    names = {each.partition("=")[0]: each for each in given if "=" in each}
    kept = tuple(names.get(each.partition("=")[0], each) if "=" in each else each for each in old)
    return (*kept, *(each for each in given if each not in kept))


def steps(args: PamArgs, ctx: Context) -> Steps:
    path = f"{args.path.rstrip('/')}/{args.name}"
    counted = 0

    def change(old: bytes | None) -> Edited | Result:
        nonlocal counted
        if old is None:
            return failure(f"Unable to open/read PAM module file {path}: there is no such file")
        text = old.decode(errors="surrogateescape")
        new, counted = changed(text, args)
        return Edited(
            None if new == text else stamped(new, datetime.now().astimezone()).encode(errors="surrogateescape")
        )

    result = yield from edit(EditArgs(path=path, backup=args.backup), ctx, change)
    if result.failed:
        return result
    told = {"change_count": counted, "backupdest": result.data.get("backup_file", "")}
    return result.but(msg=None, data=told, registers_diff=False)


PAMD = Module("pamd", PamArgs, steps, "Sees to a rule of a PAM service file.")
