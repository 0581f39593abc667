"""This module sees to an account of the node."""

from __future__ import annotations

import re
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any, Final, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from orchestrator.model.program import Reply, Request, Run, Steps
from orchestrator.model.results import Result
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, Seen, State, as_shell, declare, refusal, shell_values
from orchestrator.modules.types import AsSaid, Bool, Float, Int, Str, StrList

DAY_S: Final = 86400
SHADOW: Final = (
    "password_expire_max",
    "password_expire_min",
    "password_expire_warn",
    "password_expire_account_disable",
)
SCRIPTS = tuple(script(name, __file__) for name in ("user", "user_key", "user_darwin", "user_linux"))


class UserArgs(Args):
    name: Str = Field(
        pattern=r"^[A-Za-z_][\w.-]*$", validation_alias=AliasChoices("name", "user"), description="The account."
    )
    state: Literal["absent", "present"] = Field("present", description="Whether it is to be there.")
    uid: Int | None = Field(None, ge=0, description="Its number.")
    group: Str | None = Field(None, description="Its primary group.")
    groups: StrList | None = Field(None, description="Further groups.")
    append: Bool = Field(False, description="Leave it in other groups as well.")
    comment: Str | None = Field(None, description="The person's name.")
    home: Str | None = Field(None, description="The home directory.")
    shell: Str | None = Field(None, description="The login shell; macOS: /bin/bash where it is left out.")
    password: Str | None = Field(None, description="macOS: the password; Linux: its hash.")
    update_password: Literal["always", "on_create"] = Field("always", description="When to set the password.")
    password_lock: Bool | None = Field(None, description="Linux: no login by password.")
    password_expire_max: Int | None = Field(None, description="Linux: days until a password has to be changed.")
    password_expire_min: Int | None = Field(None, description="Linux: days before it may be changed.")
    password_expire_warn: Int | None = Field(None, description="Linux: days of warning.")
    password_expire_account_disable: Int | None = Field(None, description="Linux: days until the account is disabled.")
    expires: Float | None = Field(
        None, description="Linux: when the account ends, in seconds since 1970; below 0: never."
    )
    create_home: Bool = Field(
        True, validation_alias=AliasChoices("create_home", "createhome"), description="Make the home."
    )
    move_home: Bool = Field(False, description="Linux: move the home's contents.")
    skeleton: Str | None = Field(None, description="Linux: what a new home begins with.")
    umask: Str | None = Field(None, pattern="^[0-7]{3,4}$", description="Linux: the umask of a new home.")
    uid_min: Int | None = Field(None, description="Linux: the least number of a new account.")
    uid_max: Int | None = Field(None, description="Linux: the greatest number of a new account.")
    system: Bool = Field(False, description="A system account; macOS: hidden, where `hidden` does not say otherwise.")
    hidden: Bool | None = Field(None, description="macOS: not on the login screen.")
    remove: Bool = Field(False, description="absent: also remove the home directory.")
    force: Bool = Field(
        False, description="absent on macOS: also remove the home; a new SSH key in place of the old one."
    )
    non_unique: Bool = Field(False, description="Linux: its number may be another's too.")
    generate_ssh_key: Bool = Field(False, description="Make an SSH key where there is none.")
    ssh_key_type: Str = Field("rsa", pattern=r"^[\w.@-]+$", description="The kind of the key.")
    ssh_key_bits: Int = Field(0, ge=0, description="Its size; 0: what ssh-keygen takes.")
    ssh_key_file: Str | None = Field(None, description="Where; from the home on. Left out: .ssh/id_TYPE.")
    ssh_key_comment: Str | None = Field(None, description="Left out: ansible-generated on HOST.")
    ssh_key_passphrase: Str | None = Field(None, description="What opens the key; left out: nothing is needed.")
    local: Bool | None = Field(None, description="Accepted: no other accounts are seen to.")
    seuser: Str | None = Field(None, description="Ignored: SELinux.")
    login_class: Str | None = Field(None, description="Ignored: of BSD.")
    profile: Str | None = Field(None, description="Ignored: of Solaris.")
    authorization: Str | None = Field(None, description="Ignored: of Solaris.")
    role: Str | None = Field(None, description="Ignored: of Solaris.")

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        if "\n" in (self.password or ""):
            raise ValueError("a password has no line break")
        if "\n" in (self.ssh_key_passphrase or ""):
            raise ValueError("a passphrase has no line break")
        try:
            _date(self.expires)
        except (ValueError, OverflowError, OSError) as error:
            raise AsSaid(f"Invalid value for 'expires' {self.expires}: {error}") from None
        for name in ("umask", "uid_min", "uid_max"):
            if self.local and getattr(self, name) is not None:
                raise ValueError(f"'{name}' can not be used with 'local'")
        return self


class UserState(State):
    state: str | None = None
    uid: str | None = None
    group: str | None = None
    groups: str | None = None
    comment: str | None = None
    home: str | None = None
    home_there: str | None = None
    shell: str | None = None
    hidden: str | None = None
    password: str | None = None
    password_lock: str | None = None
    password_expire_max: str | None = None
    password_expire_min: str | None = None
    password_expire_warn: str | None = None
    password_expire_account_disable: str | None = None
    expires: str | None = None
    ssh_key: str | None = None


DISABLED: Final = ("*", "!", "*************")
HASH_SIZES: Final = {"1": 22, "5": 43, "6": 86, "y": 43}
"""Ways to hash (crypt(5)), and how many characters each gives."""
NOT_HASHED: Final = (
    "The input password appears not to have been hashed. The 'password' argument must be encrypted for this module to "
    "work properly."
)
NO_GROUPS: Final = (
    "'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups.This will change to an "
    "error in Ansible 2.14."
)
PATHS = ("home", "shell", "ssh_key_file")
SAME_NAME = ("uid", "group", "comment", "home", "shell", "hidden", "password_lock", *SHADOW)


