"""This module sees to an account of the node."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import State, as_shell, declare, shell_values
from orchestrator.modules.types import Bool, Int, Str, StrList

SCRIPTS = tuple(script(name, __file__) for name in ("user", "user_darwin", "user_linux"))


class UserArgs(Args):
    name: Str = Field(
        pattern=r"^[A-Za-z_][\w.-]*$", validation_alias=AliasChoices("name", "user"), description="The account."
    )
    state: Literal["present", "absent"] = Field("present", description="Whether it is to be there.")
    uid: Int | None = Field(None, ge=0, description="Its number.")
    group: Str | None = Field(None, description="Its primary group.")
    groups: StrList | None = Field(None, description="Further groups.")
    append: Bool = Field(False, description="Leave it in other groups as well.")
    comment: Str | None = Field(None, description="The person's name.")
    home: Str | None = Field(None, description="The home directory.")
    shell: Str | None = Field(None, description="The login shell.")
    password: Str | None = Field(None, description="macOS: the password; Linux: its hash.")
    update_password: Literal["always", "on_create"] = Field("always", description="When to set the password.")
    create_home: Bool = Field(
        True, validation_alias=AliasChoices("create_home", "createhome"), description="Make the home."
    )
    move_home: Bool = Field(False, description="Linux: move the home's contents.")
    system: Bool = Field(False, description="A system account.")
    hidden: Bool | None = Field(None, description="macOS: not on the login screen.")
    remove: Bool = Field(False, description="absent: also remove the home directory.")
    force: Bool = Field(False, description="Accepted.")
    non_unique: Bool = Field(False, description="Accepted.")

    @model_validator(mode="after")
    def _one_line(self) -> Self:
        if "\n" in (self.password or ""):
            raise ValueError("a password has no line break")
        return self


class UserState(State):
    state: str | None = None
    uid: str | None = None
    group: str | None = None
    groups: str | None = None
    comment: str | None = None
    home: str | None = None
    shell: str | None = None
    hidden: str | None = None
    password: str | None = None


def steps(args: UserArgs, ctx: Context) -> Steps:
    groups = ",".join(sorted(args.groups)) if args.groups is not None else None
    wanted: dict[str, Any] = {"state": args.state}
    if args.state == "present":
        given = {name: getattr(args, name) for name in ("uid", "group", "comment", "home", "shell", "hidden")}
        wanted |= {name: as_shell(value) for name, value in given.items() if value is not None}
        wanted |= {"groups": groups, "password": "kept" if args.password is not None else None}
    values = shell_values(
        args,
        groups=groups,
        groups_given="true" if groups is not None else "",
        system_account=args.system,
        password_done="",
    )
    seen = yield from declare(ctx, UserState, SCRIPTS, wanted, values)
    if isinstance(seen, Result):
        return seen
    data: dict[str, Any] = {"name": args.name, "state": args.state}
    if args.state == "present":
        after = seen.after.model_dump(exclude={"state", "password", "hidden"}, exclude_none=True)
        data |= {**after, **({"uid": int(after["uid"])} if after.get("uid") else {})}
    return seen.result(**data)


USER = Module("user", UserArgs, steps, "Sees to an account.")