def wanted_of(args: UserArgs) -> dict[str, Any]:
    """The state that is asked for; days since 1970 in ``expires``, as shadow(5) has them."""
    if args.state == "absent":
        return {"state": "absent"}
    given = {name: getattr(args, name) for name in SAME_NAME}
    wanted: dict[str, Any] = {"state": "present"}
    wanted |= {name: as_shell(value) for name, value in given.items() if value is not None}
    if args.groups is not None:
        wanted["groups"] = ",".join(sorted(args.groups))
    if args.password is not None:
        wanted["password"] = "kept"
    if args.expires is not None:
        wanted["expires"] = "" if args.expires < 0 else str(int(args.expires // DAY_S))
    if args.create_home:
        wanted["home_there"] = "true"
    if args.generate_ssh_key:
        wanted["ssh_key"] = "present"
    return wanted


def _in_full(args: UserArgs, ctx: Context) -> Generator[Request, Any, UserArgs | Result]:
    """``args`` with a leading ~ in its paths put in full, as the node knows it; where that cannot be, the failure."""
    given = {name: path for name in PATHS if (path := getattr(args, name) or "").startswith("~")}
    if not given:
        return args
    values = {f"path_{name}": given.get(name, "") for name in PATHS}
    reply: Reply = yield Run(
        main="tell_paths", scripts=(PRELUDE, *SCRIPTS), values=values, environment=ctx.environment, repeatable=True
    )
    return refusal(reply) or args.model_copy(update={name: reply.first(name) or given[name] for name in given})


def steps(args: UserArgs, ctx: Context) -> Steps:
    found = yield from _in_full(args, ctx)
    if isinstance(found, Result):
        return found
    args = found
    wanted = wanted_of(args)
    values = shell_values(
        args,
        groups=wanted.get("groups", ""),
        groups_given="true" if args.groups is not None else "",
        expires=_date(args.expires),
        expires_days=wanted.get("expires", ""),
        system_account=args.system,
        password_done="",
        key_done="",
    )
    seen = yield from declare(ctx, UserState, SCRIPTS, wanted, values)
    if isinstance(seen, Result):
        named = {"name": args.name} if (seen.msg or "").startswith(("useradd", "usermod")) else {}
        return seen.but(data={**seen.data, **named})
    return result_of(args, seen, check=ctx.check)


def _date(expires: float | None) -> str:
    if expires is None or expires < 0:
        return ""
    return datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%d")


def result_of(args: UserArgs, seen: Seen, *, check: bool) -> Result:
    """The values that Ansible's ``user`` returns."""
    was_there = seen.before.model_dump()["state"] == "present"
    bare = seen.result().but(data={})
    if check and "state" in seen.changed:
        return bare
    data: dict[str, Any] = {"name": args.name, "state": args.state}
    if args.state == "absent":
        of_way = {"force": args.force, "remove": args.remove} if was_there else {}
        said = (seen.after.model_extra or {}).get("removal")
        told = {"stderr": f"{said}\n", "stderr_lines": said.splitlines()} if said else {}
        return bare.but(data={**data, **of_way, **told})
    names = ("append", "move_home") if was_there else ("system", "create_home")
    data |= {name: getattr(args, name) for name in names}
    after = (seen.before if check else seen.after).model_dump()
    data |= {"uid": int(after["uid"]), "group": int(after.get("gid") or -1)}
    data |= {name: after[name] for name in ("comment", "home", "shell")}
    if args.groups is not None:
        data["groups"] = ",".join(args.groups)
    if args.password is not None:
        data["password"] = "NOT_LOGGING_PASSWORD"
    if args.generate_ssh_key:
        data |= {name: after.get(name) for name in ("ssh_fingerprint", "ssh_key_file", "ssh_public_key")}
        data["ssh_fingerprint"] = data["ssh_fingerprint"] or ""
    is_mac = bool((seen.before if check else seen.after).model_dump().get("is_mac"))
    had_key = args.generate_ssh_key and not args.force and bool(seen.before.model_dump().get("ssh_fingerprint"))
    kept = (KEPT_KEY.format(data["ssh_key_file"]),) if had_key else ()
    return bare.but(data=data, warnings=(*bare.warnings, *_doubts(args, is_mac=is_mac), *kept))


KEPT_KEY = 'Found existing ssh key private file "{}", no force, so skipping ssh-keygen generation'


def _doubts(args: UserArgs, *, is_mac: bool) -> list[str]:
    """Ansible's warnings. A password of macOS is plain text, elsewhere it is what crypt(3) makes of one."""
    told = []
    if args.append and args.groups is None:
        told.append(NO_GROUPS)
    if args.password and not is_mac and not looks_hashed(args.password):
        told.append(NOT_HASHED)
    return told


def looks_hashed(password: str) -> bool:
    """Whether it could be what crypt(3) makes of a password, or one of the signs that let nobody in."""
    if password in DISABLED:
        return True
    fields = password.split("$")
    if len(fields) < 3 or any(each in password for each in ":*!"):
        return False
    is_plain = re.fullmatch(r"[a-zA-Z0-9./=]*", fields[-1]) is not None
    return is_plain and len(fields[-1]) == HASH_SIZES.get(fields[1], len(fields[-1]))


USER = Module("user", UserArgs, steps, "Sees to an account.")
